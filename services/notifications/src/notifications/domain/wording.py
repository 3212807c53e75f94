"""Instants as people read them, on the wall clock of a zone: "Tuesday 12 January 2027", "6.30pm"."""

from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.domain.places import Meeting

When = datetime | Meeting  # an instant, or the start of a meeting, which has its own zone

# Spelt out here, because strftime follows the locale of the machine that sends.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
NOON = 12


class NoClock(ValueError):
    """No instant, or no offset, or no zone to show it in: a guess could send somebody at the wrong hour."""


def day(when: When | None, zone: str = "") -> str:
    """Tuesday 12 January 2027. zone: IANA name, needed for an instant. Raises NoClock."""
    at = wall_clock(when, zone)
    return f"{WEEKDAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}"


def clock(when: When | None, zone: str = "") -> str:
    """6.30pm, 6pm, midday, midnight: as GOV.UK's style guide writes times. Raises NoClock."""
    at = wall_clock(when, zone)
    if at.minute == 0 and at.hour in {0, NOON}:
        return "midday" if at.hour else "midnight"
    minutes = f".{at.minute:02}" if at.minute else ""
    return f"{at.hour % NOON or NOON}{minutes}{'am' if at.hour < NOON else 'pm'}"


def wall_clock(when: When | None, zone: str = "") -> datetime:
    """The moment on the clock of its zone. Raises NoClock."""
    instant, of_zone = (when.start, when.zone) if isinstance(when, Meeting) else (when, zone)
    if instant is None or instant.tzinfo is None or not of_zone:
        raise NoClock(f"{instant}: give the offset, and the zone to show it in")
    return instant.astimezone(ZoneInfo(of_zone))


FILTERS = {"day": day, "clock": clock}  # for templates of mails and pages
