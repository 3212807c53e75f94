"""Opening, reading and ending groups: application/groups.py, application/sessions.py and application/modalities.py."""

from dataclasses import replace
from datetime import timedelta

import pytest
from unit.scheduling.fakes import A_WEEK, ALEX, HUB, NOW, SOUTH, TUESDAY_EVENING, FakeHub, group, tokens

from scheduling.application import groups, modalities, people, sessions
from scheduling.application.groups import BadGroup, EndGroup, ListGroups, OpenGroup, ReadGroup, open_group
from scheduling.application.modalities import ListModalities, ReadModality
from scheduling.application.people import Erase
from scheduling.application.sessions import SessionsOf
from scheduling.domain.catalogue import Capacity, Catalogue, Eligibility, Length, Modality, NoSuchModality, Part, Variant
from scheduling.domain.groups import NoSuchGroup
from scheduling.domain.memberships import Ended, Taken
from scheduling.domain.modalities import ModalityListed
from scheduling.domain.people import Facts

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
    made.knows_staff("alex")
    return made


def asked(modality="choir", **changes):
    return replace(OpenGroup(modality, ("F-alex",), "Room 3", TUESDAY_EVENING, "Europe/London"), **changes)


def problems(hub, command):
    """{field: (reason, cure)} of a refusal; nothing was opened."""
    with pytest.raises(BadGroup) as refusal:
        hub.run(open_group, command)
    assert (hub.kept["groups"], hub.kept["sessions"], hub.kept["memberships"], hub.told) == ({}, {}, {}, [])
    assert len({problem.field for problem in refusal.value.problems}) == len(refusal.value.problems)
    return {problem.field: (problem.reason, problem.cure) for problem in refusal.value.problems}


def test_a_group_that_is_opened_is_kept_with_who_runs_it(hub):
    opened = hub.run(open_group, asked())
    kept = hub.group(opened.id)
    assert (kept.hub, kept.open_to, kept.venue, kept.zone, kept.opened_at) == (HUB, (HUB,), "Room 3", "Europe/London", NOW)
    assert (kept.state, kept.revision, [row.person for row in kept.roster]) == ("forming", 0, ["F-alex"])


def test_who_runs_a_group_has_a_membership_of_their_own_and_is_told_of_it(hub):
    hub.knows_staff("kim", "site-7", hubs=(SOUTH, HUB))
    opened = hub.run(open_group, asked(facilitators=("F-kim", "F-alex")))
    runs = [each for each in hub.kept["memberships"].values() if each.kind == "runs"]
    assert [(each.person, each.group, each.state, each.entry, each.referral) for each in runs] == [
        ("F-kim", opened.id, "taken", None, None),
        ("F-alex", opened.id, "taken", None, None),
    ]
    assert [(row.person, row.tokens, row.sealed_name) for row in hub.group(opened.id).run_by] == [
        ("F-kim", tokens("F-kim", "site-7"), "sealed kim"),
        ("F-alex", tokens("F-alex"), "sealed alex"),
    ]
    told = hub.told_of(Taken)
    assert [(event.whose.person, event.place.kind, len(event.place.meetings)) for event in told] == [
        ("F-kim", "runs", 8),
        ("F-alex", "runs", 8),
    ]


def test_each_who_runs_a_group_is_told_of_all_who_run_it(hub):
    hub.knows_staff("kim")
    hub.run(open_group, asked(facilitators=("F-alex", "F-kim")))
    assert [[row.person for row in event.place.run_by] for event in hub.told_of(Taken)] == [["F-alex", "F-kim"]] * 2


def test_what_the_coordinator_does_not_say_the_catalogue_decides(hub):
    opened = hub.run(open_group, asked())
    assert (opened.capacity, len(opened.meetings)) == (10, 8)
    first, second = opened.meetings[:2]
    assert (first.end - first.start, second.start - first.start) == (timedelta(minutes=90), timedelta(weeks=1))
    assert (opened.terms.cadence, opened.terms.hours_held, opened.terms.name) == ("weekly", 48, "Thursday evening")
    assert (opened.terms.membership, opened.terms.way_in, opened.terms.grade_mixing) == ("closed", "referral", "soft")
    assert opened.terms.eligibility == CHOIR.eligibility


