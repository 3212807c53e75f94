"""A session: one meeting of a group. A session may have child sessions: a day with small groups inside."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Session:
    """start and end: UTC instants.  zone: the IANA zone whose wall clock people read.  parent: the id of the day it is part of."""

    id: str
    number: int
    start: datetime
    end: datetime
    zone: str
    name: str = ""
    parent: str | None = None
    state: str = "planned"
