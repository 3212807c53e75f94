"""A calendar entry for one person: their seat's whole series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notifications.domain.recurrence import Meeting
from notifications.domain.wording import wall_clock


class NothingToAttend(ValueError):
    """An invitation without a session."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """uid: the same for a seat as long as it stands.  sequence: rises with each change.  attendee, organiser: addresses.
    summary: the discreet name.  location: the place's label.  sessions: start and end as RFC 3339 instants, and an IANA zone,
    as the events tell them.  method: REQUEST or CANCEL (RFC 5546)."""

    uid: str
    sequence: int
    attendee: str
    organiser: str
    summary: str
    location: str
    sessions: Sequence[Mapping[str, Any]]
    method: str

    def __post_init__(self) -> None:
        if not self.sessions:
            raise NothingToAttend("the series has no session")

    @property
    def zone(self) -> str:
        """The zone of the first session, on whose wall clock the series repeats."""
        found: str = self.sessions[0]["zone"]
        return found

    def meetings(self) -> list[Meeting]:
        """In order, naive, on the wall clock of `zone`."""
        found = {Meeting(self._local(session["start"]), self._local(session["end"])) for session in self.sessions}
        return sorted(found, key=lambda meeting: meeting.start)

    def _local(self, instant: str) -> datetime:
        return wall_clock(instant, self.zone).replace(tzinfo=None)