def test_what_the_coordinator_says_is_taken(hub):
    opened = hub.run(open_group, asked(capacity=7, sessions=3, cadence="monthly", minutes=60, offer_hours=24))
    assert (opened.capacity, len(opened.meetings), opened.terms.cadence, opened.terms.hours_held) == (7, 3, "monthly", 24)
    assert opened.meetings[0].end - opened.meetings[0].start == timedelta(minutes=60)
    assert [f"{session.start:%d %b}" for session in opened.meetings] == ["12 Jan", "09 Feb", "09 Mar"]


def test_the_first_session_is_when_the_coordinator_said_on_the_wall_clock_of_the_place(hub):
    opened = hub.run(open_group, asked(first_session=TUESDAY_EVENING.replace(month=7, day=13)))
    assert opened.meetings[0].start.isoformat() == "2027-07-13T17:30:00+00:00"


def test_a_variant_gives_the_group_its_name_and_narrows_who_it_is_for(hub):
    opened = hub.run(open_group, asked("voices", variant="high", length="30-weeks"))
    assert (opened.terms.name, opened.terms.variant) == ("Evening A", "high")
    assert opened.terms.eligibility == Eligibility(professions=frozenset({"doctor"}), genders=frozenset({"woman"}))


@pytest.mark.parametrize(("length", "membership", "number"), [("30-weeks", "closed", 30), ("open-ended", "slow-open", 31)])
def test_a_length_decides_how_many_sessions_and_whether_people_join_later(hub, length, membership, number):
    opened = hub.run(open_group, asked("voices", variant="low", length=length))
    assert (opened.terms.membership, len(opened.meetings), opened.terms.length) == (membership, number, length)


def test_a_day_is_opened_with_its_parts(hub):
    opened = hub.run(open_group, asked("day"))
    (session,) = hub.run(sessions.listed, SessionsOf(opened.id))
    assert [part.name for part in session.parts] == ["Morning"]
    assert [(each.session, each.start, each.end) for each in opened.meetings] == [(session.id, session.start, session.end)]


def test_a_topic_is_kept_with_the_group(hub):
    assert hub.run(open_group, asked("short", topic="breath", cadence="weekly", minutes=60, sessions=6)).terms.topic == "breath"


def test_a_modality_the_catalogue_does_not_hold_is_refused_with_those_it_does(hub):
    with pytest.raises(NoSuchModality, match="'band' is not in the catalogue, which contains choir, day, short, voices"):
        hub.run(open_group, asked("band"))


