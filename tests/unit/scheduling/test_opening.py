from dataclasses import replace
from datetime import timedelta

import pytest
from unit.scheduling.fakes import FACILITATOR, HUB, NOW, TUESDAY_EVENING, FakeHub, accepted

from scheduling.application.commands import OpenGroup
from scheduling.application.handlers import keep_facilitator, start_waiting
from scheduling.application.opening import BadGroup, open_group
from scheduling.domain import events
from scheduling.domain.catalogue import Capacity, Catalogue, Eligibility, Length, Modality, NoSuchModality, Part, Variant
from scheduling.domain.people import Conflicts, Facilitator, Facts, Wishes

CHOIR = Modality(
    code="choir",
    public_name="Choir",
    discreet_name="Thursday evening",
    what_to_expect="Song.",
    membership="closed",
    way_in="referral",
    capacity=Capacity(6, 12, 10),
    grade_mixing="soft",
    eligibility=Eligibility(professions=frozenset({"doctor"})),
    cadence="weekly",
    minutes=90,
    sessions=8,
    offer_hours=48,
)
VOICES = replace(
    CHOIR,
    code="voices",
    sessions=None,
    horizon=31,
    variants=(Variant("high", "High voices", "Evening A", Eligibility(genders=frozenset({"woman"}))), Variant("low", "Low", "Evening B")),
    lengths=(Length("30-weeks", "closed", 30), Length("open-ended", "slow-open", open_ended=True)),
)
SHORT = replace(CHOIR, code="short", cadence=None, minutes=None, sessions=None, topics=("breath", "rhythm"))
DAY = replace(CHOIR, code="day", cadence="once", minutes=420, sessions=1, parts=(Part("Morning", "large", 0, 90),))
CATALOGUE = Catalogue({entry.code: entry for entry in (CHOIR, VOICES, SHORT, DAY)})


@pytest.fixture
def hub():
    made = FakeHub(CATALOGUE)
    keep_facilitator(FACILITATOR, made.work)
    return made


def asked(modality="choir", **changes):
    return replace(OpenGroup(modality, ("F-1",), "Room 3", TUESDAY_EVENING, "Europe/London"), **changes)


def problems(hub, command):
    """{field: (reason, cure)} of a refusal; nothing was opened."""
    with pytest.raises(BadGroup) as refusal:
        open_group(command, hub.work)
    assert hub.groups.listed("", 9) == []
    assert hub.told == []
    assert len({problem.field for problem in refusal.value.problems}) == len(refusal.value.problems)
    return {problem.field: (problem.reason, problem.cure) for problem in refusal.value.problems}


def test_a_group_that_is_opened_is_kept_and_told(hub):
    opened = open_group(asked(), hub.work)
    assert [event.group.id for event in hub.told_of(events.GroupOpened)] == [opened.id]
    kept = hub.groups.get(opened.id)
    assert (kept.hub, kept.place, kept.zone, kept.opened_at) == (HUB, "Room 3", "Europe/London", NOW)
    assert [each.display_name for each in kept.facilitators] == ["Alex"]


def test_what_the_coordinator_does_not_say_the_catalogue_decides(hub):
    opened = open_group(asked(), hub.work)
    assert (opened.capacity, len(opened.meetings)) == (10, 8)
    first, second = opened.meetings[:2]
    assert (first.end - first.start, second.start - first.start) == (timedelta(minutes=90), timedelta(weeks=1))
    assert (opened.terms.cadence, opened.terms.offer_hours, opened.terms.name) == ("weekly", 48, "Thursday evening")
    assert (opened.terms.membership, opened.terms.way_in, opened.terms.grade_mixing) == ("closed", "referral", "soft")
    assert opened.terms.eligibility == CHOIR.eligibility


def test_what_the_coordinator_says_is_taken(hub):
    opened = open_group(asked(capacity=7, sessions=3, cadence="monthly", minutes=60, offer_hours=24), hub.work)
    assert (opened.capacity, len(opened.meetings), opened.terms.cadence, opened.terms.offer_hours) == (7, 3, "monthly", 24)
    assert opened.meetings[0].end - opened.meetings[0].start == timedelta(minutes=60)
    assert [f"{session.start:%d %b}" for session in opened.meetings] == ["12 Jan", "09 Feb", "09 Mar"]


