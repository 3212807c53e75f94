from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.scheduling.fakes import FACILITATOR, GP, NOW, TRAINEE, TUESDAY_EVENING, candidate, group, member

from scheduling.domain import placement
from scheduling.domain.catalogue import Eligibility
from scheduling.domain.group import NoRoom
from scheduling.domain.people import Conflicts, Facilitator, Facts, Window, Wishes

AFTER_THE_FIRST = NOW + timedelta(days=10)
AFTER_THE_LAST = NOW + timedelta(days=365)


def why_not(who, of, at=NOW):
    return {found.policy: found.reason for found in placement.rejections(who, of, at)}


def with_members(*members, **of_group):
    made = group(**of_group)
    for each in members:
        made.hold(each)
    return made


def test_a_group_with_nothing_against_it_can_be_joined():
    assert placement.rejections(candidate(), group(), NOW) == ()


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        (Wishes(modalities=("men-only",)), "another kind of group was wished for"),
        (Wishes(variants=("women",)), "the variant trainees was not wished for"),
        (Wishes(topics=("mindfulness",)), "the topic exam-stress was not wished for"),
    ],
)
def test_who_wished_for_something_else_is_told_what_does_not_fit(wishes, reason):
    found = why_not(candidate(wishes=wishes), group(variant="trainees", topic="exam-stress"))
    assert found == {"is_wished_for": reason}


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(),
        Wishes(modalities=("men-only", "analytic")),
        Wishes(variants=("women", "trainees")),
        Wishes(topics=("exam-stress",)),
        Wishes(("analytic",), ("exam-stress",), ("trainees",)),
    ],
)
def test_a_wish_that_is_met_or_was_never_made_keeps_nobody_out(wishes):
    assert why_not(candidate(wishes=wishes), group(variant="trainees", topic="exam-stress")) == {}


def test_a_wish_for_a_variant_or_topic_keeps_nobody_out_of_a_group_that_has_none():
    assert why_not(candidate(wishes=Wishes(topics=("mindfulness",), variants=("women",))), group()) == {}


@pytest.mark.parametrize("way_in", ["referral", "open-access"])
def test_a_referral_leads_into_groups_by_referral_and_into_drop_in_groups(way_in):
    assert why_not(candidate(wishes=Wishes(("analytic",))), group(way_in=way_in)) == {}


def test_nobody_is_given_the_times_of_a_drop_in_group_they_did_not_ask_for():
    reason = "it is for those only who asked for it"
    assert why_not(candidate(), group(way_in="open-access")) == {"is_wished_for": reason}


@pytest.mark.parametrize("way_in", ["booking", "staff"])
def test_a_referral_does_not_lead_into_a_group_one_books_or_works_for(way_in):
    assert why_not(candidate(), group(way_in=way_in)) == {"joins_by_referral": f"one joins it by {way_in}, not by referral"}


def test_a_closed_series_takes_people_before_its_first_session_only():
    closed = group(membership="closed")
    assert why_not(candidate(), closed) == {}
    assert why_not(candidate(), closed, AFTER_THE_FIRST) == {"takes_new_members": "it is a closed series that has begun"}


def test_a_slow_open_series_takes_people_after_it_has_begun():
    assert why_not(candidate(), group(membership="slow-open"), AFTER_THE_FIRST) == {}


@pytest.mark.parametrize("membership", ["closed", "slow-open", "open-access"])
def test_a_series_that_has_ended_takes_nobody(membership):
    assert why_not(candidate(), group(membership=membership), AFTER_THE_LAST) == {"takes_new_members": "its series has ended"}


def test_a_closed_series_has_begun_at_the_very_start_of_its_first_session():
    closed = group(membership="closed")
    start = closed.sessions[0].start
    assert why_not(candidate(), closed, start - timedelta(seconds=1)) == {}
    assert "takes_new_members" in why_not(candidate(), closed, start)


def test_a_group_whose_last_place_is_held_has_no_room_and_says_how_many_it_holds():
    assert why_not(candidate(), with_members(member("a"), capacity=2)) == {}
    held_and_taken = with_members(member("a"), member("b", seat="S-1"), capacity=2)
    assert why_not(candidate(), held_and_taken) == {"has_room": "its 2 places are taken or held"}


@pytest.mark.parametrize(
    ("eligibility", "facts", "unfit"),
    [
        (Eligibility(professions=frozenset({"doctor"})), Facts("dentist", "gp", "man", "working"), "profession"),
        (Eligibility(grades=frozenset({"consultant"})), GP, "grade"),
        (Eligibility(genders=frozenset({"man"})), GP, "gender"),
    ],
)
def test_who_a_group_is_not_for_is_told_which_fact_decides(eligibility, facts, unfit):
    assert why_not(candidate(facts=facts), group(eligibility=eligibility)) == {"eligible": f"not for this {unfit}"}


