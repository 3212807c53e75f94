"""A place, for messages to its person. It is stored sealed, and opened only while it is needed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from notifications.domain.ids import SessionId

Kind = Literal["seat", "booking", "pass", "staff", "runs"]
KINDS: tuple[Kind, ...] = ("seat", "booking", "pass", "staff", "runs")

REMIND_AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One session. start, end: instants.  zone: IANA name, on whose wall clock people read them."""

    session: SessionId
    start: datetime
    end: datetime
    zone: str
    venue: str


@dataclass(frozen=True, slots=True)
class Place:
    """name: the discreet one.  revision: of the timetable.  meetings: those ahead when it was published, in order.
    deadline: of the offer; None once it is taken.  colleagues_may_come: whether the message warns of it."""

    kind: Kind
    name: str
    venue: str
    cadence: str
    revision: int
    meetings: tuple[Meeting, ...] = ()
    deadline: datetime | None = None
    colleagues_may_come: bool = False

    def next_to_remind(self, at: datetime) -> Meeting | None:
        """The first meeting far enough ahead for a reminder."""
        return next((meeting for meeting in self.meetings if meeting.start - REMIND_AHEAD > at), None)

    def meeting_of(self, session: SessionId | None) -> Meeting | None:
        """The meeting of a session; None if it is not in the timetable."""
        return next((meeting for meeting in self.meetings if meeting.session == session), None)