def test_what_the_catalogue_leaves_to_the_group_must_be_said(hub):
    assert problems(hub, asked("short", topic="breath")) == {
        "cadence": ("missing; the catalogue does not set it", "give once, weekly or monthly"),
        "minutes": ("missing; the catalogue does not set it", "give the length of a session in minutes"),
        "sessions": ("missing; the catalogue does not set it", "give the number of sessions in the series"),
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
    assert problems(hub, command) == {field: ("'alto' is not offered by this modality", cure)}


@pytest.mark.parametrize("field", ["variant", "length", "topic"])
def test_a_choice_where_there_is_none_to_make_is_to_be_left_out(hub, field):
    assert problems(hub, asked(**{field: "alto"})) == {field: ("choir does not have any", "leave this field out")}


@pytest.mark.parametrize("capacity", [1, 5, 13, 60])
def test_a_capacity_out_of_the_range_of_the_catalogue_is_refused(hub, capacity):
    assert problems(hub, asked(capacity=capacity)) == {"capacity": (f"{capacity} is out of range", "give 6 to 12")}


@pytest.mark.parametrize("capacity", [6, 12])
def test_the_ends_of_the_range_are_within_it(hub, capacity):
    assert hub.run(open_group, asked(capacity=capacity)).capacity == capacity


def test_a_facilitator_nobody_registered_is_refused_by_place_in_the_list(hub):
    cure = "register them with the referral service for this hub, then try again in a few seconds"
    assert problems(hub, asked(facilitators=("F-alex", "F-2"))) == {"facilitators.1": ("F-2 is not registered at this hub", cure)}


def test_a_facilitator_of_another_hub_is_not_known_here(hub):
    hub.knows_staff("kim", hubs=(SOUTH,))
    assert list(problems(hub, asked(facilitators=("F-kim",)))) == ["facilitators.0"]


def test_somebody_who_was_erased_runs_no_new_group(hub):
    hub.run(people.erase, Erase("F-alex"))
    assert list(problems(hub, asked())) == ["facilitators.0"]


def test_a_venue_that_tells_what_the_group_is_is_refused(hub):
    cure = "give a venue name that could appear in anybody's calendar"
    assert problems(hub, asked(venue="Balint room")) == {"venue": ("it gives away what kind of group this is", cure)}


def test_everything_that_is_wrong_is_named_at_once(hub):
    worst = asked("short", variant="high", topic="alto", capacity=99, facilitators=("F-9",), venue="Balint room")
    assert set(problems(hub, worst)) == {"variant", "topic", "capacity", "cadence", "minutes", "sessions", "facilitators.0", "venue"}


def test_a_refusal_reads_as_one_line_for_the_log(hub):
    with pytest.raises(BadGroup, match=r"^capacity: 99 is out of range; facilitators.0: F-9 is not registered at this hub$"):
        hub.run(open_group, asked(capacity=99, facilitators=("F-9",)))


def test_the_places_of_a_new_group_are_offered_to_who_waits_already(hub):
    for name in ("a", "b"):
        hub.accepts(name)
    opened = hub.run(open_group, asked())
    assert hub.match() == 2
    assert hub.places(opened.id) == {"a": "held", "b": "held"}


def test_nobody_is_offered_a_new_group_that_is_not_for_them(hub):
    hub.accepts("dentist", facts=Facts("dentist", "gp", "woman", "working"))
    hub.accepts("elsewhere", wishes=("voices",))
    hub.accepts("colleague", known=tokens("c", never_with=ALEX.tokens.own))
    hub.run(open_group, asked())
    assert hub.match() == 0
    assert hub.states("dentist", "elsewhere", "colleague") == ["waiting"] * 3


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"facilitators": ()}, "facilitators", "no facilitator given"),
        ({"facilitators": ("F-alex", "F-alex")}, "facilitators", "the same facilitator is given twice"),
        ({"first_session": TUESDAY_EVENING.replace(year=2020)}, "first_session", "it is in the past"),
        (
            {"first_session": TUESDAY_EVENING.replace(year=2027, month=3, day=28, hour=1)},
            "first_session",
            "the clocks go forward over that time",
        ),
        ({"modality": "day", "sessions": 3}, "sessions", "this group meets only once"),
        ({"first_session": TUESDAY_EVENING.replace(year=2033)}, "first_session", "it is too far ahead"),
    ],
)
def test_what_makes_no_group_is_refused_by_its_field(hub, changes, field, reason):
    assert problems(hub, asked(**changes))[field][0] == reason


def test_a_series_with_an_end_knows_it_and_one_without_has_none(hub):
    ends = hub.run(open_group, asked())
    assert ends.ends_at == ends.meetings[-1].end
    assert hub.run(open_group, asked("voices", variant="high", length="open-ended")).ends_at is None


def test_the_offer_hours_of_the_coordinator_are_kept_apart_from_those_of_the_catalogue(hub):
    chosen, usual = hub.run(open_group, asked(offer_hours=24)).terms, hub.run(open_group, asked()).terms
    assert (chosen.offer_hours, chosen.hours_held) == (24, 24)
    assert (usual.offer_hours, usual.hours_held) == (None, 48)


