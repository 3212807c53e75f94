from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.scheduling.fakes import group

from scheduling.adapters.recurrence import lay_out
from scheduling.adapters.timetables import Timetables, bank_holidays
from scheduling.domain.catalogue import Part
from scheduling.domain.timetable import Timetable
from shared.process.hubs import Hub

LONDON = ZoneInfo("Europe/London")
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)  # the clocks of the UK change on these days
NATIONS = {nation: bank_holidays(nation) for nation in ("ENG", "WLS", "SCT", "NIR")}


def timetable(first, cadence="weekly", count=1, zone="Europe/London", parts=()):
    """`first`: naive, on the wall clock, as ISO text."""
    return Timetable(cadence, datetime.fromisoformat(first), 90, count, zone, tuple(parts))


def laid_out(first, cadence="weekly", count=1, holidays=(), **more):
    return lay_out(timetable(first, cadence, count, **more), set(holidays))


def days(sessions):
    return [f"{session.start.astimezone(LONDON):%d %b}" for session in sessions]


def wall_clock(sessions, zone=LONDON):
    return {f"{session.start.astimezone(zone):%A %H:%M}" for session in sessions}


def in_nation(nation, first, cadence="weekly", count=1):
    return days(lay_out(timetable(first, cadence, count), NATIONS[nation]))


def test_a_weekly_series_meets_every_week_and_ends_after_its_last_session():
    assert days(laid_out("2027-01-12T18:30", count=4)) == ["12 Jan", "19 Jan", "26 Jan", "02 Feb"]


def test_a_monthly_series_keeps_to_the_same_weekday_of_the_month():
    second_tuesdays = ["12 Jan", "09 Feb", "09 Mar", "13 Apr", "11 May"]
    assert days(laid_out("2027-01-12T18:30", "monthly", 5)) == second_tuesdays


def test_the_fifth_tuesday_becomes_the_last_so_that_every_month_has_one():
    assert days(laid_out("2027-03-30T18:30", "monthly", 5)) == ["30 Mar", "27 Apr", "25 May", "29 Jun", "27 Jul"]


def test_the_fourth_tuesday_stays_the_fourth_even_where_it_began_as_the_last():
    assert days(laid_out("2027-02-23T18:30", "monthly", 3)) == ["23 Feb", "23 Mar", "27 Apr"]


@pytest.mark.parametrize(("first", "second"), [("2027-01-07", "04 Feb"), ("2027-01-08", "12 Feb"), ("2027-01-28", "25 Feb")])
def test_the_ends_of_the_first_second_and_fourth_week_are_told_apart(first, second):
    assert days(laid_out(f"{first}T18:30", "monthly", 2))[1] == second


def test_a_one_off_is_one_session_of_its_length():
    (only,) = laid_out("2027-01-12T18:30", "once", 1)
    assert (only.start, only.end) == (datetime(2027, 1, 12, 18, 30, tzinfo=UTC), datetime(2027, 1, 12, 20, tzinfo=UTC))


def test_a_one_off_on_a_bank_holiday_moves_by_a_week():
    assert in_nation("ENG", "2027-05-03T10:00", "once") == ["10 May"]


def test_half_past_six_stays_half_past_six_over_both_clock_changes_of_2027():
    sessions = laid_out("2027-01-12T18:30", count=52)
    assert wall_clock(sessions) == {"Tuesday 18:30"}
    summer = [session.start.date() for session in sessions if session.start.hour == 17]
    assert (min(summer), max(summer)) == (date(2027, 3, 30), date(2027, 10, 26))


def test_a_monthly_series_keeps_its_wall_clock_over_both_clock_changes_too():
    assert wall_clock(laid_out("2027-01-12T18:30", "monthly", 12)) == {"Tuesday 18:30"}


def test_a_session_lasts_as_long_as_it_says_even_in_the_night_the_clocks_change():
    for night in (SPRING, AUTUMN):
        (session,) = laid_out(f"{night - timedelta(days=1)}T23:45")
        assert session.end - session.start == timedelta(minutes=90)


def test_a_time_that_the_clocks_skip_is_read_with_the_offset_before_the_gap():
    """RFC 5545, 3.3.5: half past one, which is not on 28 March 2027, is an hour and a half after midnight GMT: 02:30 BST."""
    (session,) = laid_out(f"{SPRING}T01:30")
    assert session.start == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert f"{session.start.astimezone(LONDON):%H:%M %Z}" == "02:30 BST"


