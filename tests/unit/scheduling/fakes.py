"""The ports of scheduling in dictionaries, and people and groups to put into them.

What is saved is a copy, as a store keeps it; within a unit each thing is one object, as in shared.store.documents.Repository; a unit that
fails leaves nothing behind.
"""

from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import get_type_hints

from scheduling.adapters.recurrence import lay_out
from scheduling.application import memberships, people, waiting
from scheduling.application.matching import Matcher
from scheduling.application.memberships import Lapse, TakeAnswer
from scheduling.application.people import KnowParticipant, KnowStaff
from scheduling.application.ports import GroupWork, ModalityWork, PlacementWork
from scheduling.application.waiting import StartWaiting, Withdraw
from scheduling.domain.catalogue import Catalogue, Eligibility
from scheduling.domain.groups import OPEN, Group, Meeting, NoSuchGroup, Terms
from scheduling.domain.memberships import Membership, Step
from scheduling.domain.modalities import Listing
from scheduling.domain.people import Facts, NoSuchPerson, Person, PlaceOfPerson
from scheduling.domain.placement import Candidate, Wishes
from scheduling.domain.roster import OnRoster
from scheduling.domain.sessions import Session
from scheduling.domain.timetable import Timetable
from scheduling.domain.tokens import Tie, Tokens
from scheduling.domain.waiting import NoSuchEntry
from shared.errors import Stale
from shared.validation.discretion import is_discreet

HUB, SOUTH = "north", "south"
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
TUESDAY_EVENING = datetime.fromisoformat("2027-01-12T18:30")  # naive: on the wall clock
A_WEEK = timedelta(weeks=1)
GP = Facts("doctor", "gp", "woman", "working")
TRAINEE = Facts("doctor", "gp_trainee", "woman", "working")


def tokens(name, *ties, never_with=()):
    """Of somebody who says where they work; no two names are the same human."""
    return Tokens((f"own-of-{name}",), tuple(Tie(tie) for tie in ties), tuple(never_with))


def terms(**changes):
    usual = Terms("analytic", Eligibility(), "off", "slow-open", "referral", "weekly", name="Weekly evening")
    return replace(usual, **changes)


def runs(name="alex", *ties, state="taken", **more):
    """A row of who runs a group: F-alex, by the membership S-of-F-alex."""
    return OnRoster(f"S-of-F-{name}", f"F-{name}", HUB, "runs", state, tokens(f"F-{name}", *ties), sealed_name=f"sealed {name}", **more)


ALEX = runs()


def member(name, *ties, state="held", grade="gp", never_with=(), kind="seat"):
    return OnRoster(f"S-of-{name}", f"P-{name}", HUB, kind, state, tokens(name, *ties, never_with=never_with), grade)


def meetings(first=TUESDAY_EVENING, number=8, minutes=90, id="G-1", zone="Europe/London"):
    days = lay_out(Timetable("weekly", first, minutes, number, zone), set())
    return tuple(Meeting(f"X-{id}-{each}", day.start, day.end) for each, day in enumerate(days, 1))


def group(  # noqa: PLR0913 - an example says only what it is about
    id="G-1", capacity=8, *, roster=(ALEX,), first=TUESDAY_EVENING, number=8, minutes=90, hub=HUB, open_to=None, **of_terms
):
    laid_out = meetings(first, number, minutes, id)
    return Group(id, hub, open_to or (hub,), terms(**of_terms), "Room 3", "Europe/London", capacity, laid_out, tuple(roster))


def candidate(name="sam", **changes):
    person = Person(f"P-{name}", HUB, GP, tokens(name))
    usual = Candidate(f"W-{name}", HUB, f"P-{name}", f"R-{name}", GP, tokens(name), Wishes(), (), (), "routine", (person,))
    return replace(usual, **changes)


