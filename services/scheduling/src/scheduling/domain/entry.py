"""A waiting entry: one referral's way from acceptance to a seat. Its clock starts when the referral is accepted."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduling.domain import events
from scheduling.domain.group import Group
from scheduling.domain.people import Conflicts, Facts, Window, Wishes
from scheduling.domain.placement import Candidate, Rejection

URGENCIES = ("urgent", "soon", "routine")


class NoSuchEntry(LookupError):
    """Nobody by this pseudonym waits, or has waited, at this hub."""


@dataclass(frozen=True, slots=True)
class Offer:
    """state: open, accepted, declined, expired or cancelled."""

    id: str
    group: str
    made_at: datetime
    deadline: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Every reason why one group was not for them, when last looked at."""

    group: str
    rejections: tuple[Rejection, ...]


@dataclass(slots=True)
class Entry:
    """`id` is the referral's.  state: waiting, offered, seated, open_access or closed."""

    id: str
    hub: str
    participant: str
    facts: Facts
    conflicts: Conflicts
    wishes: Wishes
    availability: tuple[Window, ...]
    urgency: str
    clock_start: datetime
    state: str = "waiting"
    rank: int = 0
    why_not: tuple[WhyNot, ...] = ()
    offers: tuple[Offer, ...] = ()
    deadline: datetime | None = None
    seat: str = ""
    group: str = ""
    version: int = 0
    said: int = 0
    closed_because: str = field(default="")

    def start(self) -> list[events.WaitingStarted]:
        """The queue goes by urgency, then by the clock."""
        self.rank = URGENCIES.index(self.urgency)
        return [events.WaitingStarted(self)]

    @property
    def candidate(self) -> Candidate:
        refused = frozenset(offer.group for offer in self.offers if offer.state in {"declined", "expired"})
        return Candidate(self.participant, self.facts, self.conflicts, self.wishes, self.availability, refused)

    @property
    def open_offer(self) -> Offer | None:
        return next((offer for offer in self.offers if offer.state == "open"), None)

    def note(self, group: str, rejections: tuple[Rejection, ...]) -> bool:
        """Keep why a group is not for them; whether that is news."""
        told = WhyNot(group, rejections)
        if told in self.why_not:
            return False
        self.why_not = (*(known for known in self.why_not if known.group != group), told)
        return True

    def offer(self, offer: Offer, group: Group) -> list[events.OfferMade]:
        self.offers = (*self.offers, offer)
        self.why_not = tuple(known for known in self.why_not if known.group != group.id)
        self.state, self.deadline = "offered", offer.deadline
        return [events.OfferMade(self, offer, group)]

    def give_times(self, group: Group) -> list[events.OpenAccessGiven]:
        self.state, self.group = "open_access", group.id
        return [events.OpenAccessGiven(self, group)]

    def take(self, offer: str, seat: str, group: Group) -> list[events.OfferAccepted | events.SeatTaken]:
        self._settle(offer, "accepted", "seated")
        self.seat, self.group = seat, group.id
        return [events.OfferAccepted(self, offer), events.SeatTaken(self, offer, seat, group)]

    def decline(self, offer: str) -> list[events.OfferDeclined]:
        """They wait on, with the clock they had."""
        self._settle(offer, "declined", "waiting")
        return [events.OfferDeclined(self, offer)]

    def expire(self, offer: str) -> list[events.OfferExpired]:
        """Silence is no answer and no discharge: they wait on, with the clock they had."""
        self._settle(offer, "expired", "waiting")
        return [events.OfferExpired(self, offer)]

    def set_aside(self, offer: str, because: str) -> list[events.OfferCancelled]:
        """The offer ends from our side; they wait on."""
        self._settle(offer, "cancelled", "waiting")
        return [events.OfferCancelled(self, offer, because)]

    def close(self, because: str) -> list[events.Ending]:
        """End the wait, the offer or the seat, whichever stands."""
        endings: list[events.Ending] = []
        if offer := self.open_offer:
            self._settle(offer.id, "cancelled", "closed")
            endings.append(events.OfferCancelled(self, offer.id, because))
        if self.seat:
            endings.append(events.SeatReleased(self, self.seat, self.group, because))
        self.state, self.closed_because = "closed", because
        return [*endings, events.WaitingClosed(self, because)]

    def _settle(self, offer: str, state: str, entry_state: str) -> None:
        self.offers = tuple(replace(known, state=state) if known.id == offer else known for known in self.offers)
        self.state, self.deadline = entry_state, None
