"""Lays out the sessions of a series: on the wall clock of a place, week after week or month after month.

The rules are RFC 5545 (iCalendar) RRULEs, expanded by dateutil.
"""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

from scheduling.domain.sessions import PartOfDay
from scheduling.domain.timetable import Timetable

_LAST = -1
_FOURTH_IS_SURE = 4  # every month has four of each weekday, but not always five


@dataclass(frozen=True, slots=True)
class Day:
    """A meeting's start and end, as UTC instants, and the parts inside it."""

    start: datetime
    end: datetime
    parts: tuple[PartOfDay, ...]


def lay_out(timetable: Timetable, is_holiday: Callable[[date], bool] | Container[date]) -> tuple[Day, ...]:
    """The days of a series, in order. A bank holiday is skipped and does not count."""
    skips = is_holiday if callable(is_holiday) else is_holiday.__contains__
    meeting_days = (at for at in _recurring(timetable) if not skips(at.date()))
    return tuple(_day(at, timetable) for at in islice(meeting_days, timetable.count))


def _recurring(timetable: Timetable) -> Iterator[datetime]:
    """Naive local starts, for ever: the wall clock stays the same when the clocks change."""
    first = timetable.first
    if timetable.cadence == "monthly":
        return iter(rrule(MONTHLY, dtstart=first, byweekday=_nth_weekday(first)))
    # A one-off that falls on a bank holiday is moved by a week, like each session of a weekly series.
    return iter(rrule(WEEKLY, dtstart=first))


def _nth_weekday(first: datetime) -> weekday:
    """The second Tuesday stays the second Tuesday; the fifth becomes the last, which every month has (BYDAY=-1TU)."""
    nth = (first.day - 1) // 7 + 1
    return weekday(first.weekday(), nth if nth <= _FOURTH_IS_SURE else _LAST)


def _day(at: datetime, timetable: Timetable) -> Day:
    parts = []
    for number, part in enumerate(timetable.parts, 1):
        begins = at + timedelta(minutes=part.starts_after_minutes)
        parts.append(PartOfDay(number, part.name, *_span(begins, part.minutes, timetable.zone)))
    return Day(*_span(at, timetable.minutes, timetable.zone), tuple(parts))


def _span(local: datetime, minutes: int, zone: str) -> tuple[datetime, datetime]:
    start = _instant(local, zone)
    return start, start + timedelta(minutes=minutes)


def _instant(local: datetime, zone: str) -> datetime:
    """The UTC instant of a wall-clock time.

    RFC 5545, 3.3.5: a time that occurs twice means its first occurrence; one that the clocks skip is read with the
    offset before the gap, which moves it forward by the gap's length. Both are what fold=0 gives.
    """
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
