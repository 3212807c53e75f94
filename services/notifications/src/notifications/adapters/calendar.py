"""Writes an invitation as iCalendar (RFC 5545, 5546): one attendee, private, revealing nothing.

One VEVENT with a rule and its exceptions; domain/recurrence.py explains why not a list of dates.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from notifications.adapters.timezones import NoYearlyRule, timezone
from notifications.domain.invitation import Invitation
from notifications.domain.recurrence import Occurrence, recurrence
from shared.validation.discretion import telling_words

FILE_NAME = "invitation.ics"
METHODS = ("REQUEST", "CANCEL")


class TellsTooMuch(ValueError):
    """Text that a calendar would show contains a word of the deny-list. The error says where, and quotes nothing."""


def invitation(asked: Invitation, now: datetime | None = None) -> bytes:
    """The .ics file. now: when it is made; the current time, if not given. Raises TellsTooMuch; ValueError for another
    method."""
    if asked.method not in METHODS:
        raise ValueError(f"{asked.method!r} is not one of {', '.join(METHODS)}")
    for name, shown in {"summary": asked.summary, "location": asked.location, "file name": FILE_NAME}.items():
        _refuse_telling(name, shown)
    calendar = Calendar()
    calendar.add("prodid", "-//Circlework//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", asked.method)
    meetings = asked.occurrences()
    try:
        calendar.add_component(timezone(asked.zone, meetings[0].start.year, meetings[-1].end.year))
    except NoYearlyRule:  # as in Morocco, whose clocks follow the moon
        asked = asked.in_utc()
    for event in _events(asked, now or datetime.now(UTC)):
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def _refuse_telling(name: str, shown: str) -> None:
    if telling_words(shown):
        raise TellsTooMuch(f"the {name} tells too much")


def _events(asked: Invitation, now: datetime) -> list[Event]:
    """The series, and an event of its own for each meeting moved off its rule."""
    meetings, zone = asked.occurrences(), ZoneInfo(asked.zone)
    found = recurrence(meetings)
    series = _event(asked, meetings[0], now)
    if found.times > 1:
        series.add("rrule", {**found.rule.written(meetings[0].start), "COUNT": found.times})
    if found.skipped:
        series.add("exdate", [slot.replace(tzinfo=zone) for slot in found.skipped])
    moved = [_moved(asked, slot.replace(tzinfo=zone), meeting, now) for slot, meeting in found.moved.items()]
    return [series, *moved]


def _moved(asked: Invitation, slot: datetime, meeting: Occurrence, now: datetime) -> Event:
    event = _event(asked, meeting, now)
    event.add("recurrence-id", slot)
    return event


def _event(asked: Invitation, meeting: Occurrence, now: datetime) -> Event:
    zone = ZoneInfo(asked.zone)
    event = Event()
    event.add("uid", asked.uid)
    event.add("sequence", asked.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", meeting.start.replace(tzinfo=zone))
    event.add("dtend", meeting.end.replace(tzinfo=zone))
    event.add("summary", asked.summary)
    event.add("location", asked.location)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if asked.method == "CANCEL" else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{asked.organiser}"))
    event.add("attendee", _attendee(asked.attendee))
    return event


def _attendee(address: str) -> vCalAddress:
    """The person has accepted by the link, so the calendar must not ask them or send a reply."""
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params.update({"PARTSTAT": vText("ACCEPTED"), "RSVP": vText("FALSE")})
    return attendee
