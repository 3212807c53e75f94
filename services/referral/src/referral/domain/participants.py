"""The person behind a pseudonym: their identity is sealed, and rules see only facts and blinded tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from referral.domain.ids import PersonId, ReferralId
from referral.domain.values import Facts, Tokens, Window, Wishes

State = Literal["known", "erasing", "erased"]


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """All that placement needs about a person."""

    person: PersonId
    facts: Facts
    tokens: Tokens
    free: tuple[Window, ...]
    busy: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class ParticipantErased:
    """Nothing but the bare pseudonym may be kept."""

    person: PersonId


@dataclass(frozen=True, slots=True)
class OpenReferral:
    """An open referral in a state event. accepted: None until it is; only then are the wishes published."""

    referral: ReferralId
    source: str
    urgency: str
    received: datetime
    accepted: datetime | None
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class ParticipantStated:
    """All that this service publishes about a person. facts, tokens: None while they have not been published."""

    person: PersonId
    facts: Facts | None
    tokens: Tokens | None
    free: tuple[Window, ...]
    busy: tuple[Window, ...]
    referrals: tuple[OpenReferral, ...]


class NotKnown(LookupError):
    """No hub served here has this participant."""


class NotFullyKnown(ValueError):
    """The participant's facts are not known, so nothing can be published about them."""


@dataclass(slots=True)
class Participant:
    """index: to recognise the same person; None once they are being erased.  sealed: an Identity under their own key in the vault.
    is_told: whether their facts have been published."""

    id: PersonId
    hub: str
    index: str | None
    state: State = "known"
    sealed: bytes | None = None
    facts: Facts | None = None
    tokens: Tokens = Tokens()
    free: tuple[Window, ...] = ()
    busy: tuple[Window, ...] = ()
    is_told: bool = False
    version: int = 0
    last_sequence: int = 0

    def know(self, sealed: bytes, facts: Facts, tokens: Tokens, free: tuple[Window, ...]) -> list[ParticipantChanged]:
        """Update the person's details. Published only if they were published before and something changed."""
        is_new = (self.facts, self.tokens, self.free) != (facts, tokens, free)
        self.sealed, self.facts, self.tokens, self.free = sealed, facts, tokens, free
        return [self._changed()] if self.is_told and is_new else []

    def tell(self) -> list[ParticipantChanged]:
        """Publish their facts, unless that has been done: scheduling needs them before an acceptance."""
        if self.is_told:
            return []
        self.is_told = True
        return [self._changed()]

    def erase(self) -> list[ParticipantErased]:
        """Keep only the pseudonym. Their key has still to be destroyed; no effect if the erasure has already begun."""
        if self.state != "known":
            return []
        self.state, self.index, self.sealed = "erasing", None, None
        self.facts, self.tokens, self.free, self.busy = None, Tokens(), (), ()
        return [ParticipantErased(self.id)]

    def key_is_destroyed(self) -> None:
        """The erasure is complete."""
        self.state = "erased"

    def state_event(self, referrals: tuple[OpenReferral, ...]) -> ParticipantStated:
        """All that this service publishes about them, for consumers that have missed events."""
        if not self.is_told:
            return ParticipantStated(self.id, None, None, (), (), referrals)
        return ParticipantStated(self.id, self.facts, self.tokens, self.free, self.busy, referrals)

    def _changed(self) -> ParticipantChanged:
        if self.facts is None:
            raise NotFullyKnown(f"{self.id} has no facts")
        return ParticipantChanged(self.id, self.facts, self.tokens, self.free, self.busy)
