"""What the use cases need of the outside."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from referral.domain.advice import Advice
from referral.domain.facilitator import Facilitator
from referral.domain.participant import Participant
from referral.domain.referral import Referral
from referral.domain.values import Wishes


class Referrals(Protocol):
    def get(self, referral: str) -> Referral:
        """Raises NoSuchReferral, also for another hub's."""
        ...

    def open_for(self, index: str) -> Referral | None: ...

    def listed(self, query: dict[str, Any], after: str, limit: int) -> Sequence[Referral]: ...

    def save(self, referral: Referral, events: Iterable[Any] = ()) -> None: ...


class Participants(Protocol):
    def known_as(self, index: str) -> Participant | None: ...

    def get(self, participant: str) -> Participant: ...

    def save(self, participant: Participant, events: Iterable[Any] = ()) -> None: ...


class Facilitators(Protocol):
    def known_as(self, index: str) -> Facilitator | None: ...

    def save(self, facilitator: Facilitator, events: Iterable[Any] = ()) -> None: ...


class Modalities(Protocol):
    def check(self, wishes: Wishes) -> None:
        """Raises UnknownWish, or CatalogueNotHere while scheduling has not told the catalogue yet."""
        ...

    def list(self, code: str, variants: tuple[str, ...], topics: tuple[str, ...]) -> None: ...


class Safe(Protocol):
    """The vault, as far as this service uses it."""

    def create_key(self, participant: str) -> None: ...

    def seal(self, participant: str, what: dict[str, Any]) -> bytes: ...

    def open(self, sealed: bytes) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Secrets:
    """blind_index: finds the same person again.  conflict: keeps colleagues apart. Two keys: two purposes."""

    blind_index: bytes
    conflict: bytes


@dataclass(slots=True)
class Work:
    """One use case at one hub: all it may touch."""

    hub: str
    now: datetime
    referrals: Referrals
    participants: Participants
    facilitators: Facilitators
    modalities: Modalities
    safe: Safe
    secrets: Secrets
    advice: Advice
    new_id: Callable[[str], str]
    new_pseudonym: Callable[[], str]
