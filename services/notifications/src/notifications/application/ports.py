"""The interfaces that use cases need from adapters: for each family as few as possible."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from notifications.domain.contacts import Contact
from notifications.domain.events import Event
from notifications.domain.ids import MembershipId, MessageId, PersonId
from notifications.domain.messages import Message, MessageState
from notifications.domain.notification import Notifications
from notifications.domain.places import Place
from notifications.domain.standings import Standing
from shared.process.hubs import Hub

# Opens the sealed place of a person's membership. Raises Poison: UnknownSealingKey, BadSeal, UnknownPlace.
OpenPlace = Callable[[PersonId, str], Place]


@dataclass(frozen=True, slots=True)
class Page:
    """The filters and page of a list. person, state: None for any.  after: the last id of the page before."""

    person: PersonId | None
    state: MessageState | None
    after: str
    limit: int


class Messages(Protocol):
    def get(self, message: MessageId) -> Message | None:
        """The hub's own message; None also for another hub's."""
        ...

    def get_anywhere(self, identity: str) -> Message | None: ...

    def listed(self, page: Page) -> Sequence[Message]: ...

    def planned_for(self, standing: Standing) -> Sequence[Message]: ...

    def forget_content(self, standing: Standing) -> None:
        """Remove places and times from all messages to this person, including those that a sender has claimed."""
        ...

    def save(self, aggregate: Message) -> None: ...


class Standings(Protocol):
    def get_anywhere(self, identity: str) -> Standing | None: ...

    def unreached(self, page: Page) -> Sequence[Standing]:
        """The standings of a hub's people whom the newest message did not reach, or perhaps not."""
        ...

    def save(self, aggregate: Standing, events: Iterable[Event] = ()) -> None: ...


class Contacts(Protocol):
    def find(self, person: PersonId) -> Contact | None: ...

    def keep(self, contact: Contact) -> None: ...

    def delete(self, person: PersonId) -> None: ...


class Vault(Protocol):
    """Opens what was sealed under a person's own key. Raises Erased, Retryable."""

    def open(self, participant: str, purpose: Literal["contact"], sealed: bytes) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Link:
    """The content of a signed link: ids only."""

    person: PersonId
    membership: MembershipId


class Links(Protocol):
    def sign(self, link: Link) -> str:
        """The token of a link."""
        ...

    def read(self, token: str) -> Link:
        """Raises LinkGone for a token that is not ours or has expired."""
        ...


@dataclass(frozen=True, slots=True)
class HearingWork:
    """For use cases caused by events and by time. hub: its code."""

    hub: str
    now: datetime
    standings: Standings
    messages: Messages
    contacts: Contacts
    notifications: Notifications
    open_place: OpenPlace


@dataclass(frozen=True, slots=True)
class ContactWork:
    standings: Standings
    contacts: Contacts


@dataclass(frozen=True, slots=True)
class AnswerWork:
    now: datetime
    standings: Standings
    open_place: OpenPlace


@dataclass(frozen=True, slots=True)
class SendingWork:
    """hub: with its name, phone number and address."""

    hub: Hub
    now: datetime
    standings: Standings
    messages: Messages
    contacts: Contacts
    notifications: Notifications
    open_place: OpenPlace


@dataclass(frozen=True, slots=True)
class MessageWork:
    messages: Messages


@dataclass(frozen=True, slots=True)
class StandingWork:
    standings: Standings