class FakeRepository:
    """Like shared.store.documents.Repository. kept: the collection, by id, which every unit shares."""

    def __init__(self, kept, hub):
        self._kept, self.hub, self._known = kept, hub, {}

    def find(self, identity):
        if identity in self._kept and identity not in self._known:
            self._known[identity] = copy(self._kept[identity])
        return self._known.get(identity)

    def anywhere(self, suits):
        """By id, those whose stored state suits: what a unit has changed and not saved is not found by a query."""
        return [self.find(identity) for identity in sorted(self._kept) if suits(self._kept[identity])]

    def here(self, suits):
        return self.anywhere(lambda each: each.hub == self.hub and suits(each))

    def remove(self, identity):
        self._known.pop(identity, None)
        del self._kept[identity]

    def save(self, aggregate):
        stored = self._kept.get(aggregate.id)
        if aggregate.version != (stored.version if stored else 0):
            raise Stale(aggregate.id)
        aggregate.version += 1
        self._known[aggregate.id], self._kept[aggregate.id] = aggregate, copy(aggregate)


class FakePeople(FakeRepository):
    def __init__(self, kept, hub, told):
        super().__init__(kept, hub)
        self._told = told

    def get(self, person):
        found = self.find(person)
        if found is None:
            raise NoSuchPerson(person)
        return found

    def all(self, people):
        return self.anywhere(lambda each: each.id in people)

    def records_of(self, person):
        return self.anywhere(lambda each: each.id != person.id and not set(each.tokens.own).isdisjoint(person.tokens.own))

    def may_run_groups(self, people):
        found = (self.find(each) for each in dict.fromkeys(people))
        return [each for each in found if each and self.hub in each.hubs]

    def save(self, person, events=()):
        new = list(events)
        self._told.extend(new)
        person.last_sequence += len(new)
        super().save(person)


class FakeEntries(FakeRepository):
    def get(self, entry):
        found = self.find(entry)
        if found is None or found.hub != self.hub:
            raise NoSuchEntry(entry)
        return found

    def of_referral(self, referral):
        return next(reversed(self.anywhere(lambda each: each.referral == referral)), None)

    def of_person(self, person):
        return self.here(lambda each: each.person == person)

    def listed(self, after, limit):
        return self.here(lambda each: each.is_open and each.id > after)[:limit]


class FakeGroups(FakeRepository):
    def get(self, group):
        found = self.get_anywhere(group)
        if found.hub != self.hub:
            raise NoSuchGroup(group)
        return found

    def get_anywhere(self, group):
        found = self.find(group)
        if found is None:
            raise NoSuchGroup(group)
        return found

    def with_on_roster(self, person):
        return self.anywhere(lambda each: each.state in OPEN and person in {row.person for row in each.roster})

    def open_to_this_hub(self):
        return self.anywhere(lambda each: each.state in OPEN and self.hub in each.open_to)

    def listed(self, after, limit):
        return self.here(lambda each: each.id > after)[:limit]


class FakeMemberships(FakeRepository):
    def live_in(self, group):
        return self.anywhere(lambda each: each.is_live and each.group == group)

    def live_of(self, person):
        return self.anywhere(lambda each: each.is_live and each.person == person)

    def of_person(self, person):
        return self.here(lambda each: each.person == person)

    def forget(self, person):
        for each in self.anywhere(lambda each: each.person == person):
            self.remove(each.id)

    def save(self, membership):
        twins = [each for each in self.live_in(membership.group) if each.person == membership.person and each.id != membership.id]
        if membership.is_live and twins:
            raise Stale(f"{membership.person} has a place in {membership.group}")
        super().save(membership)


class FakeSessions(FakeRepository):
    def of_group(self, group):
        return sorted(self.anywhere(lambda each: each.group == group), key=lambda each: each.start)


class FakeListings(FakeRepository):
    def __init__(self, kept, hub, told):
        super().__init__(kept, hub)
        self._told = told

    def of(self, code):
        return self.find(f"{self.hub}/{code}") or Listing(f"{self.hub}/{code}", self.hub, code)

    def save(self, listing, events=()):
        self._told.extend(events)
        super().save(listing)


COLLECTIONS = ("people", "entries", "groups", "memberships", "sessions", "listings")