def test_a_time_that_comes_twice_means_its_first_occurrence():
    """RFC 5545, 3.3.5."""
    (session,) = laid_out(f"{AUTUMN}T01:30")
    assert session.start == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert f"{session.start.astimezone(LONDON):%H:%M %Z}" == "01:30 BST"


def test_a_time_that_was_skipped_once_is_back_a_week_later():
    later = laid_out(f"{SPRING}T01:30", count=2)[1]
    assert f"{later.start.astimezone(LONDON):%d %b %H:%M}" == "04 Apr 01:30"


def test_a_bank_holiday_is_skipped_and_does_not_count():
    sessions = laid_out("2027-04-19T18:30", count=4, holidays=[date(2027, 5, 3)])
    assert days(sessions) == ["19 Apr", "26 Apr", "10 May", "17 May"]


def test_a_first_session_on_a_bank_holiday_is_held_a_week_later():
    assert in_nation("ENG", "2027-05-03T18:30", count=2) == ["10 May", "17 May"]


def test_a_month_whose_day_is_a_bank_holiday_has_no_session():
    """The last Mondays of May and August are bank holidays in England."""
    assert in_nation("ENG", "2027-03-29T18:30", "monthly", 4) == ["26 Apr", "28 Jun", "26 Jul", "27 Sep"]


def test_a_holiday_is_a_day_on_the_wall_clock_of_the_place():
    """Half past midnight on 3 May in London is still 2 May in UTC."""
    assert laid_out("2027-05-03T00:30")[0].start.date() == date(2027, 5, 2)
    assert days(laid_out("2027-05-03T00:30", holidays=[date(2027, 5, 3)])) == ["10 May"]
    assert days(laid_out("2027-05-03T00:30", holidays=[date(2027, 5, 2)])) == ["03 May"]


@pytest.mark.parametrize(
    ("day", "kept_by"),
    [
        ("2026-01-02", {"SCT"}),
        ("2027-03-17", {"NIR"}),
        ("2027-03-26", {"ENG", "WLS", "SCT", "NIR"}),
        ("2027-03-29", {"ENG", "WLS", "NIR"}),
        ("2027-07-12", {"NIR"}),
        ("2027-08-02", {"SCT"}),
        ("2027-08-30", {"ENG", "WLS", "NIR"}),
        ("2027-11-30", {"SCT"}),
        ("2027-12-27", {"ENG", "WLS", "SCT", "NIR"}),
        ("2027-12-29", set()),
    ],
    ids=[
        "2 January",
        "St Patrick's day",
        "Good Friday",
        "Easter Monday",
        "Battle of the Boyne",
        "first Monday of August",
        "last Monday of August",
        "St Andrew's day",
        "in place of Christmas day",
        "a working day",
    ],
)
def test_each_nation_skips_its_own_bank_holidays(day, kept_by):
    shown = f"{date.fromisoformat(day):%d %b}"
    assert {nation for nation in NATIONS if in_nation(nation, f"{day}T18:30") != [shown]} == kept_by


HUBS = {nation.lower(): Hub(nation.lower(), nation, nation, "Europe/London", "", "") for nation in NATIONS}


def of_hub(hub, **more):
    return replace(group(hub=hub), **more)


def test_a_hub_skips_the_holidays_of_its_own_nation():
    timetables, on_st_andrews = Timetables(HUBS), timetable("2027-11-30T18:30")
    assert days(timetables.lay_out(of_hub("sct"), on_st_andrews)) == ["07 Dec"]
    assert days(timetables.lay_out(of_hub("eng"), on_st_andrews)) == ["30 Nov"]


def test_the_sessions_of_a_group_are_numbered_from_one_and_have_ids_of_their_own():
    sessions = Timetables(HUBS).lay_out(of_hub("eng", venue="Room 9"), timetable("2027-04-26T18:30", count=3))
    assert [session.number for session in sessions] == [1, 2, 3]
    assert {(session.group, session.hub, session.venue, session.zone) for session in sessions} == {
        ("G-1", "eng", "Room 9", "Europe/London")
    }
    assert {(session.state, session.parts) for session in sessions} == {("planned", ())}
    assert all(session.id.startswith("X-") for session in sessions)
    assert sorted({session.id for session in sessions}) == [session.id for session in sessions], "no two alike, and they sort by time"
    assert days(sessions) == ["26 Apr", "10 May", "17 May"]


