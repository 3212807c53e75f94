"""Makes the e-mail of a message: opens the contact for this moment, renders, and hands out one envelope."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol

from jinja2 import TemplateError

from notifications.adapters import mail
from notifications.adapters.calendar import invitation
from notifications.adapters.templates import Templates
from notifications.application.ports import Link, Links, Work
from notifications.application.sending import CannotBuild, NoContact
from notifications.domain.invitation import Invitation
from notifications.domain.message import Message
from notifications.domain.notification import Notification
from shared.store.vault import Erased

Context = Mapping[str, Any]


class Opener(Protocol):
    """The vault, as far as this service uses it."""

    def open(self, sealed: bytes) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Post:
    """public_url: where the pages of signed links are reached.  sender: a name and address that say nothing."""

    templates: Templates
    vault: Opener
    links: Links
    sender: mail.Address
    public_url: str

    def build(self, message: Message, work: Work) -> EmailMessage:
        contact = self._contact(message, work)
        notification = work.notifications.get(message.template)
        try:
            rendered = self.templates.render(notification.code, self._context(message, notification, contact, work))
            calendar = self._invitation(message, notification, contact, work)
            identity = f"<{message.id}@{self.sender.email.partition('@')[2]}>"
            return mail.build(contact["email"], self.sender, rendered, identity, work.now, calendar)
        except (ValueError, KeyError, TypeError, TemplateError) as error:  # its class says what is wrong; its text may quote the person
            raise CannotBuild(type(error).__name__) from error

    def _contact(self, message: Message, work: Work) -> Context:
        found = work.contacts.find(message.participant)
        if found is None:
            raise NoContact(message.participant)
        try:
            return self.vault.open(found.sealed)
        except Erased as error:
            raise CannotBuild("erased") from error

    def _context(self, message: Message, notification: Notification, contact: Context, work: Work) -> Context:
        context: dict[str, Any] = {
            "known_as": contact["known_as"],
            "hub": {"name": work.hub.name, "phone": work.hub.phone, "email": work.hub.email},
            "event": message.data,
            "preheader": notification.preheader,
        }
        if message.session:
            context |= {"session": message.session}
        if notification.answers:
            token = self.links.sign(Link(message.hub, message.referral, message.data["offer"]))
            context |= {"link": f"{self.public_url}/answer/{token}"}
        return context

    def _invitation(self, message: Message, notification: Notification, contact: Context, work: Work) -> bytes | None:
        if notification.calendar != "series":
            return None
        series = message.data["series"]
        return invitation(
            Invitation(
                uid=f"{message.data['seat']}@{self.sender.email.partition('@')[2]}",
                sequence=0,
                attendee=contact["email"],
                organiser=work.hub.email,
                summary=series["name"],
                location=series["place"],
                sessions=series["sessions"],
                method="REQUEST",
            ),
            work.now,
        )