def test_the_first_session_is_when_the_coordinator_said_on_the_wall_clock_of_the_place(hub):
    opened = open_group(asked(first_session=TUESDAY_EVENING.replace(month=7, day=13)), hub.work)
    assert opened.meetings[0].start.isoformat() == "2027-07-13T17:30:00+00:00"


def test_a_variant_gives_the_group_its_name_and_narrows_who_it_is_for(hub):
    opened = open_group(asked("voices", variant="high", length="30-weeks"), hub.work)
    assert (opened.terms.name, opened.terms.variant) == ("Evening A", "high")
    assert opened.terms.eligibility == Eligibility(professions=frozenset({"doctor"}), genders=frozenset({"woman"}))


@pytest.mark.parametrize(("length", "membership", "number"), [("30-weeks", "closed", 30), ("open-ended", "slow-open", 31)])
def test_a_length_decides_how_many_sessions_and_whether_people_join_later(hub, length, membership, number):
    opened = open_group(asked("voices", variant="low", length=length), hub.work)
    assert (opened.terms.membership, len(opened.meetings), opened.terms.length) == (membership, number, length)


def test_a_day_is_opened_with_its_parts(hub):
    opened = open_group(asked("day"), hub.work)
    assert [session.name for session in opened.sessions] == ["", "Morning"]
    assert len(opened.meetings) == 1


def test_a_topic_is_kept_with_the_group(hub):
    assert open_group(asked("short", topic="breath", cadence="weekly", minutes=60, sessions=6), hub.work).terms.topic == "breath"


def test_a_modality_the_catalogue_does_not_hold_is_refused_with_those_it_does(hub):
    with pytest.raises(NoSuchModality, match="'band' is not in the catalogue; it holds choir, day, short, voices"):
        open_group(asked("band"), hub.work)


def test_what_the_catalogue_leaves_to_the_group_must_be_said(hub):
    assert problems(hub, asked("short", topic="breath")) == {
        "cadence": ("missing; the catalogue leaves it to you", "give once, weekly or monthly"),
        "minutes": ("missing; the catalogue leaves it to you", "give the length of a session in minutes"),
        "sessions": ("missing; the catalogue leaves it to you", "give how many sessions the series has"),
    }


def test_a_choice_that_was_not_made_is_named_with_what_there_is(hub):
    assert problems(hub, asked("voices")) == {
        "variant": ("missing", "give one of high, low"),
        "length": ("missing", "give one of 30-weeks, open-ended"),
    }
    assert problems(hub, asked("short", cadence="weekly", minutes=60, sessions=6)) == {"topic": ("missing", "give one of breath, rhythm")}


@pytest.mark.parametrize(
    ("command", "field", "cure"),
    [
        (asked("voices", variant="alto", length="30-weeks"), "variant", "give one of high, low"),
        (asked("voices", variant="low", length="alto"), "length", "give one of 30-weeks, open-ended"),
        (asked("short", topic="alto", cadence="weekly", minutes=60, sessions=6), "topic", "give one of breath, rhythm"),
    ],
    ids=["variant", "length", "topic"],
)
def test_a_choice_there_is_not_is_refused_with_what_there_is(hub, command, field, cure):
    assert problems(hub, command) == {field: ("'alto' is none", cure)}


@pytest.mark.parametrize("field", ["variant", "length", "topic"])
def test_a_choice_where_there_is_none_to_make_is_to_be_left_out(hub, field):
    assert problems(hub, asked(**{field: "alto"})) == {field: ("choir has none", "leave it out")}


@pytest.mark.parametrize("capacity", [1, 5, 13, 60])
def test_a_capacity_out_of_the_range_of_the_catalogue_is_refused(hub, capacity):
    assert problems(hub, asked(capacity=capacity)) == {"capacity": (f"{capacity} is out of range", "give 6 to 12")}


