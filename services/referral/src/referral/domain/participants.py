"""The person behind a pseudonym: their identity sealed, and known to rules by facts and blinded tokens only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from referral.domain.ids import PersonId, ReferralId
from referral.domain.values import Facts, Tokens, Window, Wishes

State = Literal["known", "erasing", "erased"]


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """The whole of what placement needs of a person."""

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
    """What a state event says of a referral that has not ended. accepted: None until it is, and then the wishes are told too."""

    referral: ReferralId
    source: str
    urgency: str
    received: datetime
    accepted: datetime | None
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class ParticipantStated:
    """All that this service publishes of a person. facts, tokens: None while scheduling has not been told of them."""

    person: PersonId
    facts: Facts | None
    tokens: Tokens | None
    free: tuple[Window, ...]
    busy: tuple[Window, ...]
    referrals: tuple[OpenReferral, ...]


class NotKnown(LookupError):
    """No hub served here has this participant."""


class NotFullyKnown(ValueError):
    """The participant's facts are not known: nothing can be published of them."""


@dataclass(slots=True)
class Participant:
    """index: finds the same person again; None once they are being erased.  sealed: an Identity under their own key in the vault.
    is_told: whether scheduling has been told of them."""

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
        """Take what was said last of the person as true. Published only if scheduling knows of them and something changed."""
        is_new = (self.facts, self.tokens, self.free) != (facts, tokens, free)
        self.sealed, self.facts, self.tokens, self.free = sealed, facts, tokens, free
        return [self._changed()] if self.is_told and is_new else []

    def tell(self) -> list[ParticipantChanged]:
        """Tell scheduling of them, unless it has been told: comes before the acceptance that needs it."""
        if self.is_told:
            return []
        self.is_told = True
        return [self._changed()]

    def erase(self) -> list[ParticipantErased]:
        """Keep the bare pseudonym. Their key still has to be destroyed; nothing happens when the erasure has begun already."""
        if self.state != "known":
            return []
        self.state, self.index, self.sealed = "erasing", None, None
        self.facts, self.tokens, self.free, self.busy = None, Tokens(), (), ()
        return [ParticipantErased(self.id)]

    def key_is_destroyed(self) -> None:
        """The erasure is complete."""
        self.state = "erased"

    def state_event(self, referrals: tuple[OpenReferral, ...]) -> ParticipantStated:
        """All that this service publishes of them, for whoever has to begin anew."""
        if not self.is_told:
            return ParticipantStated(self.id, None, None, (), (), referrals)
        return ParticipantStated(self.id, self.facts, self.tokens, self.free, self.busy, referrals)

    def _changed(self) -> ParticipantChanged:
        if self.facts is None:
            raise NotFullyKnown(f"{self.id} has no facts")
        return ParticipantChanged(self.id, self.facts, self.tokens, self.free, self.busy)
