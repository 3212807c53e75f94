from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from unit.scheduling.fakes import NOW, TUESDAY_EVENING, group, member

from scheduling.domain import events
from scheduling.domain.group import NoRoom
from scheduling.domain.people import seniority
from scheduling.domain.sessions import Session


def names(members):
    return [each.participant for each in members]


def full_of_two():
    """Both of two places are taken, by the offers O-a and O-b."""
    made = group(capacity=2)
    for name in ("a", "b"):
        made.hold(member(name))
        made.take(f"O-{name}", f"S-{name}")
    return made


def test_opening_a_group_tells_so_and_keeps_when():
    made = group()
    assert made.open(NOW) == [events.GroupOpened(made)]
    assert made.opened_at == NOW


def test_a_place_that_is_held_is_not_yet_a_seat():
    made = group(capacity=2)
    made.hold(member("a"))
    assert (names(made.held), names(made.seated), made.has_room) == (["P-a"], [], True)
    assert made.members[0].state == "held"


def test_a_held_place_becomes_the_seat_of_the_same_person():
    made = group()
    made.hold(member("a"))
    made.hold(member("b"))
    assert made.take("O-b", "S-1") == []
    assert [(each.participant, each.seat, each.state) for each in made.members] == [("P-a", "", "held"), ("P-b", "S-1", "taken")]


def test_taking_keeps_what_placement_compares_people_by():
    made, holder = group(), member("a", grade="consultant")
    made.hold(holder)
    made.take("O-a", "S-1")
    assert made.members == (replace(holder, seat="S-1"),)


def test_a_group_whose_places_are_all_held_or_taken_refuses_another_and_stays_as_it_was():
    made = group(capacity=2)
    made.hold(member("a"))
    made.take("O-a", "S-1")
    made.hold(member("b"))
    with pytest.raises(NoRoom, match="G-1 has 2 places"):
        made.hold(member("c"))
    assert names(made.members) == ["P-a", "P-b"]


def test_a_group_is_told_full_once_when_its_last_place_is_taken():
    made = group(capacity=2)
    made.hold(member("a"))
    made.hold(member("b"))
    assert made.take("O-a", "S-1") == []
    assert made.take("O-b", "S-2") == [events.GroupFull(made)]
    assert made.take("O-b", "S-2") == []


def test_a_group_whose_last_places_are_only_held_is_not_told_full():
    made = group(capacity=1)
    made.hold(member("a"))
    assert not made.has_room
    assert not made.is_full


def test_a_group_that_fills_again_after_somebody_left_is_told_full_again():
    made = full_of_two()
    made.give_up("O-a")
    made.hold(member("c"))
    assert made.take("O-c", "S-3") == [events.GroupFull(made)]


@pytest.mark.parametrize("taken", [False, True], ids=["held", "taken"])
def test_giving_up_frees_that_place_only(taken):
    made = group(capacity=2)
    made.hold(member("a"))
    made.hold(member("b"))
    if taken:
        made.take("O-a", "S-1")
    made.give_up("O-a")
    assert (names(made.members), made.has_room) == (["P-b"], True)


def test_giving_up_a_place_nobody_has_frees_nothing():
    made = full_of_two()
    made.give_up("O-z")
    assert (names(made.members), made.has_room) == (["P-a", "P-b"], False)


def test_a_freed_place_can_be_held_by_the_next():
    made = full_of_two()
    made.give_up("O-b")
    made.hold(member("c"))
    assert names(made.members) == ["P-a", "P-c"]


def test_a_group_has_begun_from_the_start_of_its_first_session():
    made = group()
    start = datetime(2027, 1, 12, 18, 30, tzinfo=UTC)
    assert not made.has_begun(start - timedelta(seconds=1))
    assert made.has_begun(start)


def test_what_is_coming_are_the_sessions_that_have_not_started():
    made = group(number=3)
    assert [session.number for session in made.coming(NOW)] == [1, 2, 3]
    assert [session.number for session in made.coming(made.sessions[0].start)] == [2, 3]
    assert made.coming(made.sessions[2].start) == ()


def test_what_happens_inside_a_day_is_no_meeting_of_its_own():
    made = group(number=1)
    day = made.sessions[0]
    made.sessions = (day, Session("G-1-001-1", 1, day.start, day.end, day.zone, "Small circles", day.id))
    assert made.meetings == made.coming(NOW) == (day,)


@pytest.mark.parametrize("month", [1, 7], ids=["winter", "summer"])
def test_the_slot_is_what_the_wall_clock_shows_winter_and_summer(month):
    made = group(first=TUESDAY_EVENING.replace(month=month, day={1: 12, 7: 13}[month]))
    assert made.slot() == ("tuesday", time(18, 30), time(20))


def test_the_slot_stays_as_told_when_the_clocks_have_changed_since_the_first_session():
    made = group(first=TUESDAY_EVENING.replace(month=3, day=9), number=8)
    assert {session.start.hour for session in made.sessions} == {17, 18}
    later = replace(made, sessions=made.sessions[4:])
    assert made.slot() == later.slot() == ("tuesday", time(18, 30), time(20))


def test_the_slot_is_on_the_clock_of_the_place_and_not_of_the_server():
    made = replace(group(), zone="Pacific/Auckland")
    assert made.slot() == ("wednesday", time(7, 30), time(9))


def test_a_group_reads_as_open_then_full_then_ended():
    made = group(capacity=1, number=1)
    assert made.state(NOW) == "open"
    made.hold(member("a"))
    assert made.state(NOW) == "full"
    assert made.state(NOW + timedelta(days=365)) == "ended"


@pytest.mark.parametrize(("way_in", "drop_in"), [("open-access", True), ("referral", False), ("booking", False), ("staff", False)])
def test_only_open_access_is_a_drop_in(way_in, drop_in):
    assert group(way_in=way_in).terms.is_open_access is drop_in


@pytest.mark.parametrize(
    ("grade", "kind"),
    [("student", "junior"), ("gp_trainee", "junior"), ("consultant", "senior"), ("gp", "senior"), ("sas", "senior"), ("other", None)],
)
def test_a_grade_is_junior_senior_or_neither(grade, kind):
    assert seniority(grade) == kind
