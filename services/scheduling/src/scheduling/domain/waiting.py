"""A waiting entry: one person waiting, for one referral or booking. Its clock starts when the referral is accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scheduling.domain.ids import BookingId, EntryId, GroupId, HubCode, PersonId, ReferralId
from scheduling.domain.people import Person, Stands
from scheduling.domain.placement import Candidate, Refusal, Urgency, Wishes

URGENCIES: tuple[Urgency, ...] = ("urgent", "soon", "routine")

EntryState = Literal["waiting", "offered", "met", "closed"]


class NoSuchEntry(LookupError):
    """This pseudonym is not, and never was, on this hub's waiting list."""


@dataclass(frozen=True, slots=True)
class WaitingStarted:
    person: PersonId
    entry: EntryId
    referral: ReferralId | None
    booking: BookingId | None
    clock: datetime
    stands: Stands


@dataclass(frozen=True, slots=True)
class WaitingClosed:
    person: PersonId
    entry: EntryId
    referral: ReferralId | None
    booking: BookingId | None
    reason: str
    stands: Stands


@dataclass(slots=True)
class WaitingEntry:
    """received: the clock for reports.  clock: when the referral was accepted, the clock of the queue.  rank: of the urgency."""

    id: EntryId
    hub: HubCode
    person: PersonId
    referral: ReferralId | None
    booking: BookingId | None
    wishes: Wishes
    urgency: Urgency
    received: datetime
    clock: datetime
    rank: int = 0
    state: EntryState = "waiting"
    refusals: tuple[Refusal, ...] = ()
    closed_because: str | None = None
    version: int = 0

    @property
    def is_open(self) -> bool:
        return self.state in {"waiting", "offered"}

    def start(self, person: Person) -> tuple[WaitingStarted, ...]:
        """Join the queue, which is ordered by urgency, then by clock."""
        self.rank = URGENCIES.index(self.urgency)
        person.wait(self.id, self.referral)
        stands = person.stands(self.referral)
        return (WaitingStarted(self.person, self.id, self.referral, self.booking, self.clock, stands),)

    def candidate(self, person: Person, records: tuple[Person, ...]) -> Candidate | None:
        """The person as policies see them; None if they have no facts (any longer)."""
        if person.facts is None:
            return None
        return Candidate(
            entry=self.id,
            hub=self.hub,
            person=self.person,
            referral=self.referral,
            facts=person.facts,
            tokens=person.tokens,
            wishes=self.wishes,
            free=person.free,
            busy=person.busy,
            urgency=self.urgency,
            records=records,
            refusals=self.refusals,
        )

    def offered(self) -> None:
        self.state = "offered"

    def wait_on(self, person: Person) -> None:
        """After an offer that was declined, lapsed or set aside they wait on, with the same clock. Silence is not a discharge."""
        if self.state == "offered":
            self.state = "waiting"
            person.wait(self.id, self.referral)

    def refuse(self, group: GroupId, at: datetime, how: Literal["declined", "lapsed"]) -> None:
        self.refusals = (*self.refusals, Refusal(group, at, how))

    def met(self, person: Person) -> None:
        """The person has been placed as wished."""
        self.state = "met"
        person.wait_no_longer(self.id)

    def is_met_by_passes(self, given: frozenset[str]) -> bool:
        """Whether only open-access groups were wished for, and all have been given: a pass does not satisfy a wish for a seat."""
        return set(self.wishes.modalities) <= given

    def erase(self, person: Person) -> None:
        """Close the entry and delete wishes and refusals; that somebody waited, and how long, is kept."""
        self.close("erased", person)
        self.wishes, self.refusals = Wishes(), ()

    def close(self, because: str, person: Person) -> tuple[WaitingClosed, ...]:
        """End the waiting. Nothing is published for an entry that was met: its membership's events suffice."""
        was_open = self.is_open
        self.state, self.closed_because = "closed", because
        person.wait_no_longer(self.id)
        if not was_open:
            return ()
        return (WaitingClosed(self.person, self.id, self.referral, self.booking, because, person.stands(self.referral)),)
