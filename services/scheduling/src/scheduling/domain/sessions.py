"""A session: one meeting of a group. It contains the parts of its day as values; a session that is moved keeps its id."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scheduling.domain.ids import GroupId, HubCode, SessionId


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A span inside a session: everybody together, or in small circles. start and end: UTC instants."""

    number: int
    name: str
    start: datetime
    end: datetime


@dataclass(slots=True)
class Session:
    """start and end: UTC instants.  zone: the IANA zone whose wall clock people read.  number: 1, 2, 3 … in its group."""

    id: SessionId
    hub: HubCode
    group: GroupId
    number: int
    start: datetime
    end: datetime
    zone: str
    venue: str
    parts: tuple[PartOfDay, ...] = ()
    state: Literal["planned", "held", "cancelled"] = "planned"
    version: int = 0