def test_two_groups_that_meet_at_once_share_no_session():
    first, second = (Timetables(HUBS).lay_out(of_hub("eng"), timetable("2027-04-26T18:30")) for _ in range(2))
    assert first[0].id != second[0].id


DAY_PARTS = (Part("All together", "large", 0, 90), Part("Small circles", "small", 105, 75))


def test_the_parts_of_a_day_are_values_inside_it():
    (day,) = laid_out("2027-01-12T09:00", "once", parts=DAY_PARTS)
    assert [(part.number, part.name) for part in day.parts] == [(1, "All together"), (2, "Small circles")]
    (session,) = Timetables(HUBS).lay_out(of_hub("eng"), timetable("2027-01-12T09:00", "once", parts=DAY_PARTS))
    assert session.parts == day.parts


def test_a_part_begins_as_many_minutes_into_the_day_as_it_says():
    (day,) = laid_out("2027-07-13T09:00", "once", parts=DAY_PARTS)
    spans = [[f"{at.astimezone(LONDON):%H:%M}" for at in (part.start, part.end)] for part in day.parts]
    assert spans == [["09:00", "10:30"], ["10:45", "12:00"]]


def test_every_day_of_a_series_has_its_parts():
    sessions = laid_out("2027-01-12T09:00", count=2, parts=DAY_PARTS)
    assert [[f"{part.start:%d %b}" for part in day.parts] for day in sessions] == [["12 Jan"] * 2, ["19 Jan"] * 2]


def test_holidays_are_given_as_days_or_as_what_tells_them():
    for holidays in ({date(2027, 4, 26)}, lambda day: day == date(2027, 4, 26)):
        assert days(lay_out(timetable("2027-04-26T18:30"), holidays)) == ["03 May"]


FIRSTS = st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2028-12-31"))
DAYTIME = FIRSTS.map(lambda at: at.replace(hour=7 + at.hour % 15, second=0, microsecond=0))  # no clock changes then
ZONES = st.sampled_from(["Europe/London", "America/New_York", "Australia/Sydney", "Asia/Kolkata"])


@settings(max_examples=60, deadline=None)
@given(DAYTIME, st.sampled_from(["weekly", "monthly"]), st.integers(1, 40), st.sampled_from(sorted(NATIONS)), ZONES)
def test_whatever_the_series_its_sessions_are_as_many_as_asked_rising_and_alike_and_on_no_holiday(first, cadence, count, nation, zone):
    sessions = lay_out(Timetable(cadence, first, 90, count, zone), NATIONS[nation])
    starts = [session.start for session in sessions]
    local = [start.astimezone(ZoneInfo(zone)) for start in starts]
    assert len(sessions) == count
    assert all(one < other for one, other in pairwise(starts))
    assert wall_clock(sessions, ZoneInfo(zone)) == {f"{first:%A %H:%M}"}
    assert not [at for at in local if NATIONS[nation](at.date())]
    assert local[0].replace(tzinfo=None) >= first


@settings(max_examples=60, deadline=None)
@given(DAYTIME, st.integers(1, 40), st.sampled_from(sorted(NATIONS)))
def test_a_weekly_series_leaves_out_no_week_but_those_of_bank_holidays(first, count, nation):
    sessions = lay_out(Timetable("weekly", first, 90, count, "Europe/London"), NATIONS[nation])
    met = {session.start.astimezone(LONDON).date() for session in sessions}
    passed = [first.date() + timedelta(weeks=week) for week in range((max(met) - first.date()).days // 7 + 1)]
    assert {day for day in passed if not NATIONS[nation](day)} == met


@settings(max_examples=60, deadline=None)
@given(DAYTIME, st.integers(1, 24))
def test_a_monthly_series_meets_once_in_every_month(first, count):
    sessions = lay_out(Timetable("monthly", first, 90, count, "Europe/London"), set())
    months = [session.start.year * 12 + session.start.month for session in sessions]
    assert months == list(range(months[0], months[0] + count))
    assert months[0] == first.year * 12 + first.month
