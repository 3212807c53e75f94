"""A membership: a person's belonging to a group. While it is held until a deadline, it is the offer.

A Placement is a membership with its group, person, entry and the person's other records, which change together or not at all.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from scheduling.domain.groups import Group, Place
from scheduling.domain.ids import BookingId, EntryId, GroupId, HubCode, MembershipId, PersonId, ReferralId
from scheduling.domain.people import Kind, Person, PlaceOfPerson, Stands
from scheduling.domain.placement import Candidate, facts_suit
from scheduling.domain.roster import OnRoster
from scheduling.domain.waiting import WaitingEntry

MembershipState = Literal["held", "taken", "paused", "ended"]
LIVE: tuple[MembershipState, ...] = ("held", "taken", "paused")
Answer = Literal["accept", "decline"]
Reason = Literal[
    "declined", "lapsed", "withdrawn", "conflict", "not_suitable", "another_taken", "cancelled", "series_ended", "erased", "left"
]
REASONS: dict[str, Reason] = {reason: reason for reason in get_args(Reason)}


@dataclass(frozen=True, slots=True)
class Whose:
    """The person and referral that a membership concerns, and the referral's status afterwards."""

    person: PersonId
    membership: MembershipId
    referral: ReferralId | None
    booking: BookingId | None
    stands: Stands


@dataclass(frozen=True, slots=True)
class Offered:
    whose: Whose
    place: Place


@dataclass(frozen=True, slots=True)
class Taken:
    whose: Whose
    place: Place


@dataclass(frozen=True, slots=True)
class InConflict:
    whose: Whose


@dataclass(frozen=True, slots=True)
class Ended:
    whose: Whose
    reason: Reason


Happened = tuple[Offered | Taken | InConflict | Ended, ...]


class NoSuchMembership(LookupError):
    """This hub has no such membership."""


class LateYes(Exception):
    """A yes that was given in time but arrived after the offer had lapsed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One state in a membership's history."""

    state: MembershipState
    at: datetime
    reason: Reason | None = None


@dataclass(slots=True)
class Membership:
    """deadline: of an offer.  history: every state it has been in."""

    id: MembershipId
    hub: HubCode
    person: PersonId
    group: GroupId
    kind: Kind
    state: MembershipState
    entry: EntryId | None = None
    referral: ReferralId | None = None
    booking: BookingId | None = None
    deadline: datetime | None = None
    reason: Reason | None = None
    history: tuple[Step, ...] = field(default=())
    version: int = 0

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def was_taken(self) -> bool:
        return any(step.state == "taken" for step in self.history)

    @property
    def began(self) -> datetime:
        return self.history[0].at

    def become(self, state: MembershipState, at: datetime, reason: Reason | None = None) -> None:
        self.state, self.reason = state, reason
        self.history = (*self.history, Step(state, at, reason))


@dataclass(slots=True)
class Placement:
    """records: all other records of the same person."""

    membership: Membership
    group: Group
    person: Person
    entry: WaitingEntry | None = None
    records: tuple[Person, ...] = ()

    def offer(self, candidate: Candidate, at: datetime) -> Happened:
        """Hold a place for the candidate until the deadline. Raises NoRoom."""
        deadline = deadline_of(self.group, at)
        self.membership.deadline = deadline
        self.membership.become("held", at)
        self.group.add(candidate.on_roster(self.membership.id, self.group))
        self.person.have(self._place_of_person("held", at))
        if self.entry:
            self.entry.offered()
        return (Offered(self._whose(), self.group.place(self.membership.kind, at, deadline)),)

    def answer(self, answer: Answer, answered_at: datetime, at: datetime) -> Happened:
        """Take an answer; one to a place that is no longer held changes nothing.

        Raises LateYes for a yes given before the deadline of an offer that has lapsed meanwhile.
        """
        in_time = self.membership.deadline is None or answered_at <= self.membership.deadline
        if self.membership.state == "held" and answer == "decline":
            return self.end("declined", at)
        if self.membership.state == "held" and in_time:
            return self.accept(at)
        if self.membership.reason == "lapsed" and answer == "accept" and in_time:
            raise LateYes(self.membership.id)
        return ()

    def accept(self, at: datetime) -> Happened:
        """Accept an offer in time. The person's facts are checked again: they may have changed since the offer."""
        candidate = self.entry.candidate(self.person, (self.person, *self.records)) if self.entry else None
        if candidate and not facts_suit(candidate, self.group.without(self.membership.id), at):
            return self.end("not_suitable", at)
        return self.take(at)

    def take(self, at: datetime) -> Happened:
        """Turn the held place into a taken one."""
        self.membership.become("taken", at)
        self.group.take(self.membership.id)
        self.person.take(self.membership.id)
        if self.entry:
            self.entry.met(self.person)
        return self.taken(at)

    def give_pass(self, at: datetime) -> Happened:
        """Give a pass for an open-access group at once: no place is held and no register is kept."""
        self.membership.become("taken", at)
        self.person.have(self._place_of_person("taken", at))
        if self.entry and self.entry.is_met_by_passes(self.person.passes):
            self.entry.met(self.person)
        return self.taken(at)

    def run(self, at: datetime) -> None:
        """Make them facilitators from the opening. `taken` is published once all facilitators are on the roster."""
        mine, person = self.membership.id, self.person
        self.membership.become("taken", at)
        self.group.add(OnRoster(mine, person.id, person.hub, "runs", "taken", person.tokens, sealed_name=person.sealed_name))
        person.have(self._place_of_person("taken", at))

    def taken(self, at: datetime) -> Happened:
        """The event that they have the place."""
        return (Taken(self._whose(), self.group.place(self.membership.kind, at)),)

    def lapse(self, at: datetime) -> Happened:
        """End the offer, if its deadline has passed without an answer."""
        is_due = self.membership.state == "held" and self.membership.deadline is not None and self.membership.deadline <= at
        return self.end("lapsed", at) if is_due else ()

    def end(self, reason: Reason, at: datetime) -> Happened:
        """End it, and publish the reason. An ended membership stays ended."""
        if not self.membership.is_live:
            return ()
        was_held = self.membership.state == "held"
        self.membership.become("ended", at, reason)
        self.group.free(self.membership.id)
        self.person.lose(self.membership.id)
        if self.entry and was_held:
            self._back_to_waiting(self.entry, reason, at)
        return (Ended(self._whose(), reason),)

    def part(self) -> Happened:
        """The event that they must not meet another member, although both have places."""
        return (InConflict(self._whose()),)

    def _back_to_waiting(self, entry: WaitingEntry, reason: Reason, at: datetime) -> None:
        entry.wait_on(self.person)
        if reason == "declined" or reason == "lapsed":  # noqa: PLR1714 - so that the type is narrowed
            entry.refuse(self.group.id, at, reason)

    def _place_of_person(self, state: Literal["held", "taken"], at: datetime) -> PlaceOfPerson:
        spans = tuple(meeting.span for meeting in self.group.coming(at))
        mine, modality = self.membership, self.group.terms.modality
        return PlaceOfPerson(mine.id, self.group.id, modality, mine.kind, state, spans, mine.referral)

    def _whose(self) -> Whose:
        mine = self.membership
        return Whose(mine.person, mine.id, mine.referral, mine.booking, self.person.stands(mine.referral))


def deadline_of(group: Group, at: datetime) -> datetime:
    """The deadline of an offer: never after the start of a closed series, which cannot be joined later."""
    wanted = at + timedelta(hours=group.terms.hours_held)
    return min(wanted, group.meetings[0].start) if group.terms.membership == "closed" else wanted
