"""What the use cases need of the world outside them: each family as little as it can."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from notifications.domain.contacts import Contact
from notifications.domain.events import Event
from notifications.domain.ids import MembershipId, MessageId, PersonId
from notifications.domain.messages import Message, MessageState
from notifications.domain.notification import Notifications
from notifications.domain.places import Place
from notifications.domain.standings import Standing
from shared.process.hubs import Hub

# The place in the sealed text of a person's membership. Raises Poison: UnknownSealingKey, BadSeal.
OpenPlace = Callable[[PersonId, str], Place]


@dataclass(frozen=True, slots=True)
class Page:
    """What a list is asked for. person, state: None for any.  after: the last id of the page before."""

    person: PersonId | None
    state: MessageState | None
    after: str
    limit: int


class Messages(Protocol):
    def get(self, message: MessageId) -> Message | None:
        """A hub's own; another hub's is as one that is not there."""
        ...

    def get_anywhere(self, identity: str) -> Message | None: ...

    def listed(self, page: Page) -> Sequence[Message]: ...

    def planned_for(self, standing: Standing) -> Sequence[Message]: ...

    def forget_content(self, standing: Standing) -> None:
        """Remove what all messages to this person tell of where and when, also of those that a sender has in hand."""
        ...

    def save(self, aggregate: Message) -> None: ...


class Standings(Protocol):
    def get_anywhere(self, identity: str) -> Standing | None: ...

    def listed(self, page: Page) -> Sequence[Standing]:
        """Those of a hub to whom a message was planned."""
        ...

    def save(self, aggregate: Standing, events: Iterable[Event] = ()) -> None: ...


class Contacts(Protocol):
    def find(self, person: PersonId) -> Contact | None: ...

    def keep(self, contact: Contact) -> None: ...

    def delete(self, person: PersonId) -> None: ...


class Vault(Protocol):
    """Opens what was sealed under a person's own key. Raises Erased, Retryable."""

    def open(self, sealed: bytes) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Link:
    """What a signed link is about: ids only."""

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
    """For what other services and the clock set in motion. hub: its code."""

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
    """hub: with the words by which it is reached."""

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
