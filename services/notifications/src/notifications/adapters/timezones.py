"""A time zone as calendars need it (RFC 5545, 3.6.5): two clock changes, each with its yearly rule.

icalendar's own `add_missing_timezones` lists dates without a rule, and puts the spring change an hour late (7.3.0).
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_HOUR = timedelta(hours=1)


class NoYearlyRule(ValueError):
    """A zone whose clock changes follow no yearly rule."""


@dataclass(frozen=True, slots=True)
class _Change:
    """instant: UTC, the first with the new offset."""

    instant: datetime
    zone: ZoneInfo

    @property
    def before(self) -> datetime:
        return (self.instant - _HOUR).astimezone(self.zone)

    @property
    def after(self) -> datetime:
        return self.instant.astimezone(self.zone)

    @property
    def onset(self) -> datetime:
        """The change in naive local time, by the old offset."""
        return (self.instant + (self.before.utcoffset() or timedelta())).replace(tzinfo=None)

    @property
    def rule(self) -> dict[str, str | int]:
        day, days = self.onset.day, monthrange(self.onset.year, self.onset.month)[1]
        nth = -1 if day + 7 > days else (day - 1) // 7 + 1
        return {"FREQ": "YEARLY", "BYMONTH": self.onset.month, "BYDAY": f"{nth}{_DAYS[self.onset.weekday()]}"}


def timezone(zone: str, first_year: int, last_year: int) -> Timezone:
    """The VTIMEZONE of an IANA zone, valid for these years. Raises NoYearlyRule."""
    told = Timezone()
    told.add("tzid", zone)
    # A year early, so that the first meeting has a change before it.
    changes = _changes(zone, first_year - 1)
    if any([change.rule for change in _changes(zone, year)] != [change.rule for change in changes] for year in (first_year, last_year)):
        raise NoYearlyRule(f"the clock changes of {zone} follow no yearly rule")
    for change in changes:
        told.add_component(_observance(change))
    if not changes:
        told.add_component(_unchanging(zone, first_year))
    return told


def _observance(change: _Change) -> TimezoneStandard | TimezoneDaylight:
    told = TimezoneDaylight() if change.after.dst() else TimezoneStandard()
    told.add("dtstart", change.onset)
    told.add("tzoffsetfrom", change.before.utcoffset())
    told.add("tzoffsetto", change.after.utcoffset())
    told.add("tzname", change.after.tzname())
    told.add("rrule", change.rule)
    return told


def _unchanging(zone: str, year: int) -> TimezoneStandard:
    told, at = TimezoneStandard(), datetime(year, 1, 1, tzinfo=ZoneInfo(zone))
    told.add("dtstart", at.replace(tzinfo=None))
    told.add("tzoffsetfrom", at.utcoffset())
    told.add("tzoffsetto", at.utcoffset())
    told.add("tzname", at.tzname())
    return told


@cache
def _changes(zone: str, year: int) -> tuple[_Change, ...]:
    return tuple(_found(ZoneInfo(zone), year))


def _found(zone: ZoneInfo, year: int) -> Iterator[_Change]:
    """Searches in half-hours: since 1970 clocks have changed only on the hour or half-hour of UTC."""
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        later = at + _HOUR / 2
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            yield _Change(later, zone)
        at = later