def test_what_the_catalogue_says_of_colleagues_and_of_discretion_is_copied_when_a_group_is_opened():
    hub = FakeHub(Catalogue({"choir": replace(CHOIR, colleagues="off", sensitive=True)}))
    hub.knows_staff("alex")
    opened = hub.run(open_group, asked())
    assert (opened.terms.colleagues, opened.terms.sensitive) == ("off", True)


# Reading.


def test_a_group_is_read_with_the_names_of_who_runs_it(hub):
    hub.knows_staff("kim")
    opened = hub.run(open_group, asked(facilitators=("F-alex", "F-kim")))
    seen = hub.run(groups.read, ReadGroup(opened.id))
    assert seen.run_by == (("F-alex", "Alex"), ("F-kim", "Kim"))
    assert (seen.group.id, seen.at) == (opened.id, NOW)


def test_the_groups_of_a_hub_are_listed_page_by_page_and_those_of_others_are_not(hub):
    hub.keep(group("G-1"), group("G-2", hub=SOUTH), group("G-3"))
    listed = hub.run(groups.listed, ListGroups("", 9))
    assert [seen.group.id for seen in listed] == ["G-1", "G-3"]
    assert [seen.group.id for seen in hub.run(groups.listed, ListGroups("G-1", 9))] == ["G-3"]
    assert [seen.group.id for seen in hub.run(groups.listed, ListGroups("", 1))] == ["G-1"]


@pytest.mark.parametrize("read", [(groups.read, ReadGroup("G-1")), (sessions.listed, SessionsOf("G-1"))], ids=["group", "sessions"])
def test_a_group_of_another_hub_is_as_one_that_is_not_there(hub, read):
    hub.keep(group("G-1", hub=SOUTH, open_to=(HUB, SOUTH)))
    with pytest.raises(NoSuchGroup, match="G-1"):
        hub.run(*read)


def test_the_sessions_of_a_group_are_kept_in_order(hub):
    opened = hub.run(open_group, asked(sessions=3))
    kept = hub.run(sessions.listed, SessionsOf(opened.id))
    assert [(each.number, f"{each.start:%d %b}", each.state) for each in kept] == [
        (1, "12 Jan", "planned"),
        (2, "19 Jan", "planned"),
        (3, "26 Jan", "planned"),
    ]
    assert [each.session for each in opened.meetings] == [each.id for each in kept]


# The end.


def a_full_house():
    """G-1, over in a week: Alex runs it, one has a seat and one an open offer. G-2 is open access."""
    hub = FakeHub()
    ends = {"ends_at": NOW + A_WEEK}
    hub.keep(replace(group("G-1"), **ends), replace(group("G-2", modality="open", way_in="open-access"), **ends))
    hub.accepts("seated")
    hub.match()
    hub.accept("seated")
    hub.accepts("offered")
    hub.accepts("visitor", wishes=("open",))
    hub.accepts("waiting-too", wishes=("open", "men-only"))
    hub.match()
    return hub


def end(hub, id="G-1"):
    hub.run(groups.end_group, EndGroup(id))


def test_a_group_does_not_end_before_its_last_session_has():
    hub = a_full_house()
    hub.now = NOW + A_WEEK - timedelta(seconds=1)
    end(hub)
    assert hub.places() == {"seated": "taken", "offered": "held"}


def test_when_the_series_is_over_every_place_ends_with_it_and_says_why():
    hub = a_full_house()
    hub.now, told = NOW + A_WEEK, len(hub.told)
    end(hub)
    assert {event.whose.person: event.reason for event in hub.told[told:]} == dict.fromkeys(
        ["F-alex", "P-seated", "P-offered"], "series_ended"
    )
    assert [event.whose.stands for event in hub.told[told:] if event.whose.referral] == ["nothing", "waiting"]
    kept = hub.group("G-1")
    assert (kept.state, kept.ended_at, kept.roster, kept.pairs) == ("ended", NOW + A_WEEK, (), ())
    assert hub.states("seated", "offered") == ["met", "waiting"]


