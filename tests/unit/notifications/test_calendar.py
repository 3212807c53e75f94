from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from notifications.adapters.calendar import TellsTooMuch, invitation
from notifications.adapters.timezones import NoYearlyRule, timezone
from notifications.domain.invitation import Invitation, NothingToAttend
from notifications.domain.places import Meeting

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST = datetime.fromisoformat("2027-01-12T18:30")  # naive: on the wall clock


def session(start, minutes=90, zone="Europe/London"):
    """`start`: naive, on the wall clock."""
    begins = start.replace(tzinfo=ZoneInfo(zone))
    ends = (start + timedelta(minutes=minutes)).replace(tzinfo=ZoneInfo(zone))
    return Meeting("X", begins.astimezone(UTC), ends.astimezone(UTC), zone, "")


def asked(sessions, **changes):
    fields = {
        "uid": "S-1@circlework.example",
        "sequence": 0,
        "attendee": "sam@home.example",
        "organiser": "hello@circlework.example",
        "summary": "Weekly evening A",
        "location": "Room 3",
        "meetings": sessions,
        "method": "REQUEST",
    }
    return Invitation(**(fields | changes))


def read(sessions, **changes):
    return Calendar.from_ical(invitation(asked(sessions, **changes), NOW))


def shown(calendar):
    """(start, end) of every meeting as a calendar would show it: naive, on the wall clock."""
    master, *moved = calendar.walk("VEVENT")
    start = master["DTSTART"].dt.replace(tzinfo=None)
    length = master["DTEND"].dt.replace(tzinfo=None) - start
    starts = set(rrulestr(master["RRULE"].to_ical().decode(), dtstart=start)) if "RRULE" in master else {start}
    if "EXDATE" in master:
        starts -= {one.dt.replace(tzinfo=None) for one in master["EXDATE"].dts}
    starts -= {event["RECURRENCE-ID"].dt.replace(tzinfo=None) for event in moved}
    found = [(begin, begin + length) for begin in starts]
    found += [(event["DTSTART"].dt.replace(tzinfo=None), event["DTEND"].dt.replace(tzinfo=None)) for event in moved]
    return sorted(found)


def wanted(starts, minutes=90):
    return [(start, start + timedelta(minutes=minutes)) for start in sorted(starts)]


def test_an_invitation_is_private_has_one_attendee_and_says_nothing_more():
    calendar = read([session(FIRST)])
    (event,) = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == "REQUEST"
    assert str(event["CLASS"]) == "PRIVATE"
    assert str(event["ATTENDEE"]) == "mailto:sam@home.example"
    assert str(event["ORGANIZER"]) == "mailto:hello@circlework.example"
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("Weekly evening A", "Room 3")
    assert not {"DESCRIPTION", "COMMENT", "CATEGORIES", "URL", "RRULE"} & set(event)
    assert not calendar.walk("VALARM")


def test_the_zone_is_defined_in_the_file():
    calendar = read([session(FIRST)])
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/London"]
    assert b"DTSTART;TZID=Europe/London:20270112T183000" in invitation(asked([session(FIRST)]), NOW)


def onsets(zone):
    """Each clock change that the file tells: kind, rule and naive moment."""
    (told,) = read([session(FIRST, zone=zone)]).walk("VTIMEZONE")
    return {(one.name, one["RRULE"].to_ical().decode(), one["DTSTART"].dt.isoformat()) for one in told.subcomponents}


