"""Writes the calendar entry of one person (RFC 5545, RFC 5546): private, one attendee, one event with all its dates."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from notifications.domain.invitation import Invitation
from shared.discretion import telling_words


class TellsTooMuch(ValueError):
    """A calendar would show a word that gives somebody away."""


def invitation(asked: Invitation, now: datetime | None = None) -> bytes:
    """The ICS. One VEVENT: the first session, and the others as RDATE, because a series skips bank holidays as no RRULE
    does; each date can later be moved or cancelled alone, by its RECURRENCE-ID. Raises TellsTooMuch."""
    for shown in (asked.summary, asked.location):
        if words := telling_words(shown):
            raise TellsTooMuch(", ".join(words))
    calendar = Calendar()
    calendar.add("prodid", "-//Circlework//EN")
    calendar.add("version", "2.0")
    calendar.add("method", asked.method)
    calendar.add_component(_event(asked, now or datetime.now(UTC)))
    calendar.add_missing_timezones()
    text: bytes = calendar.to_ical()
    return text


def _event(asked: Invitation, now: datetime) -> Event:
    starts = [_local(session["start"], session["zone"]) for session in asked.sessions]
    event = Event()
    event.add("uid", asked.uid)
    event.add("sequence", asked.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", starts[0])
    event.add("dtend", _local(asked.sessions[0]["end"], asked.sessions[0]["zone"]))
    if starts[1:]:
        event.add("rdate", starts[1:])
    event.add("summary", asked.summary)
    event.add("location", asked.location)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if asked.method == "CANCEL" else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{asked.organiser}"))
    event.add("attendee", _attendee(asked.attendee), encode=False)
    return event


def _attendee(address: str) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    return attendee


def _local(instant: str, zone: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
