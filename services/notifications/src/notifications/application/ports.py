"""What the use cases need of the outside."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from notifications.domain.answer import Answer
from notifications.domain.contact import Contact
from notifications.domain.message import Message
from notifications.domain.notification import Notifications
from notifications.domain.standing import Standing
from shared.process.hubs import Hub


class Messages(Protocol):
    def get(self, message: str) -> Message:
        """Raises NoSuchMessage, also for another hub's."""
        ...

    def plan(self, message: Message) -> None:
        """Keep it, unless it has been planned before."""
        ...

    def listed(self, query: dict[str, Any], after: str, limit: int) -> Sequence[Message]: ...

    def save(self, message: Message, events: Iterable[Any] = ()) -> None: ...


class Standings(Protocol):
    def find(self, referral: str) -> Standing | None: ...

    def save(self, standing: Standing) -> None: ...


class Contacts(Protocol):
    def find(self, participant: str) -> Contact | None: ...

    def keep(self, contact: Contact) -> None: ...


class Answers(Protocol):
    def find(self, offer: str) -> Answer | None: ...

    def save(self, answer: Answer, events: Iterable[Any] = ()) -> None: ...


@dataclass(frozen=True, slots=True)
class Link:
    """What a signed link is about."""

    hub: str
    referral: str
    offer: str


class Links(Protocol):
    def sign(self, link: Link) -> str:
        """The token of a link."""
        ...

    def read(self, token: str) -> Link:
        """Raises LinkGone for a token that is not ours or has expired."""
        ...


@dataclass(slots=True)
class Work:
    """One use case at one hub: all it may touch. cause: the id of the event or request that began it."""

    hub: Hub
    now: datetime
    cause: str
    messages: Messages
    standings: Standings
    contacts: Contacts
    answers: Answers
    notifications: Notifications
    new_id: Callable[[str], str]
