"""A person, as placement sees them: facts, blinded tokens, when they are free, and their places. Never who they are.

Offering, taking or ending a place writes the Person, and every other Person record of the same human being. So two open offers or
overlapping places cannot both commit. All events about a person are numbered on it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Literal

from scheduling.domain.ids import EntryId, GroupId, HubCode, MembershipId, PersonId, ReferralId
from scheduling.domain.tokens import Tokens

JUNIOR = frozenset({"student", "foundation", "core_trainee", "gp_trainee", "specialty_trainee"})
SENIOR = frozenset({"sas", "gp", "consultant"})

Kind = Literal["seat", "booking", "pass", "staff", "runs"]
Live = Literal["held", "taken", "paused"]
Stands = Literal["offered", "placed", "waiting", "nothing"]
COUNTED: frozenset[Kind] = frozenset({"seat", "booking", "staff"})  # kinds that take up room and time; pass and runs do not


class NoSuchPerson(LookupError):
    """Nothing has been published about this person, or not to this service."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that decide eligibility; the values are those of the published vocabulary."""

    profession: str
    grade: str
    gender: str
    work_status: str


@dataclass(frozen=True, slots=True)
class Window:
    """A weekday ("monday") and a span of wall-clock time on it ("HH:MM"); since, until: the first and last day it applies."""

    weekday: str
    start: str
    end: str
    since: date | None = None
    until: date | None = None

    def contains(self, weekday: str, start: time, end: time) -> bool:
        opens, closes = time.fromisoformat(self.start), time.fromisoformat(self.end)
        return self.weekday == weekday and opens <= start < end <= closes  # a meeting past midnight ends on another weekday

    def touches(self, weekday: str, start: time, end: time) -> bool:
        opens, closes = time.fromisoformat(self.start), time.fromisoformat(self.end)
        return self.weekday == weekday and start < closes and (opens < end or end <= start)

    def holds_on(self, day: date) -> bool:
        return (self.since or date.min) <= day <= (self.until or date.max)

    @property
    def holds_always(self) -> bool:
        return self.since is None and self.until is None


@dataclass(frozen=True, slots=True)
class Span:
    """A meeting's start and end, as instants."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class PlaceOfPerson:
    """A live membership, on its person. spans: of the meetings ahead when it was given, in order."""

    membership: MembershipId
    group: GroupId
    modality: str
    kind: Kind
    state: Live
    spans: tuple[Span, ...]
    referral: ReferralId | None = None

    def overlaps(self, spans: Sequence[Span]) -> bool:
        return any(mine.overlaps(theirs) for mine in self.spans for theirs in spans)


@dataclass(frozen=True, slots=True)
class Wait:
    """A waiting entry that is neither met nor closed."""

    entry: EntryId
    referral: ReferralId | None


@dataclass(slots=True)
class Person:
    """facts: None for staff.  sealed_name: of staff, sealed for this service.  hubs: where staff may run groups.

    places: the live memberships.  waits: the open entries.
    """

    id: PersonId
    hub: HubCode
    facts: Facts | None = None
    tokens: Tokens = field(default_factory=Tokens)
    free: tuple[Window, ...] = ()
    busy: tuple[Window, ...] = ()
    hubs: tuple[HubCode, ...] = ()
    sealed_name: str | None = None
    state: Literal["known", "erased"] = "known"
    places: tuple[PlaceOfPerson, ...] = ()
    waits: tuple[Wait, ...] = ()
    version: int = 0
    last_sequence: int = 0

    @property
    def is_erased(self) -> bool:
        return self.state == "erased"

    @property
    def counted_places(self) -> tuple[PlaceOfPerson, ...]:
        return tuple(place for place in self.places if place.kind in COUNTED)

    @property
    def has_open_offer(self) -> bool:
        return any(place.state == "held" for place in self.counted_places)

    @property
    def passes(self) -> frozenset[str]:
        """The open-access modalities for which they have a pass."""
        return frozenset(place.modality for place in self.places if place.kind == "pass")

    def wait(self, entry: EntryId, referral: ReferralId | None) -> None:
        self.waits = (*(wait for wait in self.waits if wait.entry != entry), Wait(entry, referral))

    def wait_no_longer(self, entry: EntryId) -> None:
        self.waits = tuple(wait for wait in self.waits if wait.entry != entry)

    def have(self, place: PlaceOfPerson) -> None:
        """Add a place, or replace the one of the same membership."""
        self.places = (*(known for known in self.places if known.membership != place.membership), place)

    def take(self, membership: MembershipId) -> None:
        self.places = tuple(replace(known, state="taken") if known.membership == membership else known for known in self.places)

    def lose(self, membership: MembershipId) -> None:
        self.places = tuple(known for known in self.places if known.membership != membership)

    def erase(self) -> None:
        """Keep only the bare pseudonym; later events about it are ignored."""
        self.facts, self.tokens, self.free, self.busy = None, Tokens(), (), ()
        self.hubs, self.sealed_name, self.places, self.waits, self.state = (), None, (), (), "erased"

    def stands(self, referral: ReferralId | None) -> Stands:
        """The status of this person's referral: offered, else placed by a seat, else waiting, else placed by a pass, else nothing."""
        theirs = [place for place in self.places if place.referral == referral]
        if any(place.state == "held" for place in theirs):
            return "offered"
        if any(place.kind in COUNTED for place in theirs):
            return "placed"
        if any(wait.referral == referral for wait in self.waits):
            return "waiting"
        return "placed" if theirs else "nothing"


def overlapping(people: Iterable[Person], spans: Sequence[Span]) -> bool:
    """Whether any of these records of one person has a counted place at the time of one of the spans."""
    return any(place.overlaps(spans) for person in people for place in person.counted_places)


def seniority(grade: str) -> str | None:
    """junior, senior, or None for a grade that is neither."""
    return "junior" if grade in JUNIOR else "senior" if grade in SENIOR else None
