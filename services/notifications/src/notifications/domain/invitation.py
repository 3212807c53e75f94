"""A calendar entry for one person: the sessions of their series, and nobody else's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Invitation:
    """uid: stable for a seat.  sequence: rises with every change.  sessions: {session, start, end, zone}, RFC 3339.

    method: REQUEST or CANCEL (RFC 5546).
    """

    uid: str
    sequence: int
    attendee: str
    organiser: str
    summary: str
    location: str
    sessions: Sequence[Mapping[str, Any]]
    method: str = "REQUEST"
