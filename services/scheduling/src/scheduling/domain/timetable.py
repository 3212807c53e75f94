"""When a group meets: the catalogue's values, with the coordinator's choices for this group."""

from dataclasses import dataclass
from datetime import datetime

from scheduling.domain.catalogue import Part


@dataclass(frozen=True, slots=True)
class Timetable:
    """cadence: once, weekly or monthly.  first: naive, on the wall clock of zone.  count: of meetings.  parts: of a day."""

    cadence: str
    first: datetime
    minutes: int
    count: int
    zone: str
    parts: tuple[Part, ...] = ()
