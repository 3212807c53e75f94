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
    """Nobody by this pseudonym waits, or has waited, at this hub."""


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
    """received: the clock that is reported; clock: when the referral was accepted, by which the queue goes.  rank: of the urgency."""

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
        """The queue goes by urgency, then by the clock."""
        self.rank = URGENCIES.index(self.urgency)
        person.wait(self.id, self.referral)
        stands = person.stands(self.referral)
        return (WaitingStarted(self.person, self.id, self.referral, self.booking, self.clock, stands),)

    def candidate(self, person: Person, records: tuple[Person, ...]) -> Candidate | None:
        """Them, as policies see them; None for who has no facts (any more)."""
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
        """Declined, lapsed or set aside: they wait on, with the clock they had. Silence is no answer and no discharge."""
        if self.state == "offered":
            self.state = "waiting"
            person.wait(self.id, self.referral)

    def refuse(self, group: GroupId, at: datetime, how: Literal["declined", "lapsed"]) -> None:
        self.refusals = (*self.refusals, Refusal(group, at, how))

    def met(self, person: Person) -> None:
        """What was wished for has been found."""
        self.state = "met"
        person.wait_no_longer(self.id)

    def is_met_by_passes(self, given: frozenset[str]) -> bool:
        """Whether nothing but open access was wished for, and all of it has been given: a pass meets no wish for a seat."""
        return set(self.wishes.modalities) <= given

    def erase(self, person: Person) -> None:
        """That somebody waited, and how long, is kept; nothing of what they wished for or refused."""
        self.close("erased", person)
        self.wishes, self.refusals = Wishes(), ()

    def close(self, because: str, person: Person) -> tuple[WaitingClosed, ...]:
        """They wait no longer. Nothing is said of an entry that was met: its membership says it."""
        was_open = self.is_open
        self.state, self.closed_because = "closed", because
        person.wait_no_longer(self.id)
        if not was_open:
            return ()
        return (WaitingClosed(self.person, self.id, self.referral, self.booking, because, person.stands(self.referral)),)