def test_work_status_decides_where_the_catalogue_says_so():
    for_suspended = group(eligibility=Eligibility(work_statuses=frozenset({"suspended"})))
    assert "eligible" in why_not(candidate(facts=GP), for_suspended)
    assert why_not(candidate(facts=Facts("doctor", "gp", "woman", "suspended")), for_suspended) == {}


def test_all_facts_that_do_not_fit_are_named_together():
    for_senior_men = group(eligibility=Eligibility(grades=frozenset({"consultant"}), genders=frozenset({"man"})))
    assert why_not(candidate(facts=TRAINEE), for_senior_men) == {"eligible": "not for this grade or gender"}


def test_who_fits_every_fact_is_eligible():
    for_women_gps = Eligibility(frozenset({"doctor"}), frozenset({"gp"}), frozenset({"woman"}), frozenset({"working"}))
    assert why_not(candidate(facts=GP), group(eligibility=for_women_gps)) == {}


@pytest.mark.parametrize(("grade", "other"), [("gp", "gp_trainee"), ("foundation", "consultant"), ("student", "sas")])
def test_where_mixing_is_forbidden_juniors_and_seniors_are_kept_apart_either_way_round(grade, other):
    who = candidate(facts=Facts("doctor", grade, "woman", "working"))
    found = why_not(who, with_members(member("a", grade=other), grade_mixing="hard"))
    assert found == {"grades_may_mix": "it would put juniors and seniors together"}


@pytest.mark.parametrize(("grade", "other"), [("gp", "consultant"), ("foundation", "core_trainee"), ("other", "gp"), ("gp", "other")])
def test_where_mixing_is_forbidden_equals_sit_together_and_so_does_who_is_neither(grade, other):
    who = candidate(facts=Facts("doctor", grade, "woman", "working"))
    assert why_not(who, with_members(member("a", grade=other), grade_mixing="hard")) == {}


@pytest.mark.parametrize("mixing", ["soft", "off"])
def test_where_mixing_is_discouraged_or_fine_nobody_is_turned_away_for_it(mixing):
    assert why_not(candidate(facts=TRAINEE), with_members(member("a", grade="consultant"), grade_mixing=mixing)) == {}


COLLEAGUES = [
    (Conflicts("own-a", ("site-7",)), Conflicts("own-b", ("employer-1", "site-7"))),
    (Conflicts("own-a", (), ("own-b",)), Conflicts("own-b")),
    (Conflicts("own-a"), Conflicts("own-b", (), ("own-a",))),
    (Conflicts("own-a"), Conflicts("own-a")),
]


@pytest.mark.parametrize(("one", "other"), COLLEAGUES, ids=["a common tie", "names the other", "is named", "the same person"])
def test_two_people_who_must_not_meet_are_never_seated_together(one, other):
    found = why_not(candidate(conflicts=one), with_members(member("a", conflicts=other)))
    assert found == {"no_close_colleague": "somebody in it works, trains or lives with them, or one has named the other"}


@pytest.mark.parametrize(("one", "other"), COLLEAGUES, ids=["a common tie", "names the other", "is named", "the same person"])
def test_who_runs_a_group_counts_as_much_as_who_sits_in_it(one, other):
    found = why_not(candidate(conflicts=one), group(facilitators=(FACILITATOR, Facilitator("F-2", "Kim", ("north",), other))))
    assert found == {"no_close_colleague": "who runs it works, trains or lives with them, or one has named the other"}


def test_strangers_are_seated_together():
    stranger = Conflicts("own-a", ("site-1", "employer-1"), ("own-z",))
    other = Conflicts("own-b", ("site-2", "employer-2"), ("own-y",))
    assert why_not(candidate(conflicts=stranger), with_members(member("a", conflicts=other))) == {}


def test_people_of_whom_no_token_is_known_are_not_taken_for_one_another():
    assert not Conflicts().with_(Conflicts())
    assert not Conflicts(never_with=("",)).with_(Conflicts())
    assert not Conflicts().with_(Conflicts(never_with=("",)))


def test_the_reason_never_says_who_the_colleague_is():
    known = Conflicts("own-of-jo", ("site-7",))
    found = why_not(candidate(conflicts=Conflicts("own-of-sam", ("site-7",))), with_members(member("jo", conflicts=known)))
    told = " ".join(found.values())
    assert not any(secret in told for secret in ("jo", "P-", "own-of", "site-7"))


TOKENS = st.lists(st.sampled_from(["t1", "t2", "t3", "t4", "t5", "t6"]), max_size=2, unique=True).map(tuple)
OWN = [f"own-{number}" for number in range(8)]
CONFLICTS = st.builds(Conflicts, st.sampled_from(["", *OWN]), TOKENS, st.lists(st.sampled_from(OWN), max_size=2, unique=True).map(tuple))