@pytest.mark.parametrize("capacity", [6, 12])
def test_the_ends_of_the_range_are_within_it(hub, capacity):
    assert open_group(asked(capacity=capacity), hub.work).capacity == capacity


def test_a_facilitator_nobody_registered_is_refused_by_place_in_the_list(hub):
    cure = "register them at the referral service for this hub, then try again in a few seconds"
    assert problems(hub, asked(facilitators=("F-1", "F-2"))) == {"facilitators.1": ("F-2 is not known here", cure)}


def test_a_facilitator_of_another_hub_is_not_known_here(hub):
    keep_facilitator(Facilitator("F-2", "Kim", ("south",), Conflicts()), hub.work)
    assert list(problems(hub, asked(facilitators=("F-2",)))) == ["facilitators.0"]


def test_a_facilitator_of_several_hubs_runs_groups_at_each(hub):
    keep_facilitator(Facilitator("F-2", "Kim", ("south", HUB), Conflicts()), hub.work)
    assert [each.id for each in open_group(asked(facilitators=("F-2", "F-1")), hub.work).facilitators] == ["F-2", "F-1"]


def test_a_place_that_tells_what_the_group_is_is_refused(hub):
    cure = "give a place name that could stand in anybody's calendar"
    assert problems(hub, asked(place="Balint room")) == {"place": ("it tells what the group is", cure)}


def test_everything_that_is_wrong_is_named_at_once(hub):
    worst = asked("short", variant="high", topic="alto", capacity=99, facilitators=("F-9",), place="Balint room")
    assert set(problems(hub, worst)) == {"variant", "topic", "capacity", "cadence", "minutes", "sessions", "facilitators.0", "place"}


def test_a_refusal_reads_as_one_line_for_the_log(hub):
    with pytest.raises(BadGroup, match=r"^capacity: 99 is out of range; facilitators.0: F-9 is not known here$"):
        open_group(asked(capacity=99, facilitators=("F-9",)), hub.work)


def test_the_places_of_a_new_group_are_offered_to_who_waits_already(hub):
    for name in ("a", "b"):
        start_waiting(accepted(name), hub.work)
    opened = open_group(asked(), hub.work)
    assert [(offer.entry.participant, offer.group.id) for offer in hub.told_of(events.OfferMade)] == [
        ("P-a", opened.id),
        ("P-b", opened.id),
    ]
    assert [each.participant for each in hub.groups.get(opened.id).held] == ["P-a", "P-b"]


def test_nobody_is_offered_a_new_group_that_is_not_for_them(hub):
    start_waiting(accepted("dentist", facts=Facts("dentist", "gp", "woman", "working")), hub.work)
    start_waiting(accepted("elsewhere", wishes=Wishes(modalities=("voices",))), hub.work)
    start_waiting(accepted("colleague", conflicts=Conflicts("own-of-c", never_with=(FACILITATOR.conflicts.own,))), hub.work)
    open_group(asked(), hub.work)
    assert hub.told_of(events.OfferMade) == []
    assert [hub.entries.get(f"R-{name}").state for name in ("dentist", "elsewhere", "colleague")] == ["waiting"] * 3


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"facilitators": ()}, "facilitators", "nobody runs it"),
        ({"facilitators": ("F-1", "F-1")}, "facilitators", "one is given twice"),
        ({"first_session": TUESDAY_EVENING.replace(year=2020)}, "first_session", "it lies in the past"),
        ({"modality": "day", "sessions": 3}, "sessions", "it meets once"),
    ],
)
def test_what_makes_no_group_is_refused_by_its_field(hub, changes, field, reason):
    assert problems(hub, asked(**changes))[field][0] == reason


def test_a_series_with_an_end_knows_it_and_one_without_has_none(hub):
    ends = open_group(asked(), hub.work)
    assert ends.ends_at == ends.meetings[-1].end
    assert open_group(asked("voices", variant="high", length="open-ended"), hub.work).ends_at is None
