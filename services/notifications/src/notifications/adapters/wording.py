"""Instants as people read them: on the wall clock of a place, in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

When = str | Mapping[str, Any]  # an RFC 3339 instant, or a session with its own zone


def day(when: When, zone: str = "UTC") -> str:
    """Tuesday 12 January 2027"""
    at = _local(when, zone)
    return f"{at:%A} {at.day} {at:%B %Y}"


def clock(when: When, zone: str = "UTC") -> str:
    """6.30pm, 6pm, midday, midnight: as GOV.UK's and the NHS's style guides write times."""
    at = _local(when, zone)
    if at.minute == 0 and at.hour in {0, 12}:
        return "midday" if at.hour else "midnight"
    minutes = f".{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon


def _local(when: When, zone: str) -> datetime:
    instant, place = (when, zone) if isinstance(when, str) else (when["start"], when["zone"])
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(place))
