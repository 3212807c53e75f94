"""The group and its roster: domain/groups.py."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from unit.scheduling.fakes import A_WEEK, ALEX, NOW, TUESDAY_EVENING, group, member, runs, tokens

from scheduling.domain.groups import NoRoom
from scheduling.domain.roster import Pair
from scheduling.domain.tokens import Days


def people(rows):
    return [each.person for each in rows]


def sessions(meetings):
    return [each.session for each in meetings]


def full_of_two():
    """Both of two places are taken, by the memberships S-of-a and S-of-b."""
    return group(capacity=2, roster=(ALEX, member("a", state="taken"), member("b", state="taken")))


def test_opening_a_group_keeps_when():
    made = group()
    made.open(NOW)
    assert made.opened_at == NOW


def test_a_place_that_is_held_is_not_yet_taken():
    made = group(capacity=2)
    made.add(member("a"))
    assert ([(row.person, row.state) for row in made.members], made.has_room) == ([("P-a", "held")], True)


def test_a_held_place_becomes_the_place_of_the_same_person():
    made = group()
    made.add(member("a"))
    made.add(member("b"))
    made.take("S-of-b")
    assert [(row.person, row.state) for row in made.members] == [("P-a", "held"), ("P-b", "taken")]


def test_taking_keeps_what_placement_compares_people_by():
    made, holder = group(), member("a", "site-7", grade="consultant")
    made.add(holder)
    made.take("S-of-a")
    assert list(made.members) == [replace(holder, state="taken")]


def test_a_group_whose_places_are_all_held_or_taken_refuses_another_and_stays_as_it_was():
    made = group(capacity=2)
    made.add(member("a", state="taken"))
    made.add(member("b"))
    with pytest.raises(NoRoom, match="G-1 has 2 places"):
        made.add(member("c"))
    assert people(made.members) == ["P-a", "P-b"]


@pytest.mark.parametrize("kind", ["seat", "booking", "staff"])
def test_seats_bookings_and_staff_take_up_room(kind):
    made = group(capacity=1, roster=())
    made.add(member("a", kind=kind))
    assert (made.has_room, made.is_full) == (False, True)


def test_who_runs_a_group_takes_up_no_room():
    made = group(capacity=1, roster=())
    made.add(runs("alex"))
    made.add(runs("kim"))
    made.add(member("a"))
    made.add(runs("jo"))
    assert (people(made.members), people(made.run_by)) == (["P-a"], ["F-alex", "F-kim", "F-jo"])


@pytest.mark.parametrize("state", ["held", "taken", "paused"])
def test_whether_a_group_is_full_is_kept_for_the_store_to_find(state):
    made = group(capacity=1)
    made.add(member("a", state=state))
    assert made.is_full
    made.free("S-of-a")
    assert not made.is_full


@pytest.mark.parametrize("state", ["held", "taken"])
def test_giving_up_frees_that_place_only(state):
    made = group(capacity=2, roster=(ALEX, member("a", state=state), member("b")))
    made.free("S-of-a")
    assert (people(made.roster), made.has_room) == (["F-alex", "P-b"], True)


def test_giving_up_a_place_nobody_has_frees_nothing():
    made = full_of_two()
    made.free("S-of-z")
    assert (people(made.members), made.has_room) == (["P-a", "P-b"], False)


def test_a_freed_place_can_be_held_by_the_next():
    made = full_of_two()
    made.free("S-of-b")
    made.add(member("c"))
    assert people(made.members) == ["P-a", "P-c"]


def test_a_place_that_is_freed_takes_its_pairs_along():
    made = full_of_two()
    made.pair([Pair("S-of-a", "S-of-b"), Pair("S-of-F-alex", "S-of-b")])
    made.free("S-of-a")
    assert made.pairs == (Pair("S-of-F-alex", "S-of-b"),)
    assert (made.meets_a_colleague("S-of-b"), made.meets_a_colleague("S-of-a")) == (True, False)


def test_what_is_new_of_somebody_changes_their_row_and_no_other():
    made = full_of_two()
    made.know("P-a", tokens("a", "site-9"), "consultant", None)
    assert made.row_of("P-a") == replace(member("a", "site-9", grade="consultant"), state="taken")
    assert made.row_of("P-b") == member("b", state="taken")
    assert (made.row_of("P-z"), made.row("S-of-z"), made.row("S-of-b")) == (None, None, member("b", state="taken"))


def test_a_group_is_over_once_its_last_session_has_ended_and_only_if_it_has_an_end():
    made = replace(group(), ends_at=NOW)
    assert (made.is_over(NOW - timedelta(seconds=1)), made.is_over(NOW)) == (False, True)
    assert not group().is_over(NOW + 100 * A_WEEK)
    made.end(NOW)
    assert (made.state, made.ended_at, made.is_over(NOW)) == ("ended", NOW, False)


def test_the_days_of_a_group_are_from_today_to_its_last_session():
    assert group().days(NOW) == Days(date(2027, 1, 4), date(2027, 3, 2))
    assert group().days(NOW + 52 * A_WEEK).first == group().days(NOW + 52 * A_WEEK).last == date(2028, 1, 3)


def test_the_days_ahead_are_those_on_which_it_still_meets():
    assert [f"{day:%d %b}" for day in group(number=3).days_ahead(NOW + A_WEEK + timedelta(days=2))] == ["19 Jan", "26 Jan"]


def test_what_a_person_is_told_of_their_place():
    made = group(colleagues="warn", number=2)
    made.revision = 3
    told = made.place("seat", NOW + A_WEEK + timedelta(days=2), NOW)
    assert (told.group, told.kind, told.name, told.venue, told.zone) == ("G-1", "seat", "Weekly evening", "Room 3", "Europe/London")
    assert (told.cadence, told.revision, told.deadline, told.colleagues_may_come) == ("weekly", 3, NOW, True)
    assert (sessions(told.meetings), told.run_by) == (["X-G-1-2"], (ALEX,))


@pytest.mark.parametrize("colleagues", ["apart", "off"])
def test_nobody_is_warned_of_colleagues_where_they_are_kept_apart_or_expected(colleagues):
    assert not group(colleagues=colleagues).place("seat", NOW).colleagues_may_come


@pytest.mark.parametrize(("way_in", "kind"), [("referral", "seat"), ("booking", "booking"), ("staff", "staff"), ("open-access", "pass")])
def test_what_members_have_follows_from_the_way_in(way_in, kind):
    assert group(way_in=way_in).terms.kind == kind


@pytest.mark.parametrize("state", ["ended", "cancelled"])
def test_a_group_that_was_ended_early_reads_as_ended(state):
    assert replace(group(), state=state).shown_state(NOW) == "ended"


def test_a_group_has_begun_from_the_start_of_its_first_session():
    made = group()
    start = datetime(2027, 1, 12, 18, 30, tzinfo=UTC)
    assert not made.has_begun(start - timedelta(seconds=1))
    assert made.has_begun(start)


def test_what_is_coming_are_the_sessions_that_have_not_started():
    made = group(number=3)
    assert sessions(made.coming(NOW)) == ["X-G-1-1", "X-G-1-2", "X-G-1-3"]
    assert sessions(made.coming(made.meetings[0].start)) == ["X-G-1-2", "X-G-1-3"]
    assert made.coming(made.meetings[2].start) == ()


@pytest.mark.parametrize("month", [1, 7], ids=["winter", "summer"])
def test_the_slot_is_what_the_wall_clock_shows_winter_and_summer(month):
    made = group(first=TUESDAY_EVENING.replace(month=month, day={1: 12, 7: 13}[month]))
    assert made.slot() == ("tuesday", time(18, 30), time(20))


def test_the_slot_stays_as_told_when_the_clocks_have_changed_since_the_first_session():
    made = group(first=TUESDAY_EVENING.replace(month=3, day=9), number=8)
    assert {session.start.hour for session in made.meetings} == {17, 18}
    later = replace(made, meetings=made.meetings[4:])
    assert made.slot() == later.slot() == ("tuesday", time(18, 30), time(20))


def test_the_slot_is_on_the_clock_of_the_place_and_not_of_the_server():
    made = replace(group(), zone="Pacific/Auckland")
    assert made.slot() == ("wednesday", time(7, 30), time(9))


def test_a_group_reads_as_open_then_full_then_ended():
    made = group(capacity=1, number=1)
    assert made.shown_state(NOW) == "open"
    made.add(member("a"))
    assert made.shown_state(NOW) == "full"
    assert made.shown_state(NOW + timedelta(days=365)) == "ended"


@pytest.mark.parametrize(("way_in", "drop_in"), [("open-access", True), ("referral", False), ("booking", False), ("staff", False)])
def test_only_open_access_is_a_drop_in(way_in, drop_in):
    assert group(way_in=way_in).terms.is_open_access is drop_in
