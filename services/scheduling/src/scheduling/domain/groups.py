"""A group: a running instance of a modality, hosted by one hub and open to one or more. It contains the roster, and so guards who meets:
every change to a place, a session or a member's tokens writes the group."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from scheduling.domain.catalogue import KIND_OF, Colleagues, Eligibility, WayIn
from scheduling.domain.ids import GroupId, HubCode, MembershipId, PersonId, SessionId
from scheduling.domain.people import COUNTED, Kind, Span
from scheduling.domain.roster import OnRoster, Pair
from scheduling.domain.tokens import Days, Tokens

GroupState = Literal["forming", "confirmed", "running", "ended", "cancelled"]
OPEN: tuple[GroupState, ...] = ("forming", "confirmed", "running")
DROP_IN_SHOWN = 6  # coming sessions of an open-access group that a message lists


class NoSuchGroup(LookupError):
    """This hub has no such group."""


class NoRoom(ValueError):
    """Every place of the group is taken or held."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session that people are invited to, with the data that placement needs."""

    session: SessionId
    start: datetime
    end: datetime

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Terms:
    """The catalogue's entry for the modality when the group was opened.

    offer_hours: the coordinator's choice, if any.  name, sensitive and hours_held come from the current catalogue: the store fills them in.
    """

    modality: str
    eligibility: Eligibility
    grade_mixing: str
    membership: str
    way_in: WayIn
    cadence: str
    colleagues: Colleagues = "apart"
    variant: str | None = None
    length: str | None = None
    topic: str | None = None
    offer_hours: float | None = None
    name: str = ""
    sensitive: bool = False
    hours_held: float = 72

    @property
    def is_open_access(self) -> bool:
        return self.way_in == "open-access"

    @property
    def kind(self) -> Kind:
        """The kind of membership that its members have."""
        return KIND_OF[self.way_in]


@dataclass(frozen=True, slots=True)
class Place:
    """The details of a place for its person. run_by: the facilitators, with their sealed names.  meetings: those ahead."""

    group: GroupId
    kind: Kind
    name: str
    venue: str
    zone: str
    cadence: str
    revision: int
    meetings: tuple[Meeting, ...]
    run_by: tuple[OnRoster, ...]
    deadline: datetime | None
    colleagues_may_come: bool


@dataclass(slots=True)
class Group:
    """open_to: the hubs whose people may be offered it.  meetings: in order.  revision: of the timetable, from 0.
    ends_at: the end of its last session; None when it has no end.  is_full: stored, so that groups with room can be found."""

    id: GroupId
    hub: HubCode
    open_to: tuple[HubCode, ...]
    terms: Terms
    venue: str
    zone: str
    capacity: int
    meetings: tuple[Meeting, ...]
    roster: tuple[OnRoster, ...] = ()
    pairs: tuple[Pair, ...] = ()
    state: GroupState = "forming"
    opened_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    revision: int = 0
    is_full: bool = False
    version: int = 0

    def open(self, at: datetime) -> None:
        self.opened_at = at

    def end(self, at: datetime) -> None:
        """The roster has been emptied: each place ended for a reason of its own."""
        self.ended_at, self.state = at, "ended"

    def is_over(self, at: datetime) -> bool:
        return self.state in OPEN and self.ends_at is not None and self.ends_at <= at

    def add(self, row: OnRoster) -> None:
        """Hold or give a place. Raises NoRoom."""
        if row.kind in COUNTED and not self.has_room:
            raise NoRoom(f"{self.id} has {self.capacity} places, all taken or held")
        self._set((*self.roster, row))

    def take(self, membership: MembershipId) -> None:
        """Turn a held place into a taken one."""
        self._set(replace(row, state="taken") if row.membership == membership else row for row in self.roster)

    def free(self, membership: MembershipId) -> None:
        """Remove a place from the roster, so that it is free again."""
        self._set(row for row in self.roster if row.membership != membership)
        self.pairs = tuple(pair for pair in self.pairs if membership not in pair.sides)

    def without(self, membership: MembershipId) -> "Group":
        """The group as it would be if the place were free."""
        other = replace(self)
        other.free(membership)
        return other

    def know(self, person: PersonId, tokens: Tokens, grade: str, sealed_name: str | None) -> None:
        """Update the data of a person on the roster."""
        self._set(replace(row, tokens=tokens, grade=grade, sealed_name=sealed_name) if row.person == person else row for row in self.roster)

    def pair(self, pairs: Iterable[Pair]) -> None:
        """Store the pairs who must not meet although both have places."""
        self.pairs = tuple(pairs)

    def row(self, membership: MembershipId) -> OnRoster | None:
        return next((row for row in self.roster if row.membership == membership), None)

    def row_of(self, person: PersonId) -> OnRoster | None:
        return next((row for row in self.roster if row.person == person), None)

    def meets_a_colleague(self, membership: MembershipId) -> bool:
        return any(membership in pair.sides for pair in self.pairs)

    @property
    def members(self) -> Sequence[OnRoster]:
        """Those on the roster who count towards the capacity."""
        return [row for row in self.roster if row.kind in COUNTED]

    @property
    def run_by(self) -> tuple[OnRoster, ...]:
        return tuple(row for row in self.roster if row.kind == "runs")

    @property
    def has_room(self) -> bool:
        return len(self.members) < self.capacity

    def coming(self, at: datetime) -> tuple[Meeting, ...]:
        return tuple(meeting for meeting in self.meetings if meeting.start > at)

    def next_meeting(self, at: datetime) -> Meeting:
        """The first of those ahead. Raises StopIteration when there is none."""
        return next(meeting for meeting in self.meetings if meeting.start > at)

    def has_ended(self, at: datetime) -> bool:
        return self.meetings[-1].start <= at

    def has_begun(self, at: datetime) -> bool:
        return self.meetings[0].start <= at

    def days(self, at: datetime) -> Days:
        """From today to the last session laid out, on the wall clock of the group."""
        zone = ZoneInfo(self.zone)
        today = at.astimezone(zone).date()
        return Days(today, max(today, self.meetings[-1].end.astimezone(zone).date()))

    def slot(self) -> tuple[str, time, time]:
        """Weekday, start and end on the wall clock of the group; every meeting keeps to it."""
        first, zone = self.meetings[0], ZoneInfo(self.zone)
        start, end = first.start.astimezone(zone), first.end.astimezone(zone)
        return f"{start:%A}".lower(), start.time(), end.time()

    def days_ahead(self, at: datetime) -> Iterator[date]:
        """The days on which it still meets, on its wall clock."""
        zone = ZoneInfo(self.zone)
        return (meeting.start.astimezone(zone).date() for meeting in self.coming(at))

    def place(self, kind: Kind, at: datetime, deadline: datetime | None = None) -> Place:
        """The details of a place of this kind, for its person."""
        ahead = self.coming(at)
        return Place(
            group=self.id,
            kind=kind,
            name=self.terms.name,
            venue=self.venue,
            zone=self.zone,
            cadence=self.terms.cadence,
            revision=self.revision,
            meetings=ahead[:DROP_IN_SHOWN] if kind == "pass" else ahead,
            run_by=self.run_by,
            deadline=deadline,
            colleagues_may_come=self.terms.colleagues == "warn",
        )

    def shown_state(self, at: datetime) -> str:
        """open, full or ended."""
        if self.state not in OPEN or not self.coming(at):
            return "ended"
        return "open" if self.has_room else "full"

    def _set(self, roster: Iterable[OnRoster]) -> None:
        self.roster = tuple(roster)
        self.is_full = not self.has_room
