"""A calendar entry for one person: the whole series of their membership."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from notifications.domain.places import Meeting
from notifications.domain.recurrence import Occurrence
from notifications.domain.wording import wall_clock

Method = Literal["REQUEST", "CANCEL"]  # RFC 5546


class NothingToAttend(ValueError):
    """An invitation without a session."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """uid: stays the same for a membership.  sequence: rises with each change.  attendee, organiser: addresses.
    summary: the discreet name.  location: the venue's label."""

    uid: str
    sequence: int
    attendee: str
    organiser: str
    summary: str
    location: str
    meetings: Sequence[Meeting]
    method: Method

    def __post_init__(self) -> None:
        if not self.meetings:
            raise NothingToAttend("the series has no session")

    @property
    def zone(self) -> str:
        """The zone of the first meeting, on whose wall clock the series repeats."""
        return self.meetings[0].zone

    def occurrences(self) -> list[Occurrence]:
        """The meetings in order, naive, on the wall clock of `zone`."""
        found = {Occurrence(self._local(meeting.start), self._local(meeting.end)) for meeting in self.meetings}
        return sorted(found, key=lambda occurrence: occurrence.start)

    def in_utc(self) -> "Invitation":
        """The same meetings as instants, for a zone whose clock changes cannot be written as rules. Each that a change moves is an
        exception."""
        return replace(self, meetings=[replace(meeting, zone="UTC") for meeting in self.meetings])

    def _local(self, instant: datetime) -> datetime:
        return wall_clock(instant, self.zone).replace(tzinfo=None)