@settings(max_examples=60, deadline=None)
@given(CONFLICTS, CONFLICTS)
def test_a_conflict_is_one_whichever_of_the_two_is_asked(one, other):
    assert one.with_(other) == other.with_(one)


@pytest.mark.parametrize(
    "window",
    [Window("tuesday", "18:00", "20:00"), Window("tuesday", "18:30", "20:00"), Window("tuesday", "18:30", "23:00")],
    ids=["within", "to the minute", "well within"],
)
def test_a_group_within_the_hours_somebody_is_free_fits(window):
    assert (
        why_not(
            candidate(
                availability=(
                    Window("friday", "09:00", "10:00"),
                    window,
                )
            ),
            group(),
        )
        == {}
    )


@pytest.mark.parametrize(
    "window",
    [Window("tuesday", "18:31", "22:00"), Window("tuesday", "18:00", "19:59"), Window("monday", "18:00", "22:00")],
    ids=["begins too late", "ends too early", "another day"],
)
def test_a_group_outside_the_hours_somebody_is_free_does_not_fit_and_its_hours_are_told(window):
    found = why_not(candidate(availability=(window,)), group())
    assert found == {"fits_availability": "they are not free on Tuesdays from 18:30 to 20:00"}


def test_who_did_not_say_when_they_are_free_can_come_at_any_time():
    assert why_not(candidate(availability=()), group()) == {}


def test_two_windows_that_each_cover_half_of_a_session_do_not_make_it_fit():
    halves = (Window("tuesday", "18:00", "19:00"), Window("tuesday", "19:00", "21:00"))
    assert "fits_availability" in why_not(candidate(availability=halves), group())


def test_availability_keeps_nobody_out_of_a_drop_in_group():
    free_on_mondays = (Window("monday", "09:00", "10:00"),)
    asked = candidate(wishes=Wishes(("analytic",)), availability=free_on_mondays)
    assert why_not(asked, group(way_in="open-access")) == {}


def test_availability_means_the_wall_clock_in_summer_too():
    summer = group(first=TUESDAY_EVENING.replace(month=7, day=13))
    assert why_not(candidate(availability=(Window("tuesday", "18:30", "20:00"),)), summer) == {}
    assert "fits_availability" in why_not(candidate(availability=(Window("tuesday", "17:30", "19:00"),)), summer)


@pytest.mark.parametrize("seat", ["", "S-1"], ids=["held", "taken"])
def test_who_has_a_place_already_is_offered_no_second_one(seat):
    own_place = member("sam", conflicts=Conflicts("another token"), seat=seat)
    assert why_not(candidate("sam"), with_members(own_place)) == {"not_already_seated": "they have a place in it"}
    assert why_not(candidate("jo"), with_members(own_place)) == {}


def test_a_group_that_was_declined_is_not_offered_again_but_others_are():
    who = candidate(refused=frozenset({"G-1"}))
    assert why_not(who, group("G-1")) == {"not_refused_before": "they declined an offer of it, or did not answer one"}
    assert why_not(who, group("G-2")) == {}


def test_every_reason_is_kept_and_none_hides_another():
    who = candidate(
        "sam",
        facts=TRAINEE,
        conflicts=Conflicts("own-of-sam", ("site-7",)),
        wishes=Wishes(modalities=("men-only",)),
        availability=(Window("monday", "09:00", "10:00"),),
        refused=frozenset({"G-1"}),
    )
    no_women = Eligibility(genders=frozenset({"man"}))
    worst = with_members(
        member("sam", conflicts=Conflicts("own-of-sam", ("site-7",))),
        member("jo", grade="consultant"),
        capacity=2,
        way_in="booking",
        membership="closed",
        grade_mixing="hard",
        eligibility=no_women,
    )
    every = [policy.__name__ for policy in placement.POLICIES]
    booked = list(why_not(who, worst, AFTER_THE_FIRST))
    assert booked == [name for name in every if name != "no_close_colleague"], "who meets whom in it is nobody's to find out"
    worst.terms = replace(worst.terms, way_in="referral")
    assert list(why_not(who, worst, AFTER_THE_FIRST)) == [name for name in every if name != "joins_by_referral"]


def test_of_two_groups_the_one_that_meets_sooner_is_offered():
    later, sooner = group("G-1", first=TUESDAY_EVENING + timedelta(weeks=2)), group("G-2")
    assert placement.best(candidate(), [later, sooner], NOW) is sooner


def test_sooner_means_the_next_session_and_not_the_first_one_ever():
    weekly = group("G-1", first=TUESDAY_EVENING)
    other = group("G-2", first=TUESDAY_EVENING + timedelta(days=3))
    assert placement.best(candidate(), [weekly, other], NOW + timedelta(days=9)) is other