@dataclass
class FakeHub:
    """Hubs whose clock a test moves. told: every event, in order. groups_of: the hubs whose groups the matcher matches."""

    catalogue: Catalogue = field(default_factory=Catalogue)
    now: datetime = NOW
    groups_of: tuple[str, ...] = (HUB, SOUTH)

    def __post_init__(self):
        self.told, self.kept = [], {name: {} for name in COLLECTIONS}
        self._numbers = count(1)

    def run(self, use_case, command, at=HUB):
        """One use case in a unit of its own; afterwards everything is in step."""
        before, told = {name: dict(kept) for name, kept in self.kept.items()}, len(self.told)
        try:
            return use_case(command, self.work(get_type_hints(use_case)["work"], at))
        except Exception:
            self.kept.update(before)
            del self.told[told:]
            raise
        finally:
            assert_in_step(self)

    def work(self, kind=PlacementWork, at=HUB):
        if kind is ModalityWork:
            return ModalityWork(at, self.catalogue, FakeListings(self.kept["listings"], at, self.told))
        placing = PlacementWork(
            at,
            self.now,
            FakePeople(self.kept["people"], at, self.told),
            FakeEntries(self.kept["entries"], at),
            FakeGroups(self.kept["groups"], at),
            FakeMemberships(self.kept["memberships"], at),
            lambda letter: f"{letter}-{next(self._numbers):04}",
        )
        if kind is PlacementWork:
            return placing
        return GroupWork(placing, FakeSessions(self.kept["sessions"], at), self.catalogue, plainly_laid_out, is_discreet, name_of)

    def read(self):
        """As the matcher's queue does."""
        groups = self._groups_with_room()
        return self._waiting_for(groups), groups

    def _groups_with_room(self):
        found = (self.group(each) for each in sorted(self.kept["groups"]))
        return [
            each
            for each in found
            if each.state in OPEN
            and each.hub in self.groups_of
            and each.terms.way_in in {"referral", "open-access"}
            and (each.terms.is_open_access or not each.is_full)
        ]

    def _waiting_for(self, groups):
        hubs = {hub for each in groups for hub in each.open_to}
        entries = [each for each in self.kept["entries"].values() if each.state == "waiting" and each.hub in hubs]
        work = self.work()
        found = []
        for entry in sorted(entries, key=lambda each: (each.rank, each.clock, each.id)):
            person = work.people.get(entry.person)
            found.append(entry.candidate(person, (person, *work.people.records_of(person))))
        return [each for each in found if each]

    def match(self, told_to_stop=lambda: False):
        """One run of the matcher on what is kept."""
        return Matcher(self, lambda hub, decision: self.run(memberships.offer, decision, hub) is not None, lambda: self.now).match(
            told_to_stop
        )

    def keep(self, *groups):
        """Groups, with the people and memberships that their rosters need."""
        for each in groups:
            self.kept["groups"][each.id] = replace(each, version=1, is_full=not each.has_room)
            for row in each.roster:
                self._keep_row(row, each)

    def _keep_row(self, row, of):
        identity = f"{row.membership}-in-{of.id}"
        stored = self.group(of.id)
        stored.roster = tuple(replace(each, membership=identity) if each is row else each for each in stored.roster)
        self.kept["groups"][of.id] = stored
        hubs = (HUB, SOUTH) if row.kind == "runs" else ()
        usual = Person(row.person, row.hub, None if hubs else GP, row.tokens, hubs=hubs, sealed_name=row.sealed_name, version=1)
        person = copy(self.kept["people"].get(row.person, usual))
        spans = tuple(meeting.span for meeting in of.coming(self.now))
        person.have(PlaceOfPerson(identity, of.id, of.terms.modality, row.kind, row.state, spans))
        self.kept["people"][row.person] = person
        history = (Step(row.state, self.now),)
        membership = Membership(identity, row.hub, row.person, of.id, row.kind, row.state, history=history, version=1)
        self.kept["memberships"][identity] = membership

    def person(self, name):
        return copy(self.kept["people"][name if name.startswith("F-") else f"P-{name}"])

    def group(self, id="G-1"):
        return copy(self.kept["groups"][id])

    def entry(self, name):
        """The newest of a referral."""
        return self.work().entries.of_referral(f"R-{name}")

    def memberships_of(self, name, at=HUB):
        return self.work(at=at).memberships.of_person(f"P-{name}")

    def places(self, id="G-1"):
        """Who has a place in a group, and how: {name: held or taken}."""
        return {row.person.removeprefix("P-"): row.state for row in self.group(id).members}

    def states(self, *names):
        return [self.entry(name).state for name in names]

    def why_not(self, name, at=HUB):
        seen = self.run(waiting.read, waiting.ReadWaiting(self.entry(name).id), at)
        return {each.group.id: [found.policy for found in each.rejections] for each in seen.why_not}

    def told_of(self, kind):
        return [event for event in self.told if isinstance(event, kind)]

    def since(self, number):
        return [type(event).__name__ for event in self.told[number:]]

    # What people and other services do.

    def knows(self, name, known=None, at=HUB, *, facts=GP, free=(), busy=()):  # noqa: PLR0913 - as `group`
        self.run(people.know_participant, KnowParticipant(f"P-{name}", facts, known or tokens(name), tuple(free), tuple(busy)), at)

    def knows_staff(self, name, *ties, hubs=(HUB,), **more):
        known = KnowStaff(f"F-{name}", tuple(hubs), tokens(f"F-{name}", *ties, **more), f"sealed {name}")
        self.run(people.know_staff, known)

    def accepts(  # noqa: PLR0913 - as `group`
        self, name, urgency="routine", days_ago=0, *, wishes=(), known=None, at=HUB, referral=None, **more
    ):
        """What is heard when a referral is accepted: first who they are, then that they wait."""
        self.knows(name, known, at, **more)
        wished = wishes if isinstance(wishes, Wishes) else Wishes(tuple(wishes))
        clock = self.now - timedelta(days=days_ago)
        self.run(waiting.start, StartWaiting(f"P-{name}", referral or f"R-{name}", wished, urgency, clock - timedelta(days=7), clock), at)

    def offer_of(self, name, at=HUB):
        """The last place that was held for somebody, whatever became of it."""
        return [each for each in self.memberships_of(name, at) if each.deadline][-1]

    def answer(self, name, said, answered_at=None, *, to=None, at=HUB):
        given = TakeAnswer(f"P-{name}", to or self.offer_of(name, at).id, said, answered_at or self.now)
        self.run(memberships.answer, given, at)

    def accept(self, name, answered_at=None, **more):
        self.answer(name, "accept", answered_at, **more)

    def decline(self, name, **more):
        self.answer(name, "decline", **more)

    def stay_silent(self, name, at=HUB):
        """Nobody answers until the deadline."""
        offer = self.offer_of(name, at)
        self.now = max(self.now, offer.deadline)
        self.run(memberships.lapse, Lapse(offer.id), at)

    def withdraw(self, name, at=HUB):
        self.run(waiting.withdraw, Withdraw(f"P-{name}", f"R-{name}"), at)