def test_the_zone_tells_by_which_rule_its_clocks_change():
    assert onsets("Europe/London") == {
        ("DAYLIGHT", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "2026-03-29T01:00:00"),
        ("STANDARD", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "2026-10-25T02:00:00"),
    }
    assert onsets("America/New_York") == {
        ("DAYLIGHT", "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "2026-03-08T02:00:00"),
        ("STANDARD", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "2026-11-01T02:00:00"),
    }


def test_a_zone_without_clock_changes_is_told_as_one_offset():
    (told,) = read([session(FIRST, zone="Asia/Kolkata")]).walk("VTIMEZONE")
    assert [(one.name, one["TZOFFSETTO"].to_ical()) for one in told.subcomponents] == [("STANDARD", "+0530")]


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Sydney"])
@pytest.mark.parametrize("month", range(1, 13))
def test_what_the_file_says_of_the_zone_is_what_the_zone_does(zone, month):
    told = read([session(FIRST, zone=zone)]).walk("VTIMEZONE")[0].to_tz()
    at = FIRST.replace(month=month, hour=12)
    assert at.replace(tzinfo=told).utcoffset() == at.replace(tzinfo=ZoneInfo(zone)).utcoffset()


def test_a_zone_whose_clocks_follow_no_rule_is_refused():
    with pytest.raises(NoYearlyRule):
        timezone("Africa/Casablanca", 2026, 2027)


@pytest.mark.parametrize("weeks", [12, 26, 60])
def test_a_series_in_such_a_zone_is_told_in_utc_and_keeps_its_hour_on_the_wall(weeks):
    """Morocco's clocks change around Ramadan, which has no yearly rule."""
    zone, starts = "Africa/Casablanca", [FIRST + timedelta(weeks=week) for week in range(weeks)]
    calendar = read([session(start, zone=zone) for start in starts])
    assert calendar.walk("VTIMEZONE") == []
    assert b"DTSTART:2027" in calendar.to_ical()
    assert calendar.to_ical().count(b"TZID") == 0
    instants = [start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for start in starts]
    assert shown(calendar) == wanted(instants)


def test_a_weekly_series_is_one_rule_that_skips_the_bank_holidays():
    starts = [FIRST + timedelta(weeks=week) for week in range(8) if week not in (2, 5)]
    calendar = read([session(start) for start in starts])
    (event,) = calendar.walk("VEVENT")
    assert event["RRULE"]["FREQ"] == ["WEEKLY"]
    assert len(event["EXDATE"].dts) == 2
    assert "RDATE" not in event
    assert shown(calendar) == wanted(starts)


def test_a_monthly_series_reads_as_monthly():
    starts = [FIRST.replace(month=month, day=day) for month, day in ((1, 12), (2, 9), (3, 9), (4, 13), (6, 8))]
    calendar = read([session(start) for start in starts])
    assert calendar.walk("VEVENT")[0]["RRULE"].to_ical() == b"FREQ=MONTHLY;COUNT=6;BYDAY=2TU"
    assert shown(calendar) == wanted(starts)


def test_the_last_weekday_of_each_month_reads_as_such():
    starts = [FIRST.replace(month=month, day=day) for month, day in ((1, 26), (2, 23), (3, 30), (4, 27))]
    assert b"BYDAY=-1TU" in invitation(asked([session(start) for start in starts]), NOW)


def test_a_meeting_on_another_day_moves_that_meeting_only():
    starts = [FIRST, FIRST + timedelta(days=8), FIRST + timedelta(weeks=2)]
    calendar = read([session(start) for start in starts])
    _, moved = calendar.walk("VEVENT")
    assert moved["RECURRENCE-ID"].dt.replace(tzinfo=None) == FIRST + timedelta(weeks=1)
    assert str(moved["UID"]) == "S-1@circlework.example"
    assert str(moved["ATTENDEE"]) == "mailto:sam@home.example"
    assert shown(calendar) == wanted(starts)


def test_a_longer_meeting_is_longer_alone():
    sessions = [session(FIRST), session(FIRST + timedelta(weeks=1), minutes=120), session(FIRST + timedelta(weeks=2))]
    expected = [(begin, end) for (begin, end), add in zip(wanted([FIRST + timedelta(weeks=w) for w in range(3)]), (0, 30, 0), strict=True)]
    expected[1] = (expected[1][0], expected[1][1] + timedelta(minutes=30))
    assert shown(read(sessions)) == expected


def test_half_past_six_stays_half_past_six_over_both_clock_changes():
    starts = [FIRST + timedelta(weeks=week) for week in range(52)]
    assert {begin.strftime("%H:%M") for begin, _ in shown(read([session(start) for start in starts]))} == {"18:30"}


def test_a_cancellation_takes_back_the_same_entry():
    calendar = read([session(FIRST)], method="CANCEL", sequence=3)
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(event["STATUS"]), event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 3)
    assert str(event["UID"]) == "S-1@circlework.example"


@pytest.mark.parametrize("shown", [{"summary": "Balint group"}, {"location": "Health Centre, Room 3"}, {"summary": "THERAPY"}])
def test_a_summary_or_location_that_tells_is_refused_without_repeating_it(shown):
    with pytest.raises(TellsTooMuch) as refused:
        invitation(asked([session(FIRST)], **shown), NOW)
    assert next(iter(shown.values())) not in str(refused.value)


def test_an_invitation_to_nothing_is_refused():
    with pytest.raises(NothingToAttend):
        asked([])


def test_another_method_is_refused():
    with pytest.raises(ValueError, match="PUBLISH"):
        invitation(asked([session(FIRST)], method="PUBLISH"), NOW)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_no_name_or_place_can_add_an_attendee_or_a_property(summary, location):
    try:
        made = invitation(asked([session(FIRST)], summary=summary, location=location), NOW)
    except (ValueError, UnicodeError):
        return
    lines = made.decode().replace("\r\n ", "").split("\r\n")
    assert sum(line.upper().startswith("ATTENDEE") for line in lines) == 1
    assert sum(line.upper().startswith("BEGIN:VEVENT") for line in lines) == 1


DAYS = st.lists(st.integers(0, 400), min_size=1, max_size=12, unique=True)


@settings(deadline=None, max_examples=60)
@given(DAYS, st.integers(7, 21), st.sampled_from([0, 15, 30]), st.sampled_from(["Europe/London", "America/New_York", "Australia/Sydney"]))
def test_whatever_the_dates_the_calendar_shows_exactly_them_on_the_wall_clock_to_one_attendee(days, hour, minute, zone):
    starts = [FIRST.replace(hour=hour, minute=minute) + timedelta(days=day) for day in days]
    calendar = read([session(start, zone=zone) for start in starts])
    assert shown(calendar) == wanted(starts)
    assert all(str(event["ATTENDEE"]) == "mailto:sam@home.example" for event in calendar.walk("VEVENT"))