def test_an_offer_that_ended_with_its_series_is_no_refusal():
    hub = a_full_house()
    hub.now = NOW + A_WEEK
    end(hub)
    assert hub.entry("offered").refusals == ()


def test_when_an_open_group_is_over_its_passes_end_and_who_wished_for_more_waits_on():
    hub = a_full_house()
    hub.now, told = NOW + A_WEEK, len(hub.told)
    end(hub, "G-2")
    ended = {event.whose.person: (event.reason, event.whose.stands) for event in hub.told[told:] if event.whose.referral}
    assert ended == {"P-visitor": ("series_ended", "nothing"), "P-waiting-too": ("series_ended", "waiting")}
    assert hub.person("visitor").places == hub.person("waiting-too").places == ()
    assert (hub.group("G-2").state, hub.states("visitor", "waiting-too")) == ("ended", ["met", "waiting"])


def test_a_series_ends_once():
    hub = a_full_house()
    hub.now = NOW + A_WEEK
    end(hub)
    told = len(hub.told)
    end(hub)
    assert (hub.since(told), len(hub.told_of(Ended))) == ([], 3)


def test_a_yes_to_an_offer_whose_series_has_ended_seats_nobody():
    hub = a_full_house()
    hub.now = NOW + A_WEEK
    end(hub)
    hub.accept("offered", NOW)
    assert (hub.places(), hub.states("offered")) == ({}, ["waiting"])


def test_a_pair_ends_with_its_group():
    hub = a_full_house()
    hub.accept("offered")
    for name in ("seated", "offered"):
        hub.knows(name, tokens(name, "site-7"))
    assert len(hub.group().pairs) == 1
    hub.now = NOW + A_WEEK
    end(hub)
    assert hub.group().pairs == ()


# The catalogue, as each hub is told of it.


def test_each_hub_is_told_once_of_every_modality_and_again_when_it_has_changed():
    hub = FakeHub(CATALOGUE)
    hub.run(modalities.list_anew, ListModalities())
    hub.run(modalities.list_anew, ListModalities())
    hub.run(modalities.list_anew, ListModalities(), SOUTH)
    assert [event.code for event in hub.told_of(ModalityListed)] == ["choir", "voices", "short", "day"] * 2
    hub.catalogue = Catalogue({**CATALOGUE.entries, "short": replace(SHORT, topics=("breath",))})
    told = len(hub.told)
    hub.run(modalities.list_anew, ListModalities())
    assert hub.told[told:] == [ModalityListed(f"{HUB}/short", "short", "referral", (), ("breath",))]


def test_the_whole_catalogue_can_be_listed_again_for_who_has_lost_it():
    hub = FakeHub(CATALOGUE)
    for command in (ListModalities(), ListModalities(is_again=True)):
        hub.run(modalities.list_anew, command)
    assert [event.code for event in hub.told_of(ModalityListed)] == ["choir", "voices", "short", "day"] * 2


def test_what_may_be_wished_for_is_told_by_its_codes():
    hub = FakeHub(CATALOGUE)
    hub.run(modalities.list_anew, ListModalities())
    assert hub.told_of(ModalityListed)[1] == ModalityListed(f"{HUB}/voices", "voices", "referral", ("high", "low"), ())


def test_the_catalogue_is_read_whole_and_one_by_one(hub):
    assert [each.code for each in hub.run(modalities.all_of_them, ListModalities())] == ["choir", "voices", "short", "day"]
    assert hub.run(modalities.read, ReadModality("day")).minutes == 420
    with pytest.raises(NoSuchModality):
        hub.run(modalities.read, ReadModality("band"))