def plainly_laid_out(of, timetable):
    """As adapters.timetables does, without bank holidays."""
    days = enumerate(lay_out(timetable, set()), 1)
    return tuple(Session(f"X-{of.id}-{n}", of.hub, of.id, n, day.start, day.end, of.zone, of.venue, day.parts) for n, day in days)


def name_of(row):
    return (row.sealed_name or "").removeprefix("sealed ").capitalize()


def assert_in_step(hub):
    """People, groups, entries and memberships say the same, each in its own way; no group is overfilled."""
    live = [each for each in hub.kept["memberships"].values() if each.is_live]
    for person in hub.kept["people"].values():
        mine = {(each.id, each.group, each.kind, each.state) for each in live if each.person == person.id}
        assert {(place.membership, place.group, place.kind, place.state) for place in person.places} == mine
        entries = {(each.id, each.referral) for each in hub.kept["entries"].values() if each.person == person.id and each.is_open}
        assert {(wait.entry, wait.referral) for wait in person.waits} == entries
    for group in hub.kept["groups"].values():
        mine = {(each.id, each.person, each.kind, each.state) for each in live if each.group == group.id and each.kind != "pass"}
        assert {(row.membership, row.person, row.kind, row.state) for row in group.roster} == mine
        assert len(group.members) <= group.capacity
        assert group.is_full is not group.has_room
        known = {row.membership for row in group.roster}
        assert all({pair.one, pair.other} <= known for pair in group.pairs)
    for entry in hub.kept["entries"].values():
        held = [each for each in live if each.entry == entry.id and each.state == "held"]
        assert (entry.state == "offered") == (len(held) == 1)
        taken = [each for each in live if each.entry == entry.id and each.state == "taken" and each.kind != "pass"]
        assert not taken or (entry.state == "met" and len(taken) == 1)
