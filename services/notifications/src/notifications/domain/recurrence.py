"""Expresses a list of meetings as one rule with exceptions, which all calendars understand.

Outlook discards an event whose other dates are only listed (RDATE without RRULE: MS-OXCICAL 2.1.3.1.1.20.18), and Gmail
shows only the first of several events. A rule, the dates it skips, and the meetings moved off it, work in all of them.
Times here are naive: the rule repeats on the wall clock, so 6.30pm stays 6.30pm over both clock changes.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count, takewhile
from math import gcd

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One meeting. start and end: naive, on the wall clock of the series' zone."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Weekly:
    interval: int

    def slots(self, first: datetime) -> Iterator[datetime]:
        return (first + _WEEK * self.interval * number for number in count())

    def written(self, _first: datetime) -> dict[str, str | int]:
        return {"FREQ": "WEEKLY", "INTERVAL": self.interval}


@dataclass(frozen=True, slots=True)
class Monthly:
    """The nth of the first meeting's weekday in each month; -1 is the last."""

    nth: int

    def slots(self, first: datetime) -> Iterator[datetime]:
        months = (divmod(first.year * 12 + first.month - 1 + number, 12) for number in count())
        days = (_nth_weekday(year, month + 1, first.weekday(), self.nth) for year, month in months)
        return (datetime.combine(day, first.time()) for day in days if day)

    def written(self, first: datetime) -> dict[str, str | int]:
        return {"FREQ": "MONTHLY", "BYDAY": f"{self.nth}{_DAYS[first.weekday()]}"}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`rule` repeats `times` times, including skipped and moved slots.  moved: slot of the rule -> the meeting held instead."""

    rule: Weekly | Monthly
    times: int
    skipped: tuple[datetime, ...]
    moved: Mapping[datetime, Occurrence]


def recurrence(meetings: Sequence[Occurrence]) -> Recurrence:
    """The simplest rule that gives exactly these meetings, of which there is at least one, in order."""
    rules: list[Weekly | Monthly] = [_weekly(meetings), Weekly(1), *_monthly(meetings[0].start)]
    return min((_follow(rule, meetings) for rule in rules), key=_cost)


def _cost(found: Recurrence) -> tuple[int, timedelta, int]:
    """Few moves, and short ones, cost least: Outlook refuses a meeting moved past its neighbour (MS-OXCICAL, as above)."""
    furthest = max((abs(meeting.start - slot) for slot, meeting in found.moved.items()), default=timedelta())
    return len(found.moved), furthest, len(found.skipped)


def _follow(rule: Weekly | Monthly, meetings: Sequence[Occurrence]) -> Recurrence:
    first, last = meetings[0], meetings[-1]
    upcoming = rule.slots(first.start)
    slots = list(takewhile(lambda slot: slot <= last.start, upcoming))
    regular = {m.start for m in meetings if m.start in slots}
    free = [slot for slot in slots if slot not in regular]
    moved = {m.start: m for m in meetings if m.start in regular and m.end - m.start != first.end - first.start}
    for meeting in (m for m in meetings if m.start not in regular):
        if not free:  # use a slot beyond the end
            slots.append(_slot_after(slots[-1], rule, first.start))
            free.append(slots[-1])
        slot = min(free, key=lambda slot, at=meeting.start: abs(slot - at))  # type: ignore[misc]
        free.remove(slot)
        moved[slot] = meeting
    return Recurrence(rule, len(slots), tuple(free), moved)


def _slot_after(slot: datetime, rule: Weekly | Monthly, first: datetime) -> datetime:
    return next(later for later in rule.slots(first) if later > slot)


def _weekly(meetings: Sequence[Occurrence]) -> Weekly:
    """The longest interval in weeks that fits all meetings on the first one's weekday and time."""
    apart = (meeting.start - meetings[0].start for meeting in meetings)
    return Weekly(gcd(*(gap // _WEEK for gap in apart if not gap % _WEEK)) or 1)


def _monthly(first: datetime) -> Iterator[Monthly]:
    yield Monthly((first.day - 1) // 7 + 1)
    if first.day + 7 > monthrange(first.year, first.month)[1]:
        yield Monthly(-1)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    offset = (weekday - date(year, month, 1).weekday()) % 7
    days = range(1 + offset, monthrange(year, month)[1] + 1, 7)
    place = nth - 1 if nth > 0 else nth
    return date(year, month, days[place]) if place < len(days) else None
