"""Where a referral stands, as far as messages need to know: what was offered, what was taken, what has been undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

REMIND_AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Offer:
    """state: open, accepted, declined, expired or cancelled.  series and first_session: as the event told them."""

    id: str
    state: str
    deadline: datetime
    series: Mapping[str, Any]
    first_session: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seat:
    """cause: the id of the event that told of it."""

    id: str
    is_taken: bool
    cause: str
    series: Mapping[str, Any]

    @property
    def sessions(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.series["sessions"]
        return found


@dataclass(slots=True)
class Standing:
    """`id` is the referral's.  told: the offers whose mail a server has taken.  remind_from: when the next reminder is to be planned;
    None while there is nothing to come."""

    id: str
    hub: str
    participant: str
    offer: Offer | None = None
    seat: Seat | None = None
    remind_from: datetime | None = None
    told: tuple[str, ...] = ()
    version: int = 0
    said: int = 0

    def offered(self, offer: Offer) -> None:
        self.offer = offer

    def settled(self, offer: str, state: str) -> None:
        if self.offer and self.offer.id == offer:
            self.offer = replace(self.offer, state=state)

    def tell(self, offer: str) -> None:
        self.told = (*self.told, offer)

    def seated(self, seat: Seat, at: datetime) -> None:
        self.seat, self.remind_from = seat, at

    def released(self, seat: str) -> None:
        if self.seat and self.seat.id == seat:
            self.seat, self.remind_from = replace(self.seat, is_taken=False), None

    @property
    def is_undone(self) -> bool:
        """The offer was taken back, or the seat that followed from it is no longer theirs."""
        if self.seat:
            return not self.seat.is_taken
        return self.offer is not None and self.offer.state == "cancelled"

    def next_to_remind(self, at: datetime) -> Mapping[str, Any] | None:
        """The first session far enough ahead for a reminder. The one after it is planned once this one has begun."""
        sessions = self.seat.sessions if self.seat and self.seat.is_taken else ()
        found = next((session for session in sessions if start_of(session) - REMIND_AHEAD > at), None)
        self.remind_from = start_of(found) if found else None
        return found


def start_of(session: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(session["start"])