def test_a_seat_is_offered_before_a_drop_in_group_that_meets_sooner():
    drop_in, seat = group("G-1", way_in="open-access"), group("G-2", first=TUESDAY_EVENING + timedelta(weeks=2))
    assert placement.best(candidate(), [drop_in, seat], NOW) is seat


def test_where_mixing_is_discouraged_a_later_group_of_equals_is_offered_first():
    seniors = with_members(member("a", grade="consultant"), id="G-1", grade_mixing="soft")
    juniors = with_members(member("b", grade="foundation"), id="G-2", grade_mixing="soft", first=TUESDAY_EVENING + timedelta(weeks=2))
    assert placement.best(candidate(facts=TRAINEE), [seniors, juniors], NOW) is juniors
    assert placement.best(candidate(facts=GP), [seniors, juniors], NOW) is seniors


def test_where_mixing_is_fine_the_sooner_group_is_offered_whoever_sits_in_it():
    seniors = with_members(member("a", grade="consultant"), id="G-1", grade_mixing="off")
    juniors = with_members(member("b", grade="foundation"), id="G-2", grade_mixing="off", first=TUESDAY_EVENING + timedelta(weeks=2))
    assert placement.best(candidate(facts=TRAINEE), [seniors, juniors], NOW) is seniors


def test_a_discouraged_mix_is_still_offered_when_there_is_nothing_else():
    mixed = with_members(member("a", grade="consultant"), grade_mixing="soft")
    assert placement.best(candidate(facts=TRAINEE), [mixed], NOW) is mixed


def test_the_choice_between_like_groups_does_not_hang_on_their_order():
    one, two = group("G-1"), group("G-2")
    assert placement.best(candidate(), [one, two], NOW) is placement.best(candidate(), [two, one], NOW) is one


def test_without_a_group_there_is_nothing_to_offer():
    assert placement.best(candidate(), [], NOW) is None


GRADES = st.sampled_from(["gp", "consultant", "gp_trainee", "foundation", "other"])
STEPS = st.lists(
    st.tuples(st.integers(0, 11), CONFLICTS, GRADES, st.sampled_from(["hold", "hold", "take", "give_up"])),
    min_size=1,
    max_size=30,
)


def must_not_meet(one, other):
    """Said anew, from 1-mission.md: a common tie, one has named the other, or the two are one."""
    named = {one.own} & set(other.never_with) or {other.own} & set(one.never_with)
    one_person = one.own == other.own != ""
    return bool(set(one.ties) & set(other.ties) or named or one_person)


def walk(made, steps):
    """Offer, accept and give up as the steps say; only who has no rejections is offered a place."""
    for number, (person, conflicts, grade, step) in enumerate(steps):
        who = candidate(str(person), facts=Facts("doctor", grade, "woman", "working"), conflicts=conflicts)
        if step == "hold" and not placement.rejections(who, made, NOW):
            made.hold(member(str(person), f"O-{number}", grade, conflicts))
        elif step == "take" and made.held:
            made.take(made.held[0].offer, f"S-{number}")
        elif step == "give_up" and made.members:
            made.give_up(made.members[person % len(made.members)].offer)
        yield made


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 5), CONFLICTS)
def test_whatever_is_offered_and_accepted_nobody_ever_meets_somebody_they_must_not(steps, capacity, of_facilitator):
    runs_it = Facilitator("F-1", "Alex", ("north",), of_facilitator)
    for made in walk(group(capacity=capacity, facilitators=(runs_it,)), steps):
        people = [each.conflicts for each in made.members]
        assert not [pair for pair in combinations(people, 2) if must_not_meet(*pair)]
        assert not [each for each in people if must_not_meet(each, of_facilitator)]


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 5))
def test_whatever_is_offered_and_accepted_places_taken_and_held_never_exceed_the_capacity(steps, capacity):
    for made in walk(group(capacity=capacity), steps):
        assert len(made.seated) + len(made.held) == len(made.members) <= capacity
        assert len({each.participant for each in made.members}) == len(made.members)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_is_offered_and_accepted_a_group_that_forbids_mixing_holds_juniors_or_seniors_only(steps):
    for made in walk(group(grade_mixing="hard"), steps):
        kinds = {"junior" if each.grade in {"gp_trainee", "foundation"} else "senior" for each in made.members if each.grade != "other"}
        assert len(kinds) <= 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 20), max_size=30), st.integers(1, 6))
def test_even_without_asking_the_rules_a_group_never_holds_more_than_its_capacity(people, capacity):
    made = group(capacity=capacity)
    for person in people:
        with suppress(NoRoom):
            made.hold(member(str(person)))
    assert len(made.members) == min(len(people), capacity)
