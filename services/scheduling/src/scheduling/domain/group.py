"""A group: a running instance of a modality at a hub, with its sessions and who has a place in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from scheduling.domain import events
from scheduling.domain.catalogue import Eligibility
from scheduling.domain.people import Conflicts, Facilitator
from scheduling.domain.sessions import Session


class NoSuchGroup(LookupError):
    """This hub has no such group."""


class NoRoom(ValueError):
    """Every place of the group is taken or held."""


@dataclass(frozen=True, slots=True)
class Member:
    """Who has a place: held by an open offer, or taken. What placement compares them by comes with them."""

    participant: str
    referral: str
    offer: str
    grade: str
    conflicts: Conflicts
    seat: str = ""

    @property
    def state(self) -> str:
        return "taken" if self.seat else "held"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the catalogue said of the modality when the group was made."""

    modality: str
    name: str
    eligibility: Eligibility
    grade_mixing: str
    membership: str
    way_in: str
    cadence: str
    offer_hours: float
    sensitive: bool = False
    variant: str = ""
    length: str = ""
    topic: str = ""

    @property
    def is_open_access(self) -> bool:
        return self.way_in == "open-access"


@dataclass(slots=True)
class Group:
    """capacity: seats taken and held together never exceed it.  sessions: in order, children after their parent.
    ends_at: when its last session does; None when it has no end."""

    id: str
    hub: str
    terms: Terms
    facilitators: tuple[Facilitator, ...]
    place: str
    zone: str
    capacity: int
    sessions: tuple[Session, ...]
    members: tuple[Member, ...] = ()
    opened_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 0
    said: int = 0
    is_full: bool = field(default=False)

    def open(self, at: datetime) -> list[events.GroupOpened]:
        self.opened_at = at
        return [events.GroupOpened(self)]

    def end(self, at: datetime) -> list[events.GroupEnded]:
        self.ended_at = at
        return [events.GroupEnded(self)]

    def is_over(self, at: datetime) -> bool:
        return self.ended_at is None and self.ends_at is not None and self.ends_at <= at

    def hold(self, member: Member) -> None:
        """Hold a place for an offer. Raises NoRoom."""
        if not self.has_room:
            raise NoRoom(f"{self.id} has {self.capacity} places, all taken or held")
        self.members = (*self.members, member)

    def take(self, offer: str, seat: str) -> list[events.GroupFull]:
        """The held place becomes a seat."""
        self.members = tuple(replace(m, seat=seat) if m.offer == offer else m for m in self.members)
        became_full = not self.is_full and len(self.seated) == self.capacity
        self.is_full = len(self.seated) == self.capacity
        return [events.GroupFull(self)] if became_full else []

    def give_up(self, offer: str) -> None:
        """The place of an offer, held or taken, is free again."""
        self.members = tuple(member for member in self.members if member.offer != offer)
        self.is_full = False

    def meet(self, facilitator: Facilitator) -> None:
        """One who runs it has other ties now."""
        self.facilitators = tuple(facilitator if known.id == facilitator.id else known for known in self.facilitators)

    def is_run_by_a_colleague_of(self, member: Member) -> bool:
        return any(member.conflicts.with_(facilitator.conflicts) for facilitator in self.facilitators)

    def has_a_colleague_of(self, member: Member) -> bool:
        """Whether they meet somebody they must not: facts change after a seat is taken."""
        others = (other for other in self.members if other != member)
        return self.is_run_by_a_colleague_of(member) or any(member.conflicts.with_(other.conflicts) for other in others)

    @property
    def has_room(self) -> bool:
        return len(self.members) < self.capacity

    @property
    def seated(self) -> Sequence[Member]:
        return [member for member in self.members if member.seat]

    @property
    def held(self) -> Sequence[Member]:
        return [member for member in self.members if not member.seat]

    @property
    def meetings(self) -> tuple[Session, ...]:
        """The sessions that people are invited to; what happens inside a day is no meeting of its own."""
        return tuple(session for session in self.sessions if session.parent is None)

    def coming(self, at: datetime) -> tuple[Session, ...]:
        return tuple(session for session in self.meetings if session.start > at)

    def has_begun(self, at: datetime) -> bool:
        return self.meetings[0].start <= at

    def slot(self) -> tuple[str, time, time]:
        """Weekday, start and end on the wall clock of the place; every meeting keeps to it."""
        first, zone = self.meetings[0], ZoneInfo(self.zone)
        start, end = first.start.astimezone(zone), first.end.astimezone(zone)
        return f"{start:%A}".lower(), start.time(), end.time()

    def state(self, at: datetime) -> str:
        """open, full or ended."""
        if not self.coming(at):
            return "ended"
        return "open" if self.has_room else "full"
