"""Builds the e-mail of a message: opens the contact for the moment of sending, renders, and returns one envelope."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from pymongo.errors import EncryptionError

from notifications.adapters import mail
from notifications.adapters.calendar import invitation
from notifications.adapters.templates import HubCard, MailContext, Templates
from notifications.application.ports import Link, Links, SendingWork, Vault
from notifications.application.sending import CannotBuild, NoContact, NotNow
from notifications.domain.invitation import Invitation
from notifications.domain.messages import Message
from notifications.domain.notification import Notification
from notifications.domain.places import Place
from shared.process.hubs import Hub
from shared.store.vault import Erased, Misplaced


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person's contact, as opened from the vault's ciphertext."""

    known_as: str
    email: str


@dataclass(frozen=True, slots=True)
class MailBuilder:
    """public_url: of the pages of signed links.  sender: a discreet name and address."""

    templates: Templates
    vault: Vault
    links: Links
    sender: mail.Address
    public_url: str

    def build(self, message: Message, place: Place | None, work: SendingWork) -> EmailMessage:
        """The e-mail to the one person. Raises CannotBuild, NotNow, NoContact, NoSuchNotification."""
        notification = work.notifications.get(message.template)
        opened = self._opened(message, work)
        try:
            to = Recipient(opened["known_as"], opened["email"])
            context = self._context(message, notification, to, place, work.hub)
            rendered = self.templates.render(notification.code, context)
            calendar = invitation(self._invited(message, to, place, work.hub), work.now) if notification.calendar == "series" else None
            return mail.build(to.email, self.sender, rendered, f"<{message.id}@{self._domain}>", work.now, calendar)
        except CannotBuild:
            raise
        except Exception as error:  # other messages go on. Only the class is reported, because the text may quote the person
            raise CannotBuild(type(error).__name__) from error

    @property
    def _domain(self) -> str:
        return self.sender.email.partition("@")[2]

    def _opened(self, message: Message, work: SendingWork) -> Mapping[str, Any]:
        found = work.contacts.find(message.person)
        if found is None:
            raise NoContact(message.person)
        try:
            return self.vault.open(message.person, "contact", found.sealed)
        except Erased as error:
            raise CannotBuild("erased") from error
        except Misplaced as error:
            raise CannotBuild(str(error)) from error
        except EncryptionError as error:
            raise NotNow("the contact cannot be opened: check the vault's master key, VAULT_MASTER_KEY_FILE") from error

    def _context(self, message: Message, notification: Notification, to: Recipient, place: Place | None, hub: Hub) -> MailContext:
        return MailContext(
            known_as=to.known_as,
            hub=HubCard(hub.name, hub.phone, hub.email),
            preheader=notification.preheader,
            place=place,
            session=place.meeting_of(message.session) if place else None,
            link=self._link(message) if notification.answers else None,
        )

    def _link(self, message: Message) -> str:
        if message.membership is None:
            raise CannotBuild("there is nothing that its link could answer")
        return f"{self.public_url}/answer/{self.links.sign(Link(message.person, message.membership))}"

    def _invited(self, message: Message, to: Recipient, place: Place | None, hub: Hub) -> Invitation:
        if message.membership is None or place is None:
            raise CannotBuild("there is no series to put into a calendar")
        return Invitation(
            uid=f"{message.membership}@{self._domain}",
            sequence=place.revision,
            attendee=to.email,
            organiser=hub.email,
            summary=place.name,
            location=place.venue,
            meetings=place.meetings,
            method="REQUEST",
        )
