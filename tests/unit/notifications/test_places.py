"""A place: sealed by scheduling for this service about one person, and opened as this service's own type."""

from dataclasses import fields
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.notifications.fakes import FIRST, KEY, NOW, PAIR, SEALED, World, meeting, place

from notifications.adapters.places import SealedPlaces, UnknownPlace
from notifications.domain.places import KINDS, REMIND_AHEAD, Meeting, Place
from shared.contracts import Sealing, parts
from shared.errors import Poison
from shared.events.sealing import BadSeal, SealingKey, Seals, UnknownSealingKey

WORLD = World()
PLACES = SealedPlaces(WORLD.seals)


def opened(**changes):
    return PLACES.open("P-1", WORLD.sealed(place(**changes)))


def test_a_place_is_opened_as_it_was_told_but_for_what_nobody_here_needs():
    assert opened(colleagues_may_come=True) == Place(
        kind="seat",
        name="Weekly evening A",
        venue="Larch House",
        cadence="weekly",
        revision=2,
        meetings=tuple(
            Meeting(f"X-{n}", FIRST + timedelta(weeks=n), FIRST + timedelta(weeks=n, minutes=90), "Europe/London", "Room 3")
            for n in range(3)
        ),
        deadline=NOW + timedelta(days=3),
        colleagues_may_come=True,
    )


def test_which_group_it_is_and_who_runs_it_goes_no_further():
    assert {field.name for field in fields(Place)} & {"group", "run_by"} == set()
    assert {field.name for field in fields(parts.Place)} > {field.name for field in fields(Place)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_place_opens(kind):
    assert opened(kind=kind).kind == kind


def test_a_place_without_deadline_or_meetings_opens():
    found = opened(deadline=None, meetings=())
    assert (found.deadline, found.meetings, found.next_to_remind(NOW)) == (None, (), None)


def test_a_place_sealed_under_the_key_before_a_rotation_still_opens():
    old = WORLD.sealed()
    rotated = SealedPlaces(Seals("notifications", {PAIR: [SealingKey("2027-05", b"n" * 32), KEY]}))
    assert rotated.open("P-1", old).name == "Weekly evening A"


@pytest.mark.parametrize(
    ("person", "text", "why"),
    [
        ("P-2", WORLD.sealed(), BadSeal),
        ("P-1", WORLD.sealed()[:-8] + "AAAAAAA=", BadSeal),
        ("P-1", "2026-11.", BadSeal),
        ("P-1", "2026-11.not base64!", BadSeal),
        ("P-1", "2031-01.AAAA", UnknownSealingKey),
        ("P-1", "", UnknownSealingKey),
        ("P-1", Seals("scheduling", {PAIR: [KEY]}).seal(Sealing("notifications", "staff.name", parts.Place), "P-1", place()), BadSeal),
        ("P-1", WORLD.sealed(place("throne")), UnknownPlace),
    ],
)
def test_what_is_no_place_of_this_person_is_refused_as_poison_and_says_nothing_of_it(person, text, why):
    with pytest.raises(why) as refused:
        PLACES.open(person, text)
    assert isinstance(refused.value, Poison)
    assert "Weekly" not in str(refused.value)
    assert "throne" not in str(refused.value)


def test_a_place_that_lacks_a_field_is_refused_by_the_fields_name():
    group = Seals("scheduling", {PAIR: [KEY]}).seal(
        Sealing("notifications", SEALED.purpose, parts.GroupRef), "P-1", parts.GroupRef(group="G")
    )
    with pytest.raises(UnknownPlace, match="venue"):
        PLACES.open("P-1", group)


def test_a_meeting_is_found_by_its_session():
    found = opened()
    assert found.meeting_of("X-1").start == FIRST + timedelta(weeks=1)
    assert found.meeting_of("X-9") is None
    assert found.meeting_of(None) is None


@given(st.integers(-40, 40))
def test_the_next_to_remind_of_is_the_first_more_than_a_day_ahead(days):
    found, at = opened(meetings=tuple(meeting(number) for number in range(4))), FIRST + timedelta(days=days)
    ahead = [each for each in found.meetings if each.start > at + REMIND_AHEAD]
    assert found.next_to_remind(at) == (ahead[0] if ahead else None)
