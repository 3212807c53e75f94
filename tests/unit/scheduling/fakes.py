"""The ports of scheduling in dictionaries, and people and groups to put into them. What is saved is a copy, as a store keeps it."""

from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from scheduling.adapters.recurrence import lay_out
from scheduling.application.commands import StartWaiting
from scheduling.application.ports import Work
from scheduling.domain.catalogue import Catalogue, Eligibility
from scheduling.domain.entry import Entry, NoSuchEntry
from scheduling.domain.group import Group, Member, NoSuchGroup, Terms
from scheduling.domain.people import Conflicts, Facilitator, Facts, Wishes
from scheduling.domain.placement import Candidate
from scheduling.domain.timetable import Timetable
from shared.validation.discretion import is_discreet

HUB = "north"
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
TUESDAY_EVENING = datetime.fromisoformat("2027-01-12T18:30")  # naive: on the wall clock
GP = Facts("doctor", "gp", "woman", "working")
TRAINEE = Facts("doctor", "gp_trainee", "woman", "working")
FACILITATOR = Facilitator("F-1", "Alex", (HUB,), Conflicts("own-of-F-1"))


def terms(**changes):
    usual = Terms("analytic", "Weekly evening", Eligibility(), "off", "slow-open", "referral", "weekly", 72)
    return replace(usual, **changes)


def sessions(group="G-1", first=TUESDAY_EVENING, cadence="weekly", number=8):
    return lay_out(group, Timetable(cadence, first, 90, number, "Europe/London"), set())


def group(id="G-1", capacity=8, facilitators=(FACILITATOR,), first=TUESDAY_EVENING, number=8, **of_terms):
    meetings = sessions(id, first, number=number)
    return Group(id, HUB, terms(**of_terms), tuple(facilitators), "Room 3", "Europe/London", capacity, meetings)


def member(name, offer=None, grade="gp", conflicts=None, seat=""):
    return Member(f"P-{name}", f"R-{name}", offer or f"O-{name}", grade, conflicts or Conflicts(f"own-of-{name}"), seat)


def candidate(name="sam", **changes):
    return replace(Candidate(f"P-{name}", GP, Conflicts(f"own-of-{name}"), Wishes(), ()), **changes)


def entry(name="sam", urgency="routine", clock_start=NOW, **changes):
    conflicts = Conflicts(f"own-of-{name}")
    made = Entry(f"R-{name}", HUB, f"P-{name}", GP, conflicts, Wishes(), (), urgency, clock_start)
    return replace(made, **changes)


def accepted(name="sam", urgency="routine", days_ago=0, **changes):
    """What scheduling hears when a referral is accepted."""
    conflicts, clock_start = Conflicts(f"own-of-{name}"), NOW - timedelta(days=days_ago)
    heard = StartWaiting(f"R-{name}", f"P-{name}", GP, conflicts, Wishes(), (), urgency, clock_start)
    return replace(heard, **changes)


class FakeEntries:
    def __init__(self, told):
        self._kept, self._told = {}, told

    def get(self, referral):
        if referral not in self._kept:
            raise NoSuchEntry(referral)
        return copy(self._kept[referral])

    def find(self, referral):
        return self.get(referral) if referral in self._kept else None

    def of_participant(self, participant):
        return [copy(each) for each in self._kept.values() if each.participant == participant]

    def waiting_for(self, group):
        waiting = [copy(each) for each in self._kept.values() if each.state == "waiting"]
        wishing = [each for each in waiting if not each.wishes.modalities or group.terms.modality in each.wishes.modalities]
        return sorted(wishing, key=lambda each: (each.rank, each.clock_start))

    def listed(self, after, limit):
        return [self.get(each) for each in sorted(self._kept) if each > after][:limit]

    def save(self, entry, events=()):
        self._kept[entry.id] = copy(entry)
        self._told.extend(events)


class FakeGroups:
    def __init__(self, told):
        self._kept, self._told = {}, told

    def get(self, group):
        if group not in self._kept:
            raise NoSuchGroup(group)
        return copy(self._kept[group])

    def wished_for(self, wishes):
        found = [self.get(each) for each in sorted(self._kept)]
        return [each for each in found if not wishes.modalities or each.terms.modality in wishes.modalities]

    def run_by(self, facilitator):
        return [copy(each) for each in self._kept.values() if facilitator in {known.id for known in each.facilitators}]

    def listed(self, after, limit):
        return [self.get(each) for each in sorted(self._kept) if each > after][:limit]

    def save(self, group, events=()):
        self._kept[group.id] = copy(group)
        self._told.extend(events)


class FakeFacilitators:
    def __init__(self, hub):
        self._kept, self._hub = {}, hub

    def known(self, ids):
        return [self._kept[each] for each in ids if each in self._kept and self._hub in self._kept[each].hubs]

    def keep(self, facilitator):
        self._kept[facilitator.id] = facilitator


@dataclass
class FakeHub:
    """A hub whose clock a test moves. told: every event, in order. work: one use case at this hub, now."""

    catalogue: Catalogue = field(default_factory=Catalogue)
    now: datetime = NOW

    def __post_init__(self):
        self.told = []
        self.entries, self.groups, self.facilitators = FakeEntries(self.told), FakeGroups(self.told), FakeFacilitators(HUB)
        self._numbers = count(1)

    @property
    def work(self):
        def plain(group, timetable):
            return lay_out(group, timetable, set())

        ports = (self.entries, self.groups, self.facilitators)
        return Work(HUB, self.now, *ports, self.catalogue, plain, is_discreet, lambda: None, lambda kind: f"{kind}-{next(self._numbers)}")

    def told_of(self, kind):
        return [event for event in self.told if isinstance(event, kind)]
