from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.scheduling.fakes import (
    A_WEEK,
    ALEX,
    GP,
    HUB,
    NOW,
    SOUTH,
    TRAINEE,
    TUESDAY_EVENING,
    candidate,
    group,
    meetings,
    member,
    runs,
    tokens,
)

from scheduling.domain import placement
from scheduling.domain.catalogue import Eligibility
from scheduling.domain.groups import NoRoom
from scheduling.domain.people import Facts, Person, PlaceOfPerson, Window
from scheduling.domain.placement import Refusal, Wishes
from scheduling.domain.tokens import Tie, Tokens

AFTER_THE_FIRST = NOW + timedelta(days=10)
AFTER_THE_LAST = NOW + timedelta(days=365)


def why_not(who, of, at=NOW):
    return {found.policy: found.reason for found in placement.rejections(who, of, at)}


def with_members(*members, run_by=(ALEX,), **of_group):
    return group(roster=(*run_by, *members), **of_group)


def test_a_group_with_nothing_against_it_can_be_joined():
    assert placement.rejections(candidate(), group(), NOW) == ()


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        (Wishes(modalities=("men-only",)), "they asked for another kind of group"),
        (Wishes(variants=("women",)), "they did not ask for the variant trainees"),
        (Wishes(topics=("mindfulness",)), "they did not ask for the topic exam-stress"),
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
    reason = "it is offered only to people who asked for it"
    assert why_not(candidate(), group(way_in="open-access")) == {"is_wished_for": reason}


@pytest.mark.parametrize(
    ("way_in", "reason"),
    [("booking", "places are booked, not referred"), ("staff", "it is for members of staff, added by a coordinator")],
)
def test_a_referral_does_not_lead_into_a_group_whose_places_are_booked_or_for_staff(way_in, reason):
    assert why_not(candidate(), group(way_in=way_in)) == {"joins_by_referral": reason}


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
    start = closed.meetings[0].start
    assert why_not(candidate(), closed, start - timedelta(seconds=1)) == {}
    assert "takes_new_members" in why_not(candidate(), closed, start)


def test_a_group_whose_last_place_is_held_has_no_room_and_says_how_many_it_holds():
    assert why_not(candidate(), with_members(member("a"), capacity=2)) == {}
    held_and_taken = with_members(member("a"), member("b", state="taken"), capacity=2)
    assert why_not(candidate(), held_and_taken) == {"has_room": "all 2 places are taken or held"}


@pytest.mark.parametrize(
    ("eligibility", "facts", "unfit"),
    [
        (Eligibility(professions=frozenset({"doctor"})), Facts("dentist", "gp", "man", "working"), "profession"),
        (Eligibility(grades=frozenset({"consultant"})), GP, "grade"),
        (Eligibility(genders=frozenset({"man"})), GP, "gender"),
    ],
)
def test_who_a_group_is_not_for_is_told_which_fact_decides(eligibility, facts, unfit):
    assert why_not(candidate(facts=facts), group(eligibility=eligibility)) == {"eligible": f"not open to their {unfit}"}


def test_work_status_decides_where_the_catalogue_says_so():
    for_suspended = group(eligibility=Eligibility(work_statuses=frozenset({"suspended"})))
    assert "eligible" in why_not(candidate(facts=GP), for_suspended)
    assert why_not(candidate(facts=Facts("doctor", "gp", "woman", "suspended")), for_suspended) == {}


def test_all_facts_that_do_not_fit_are_named_together():
    for_senior_men = group(eligibility=Eligibility(grades=frozenset({"consultant"}), genders=frozenset({"man"})))
    assert why_not(candidate(facts=TRAINEE), for_senior_men) == {"eligible": "not open to their grade or gender"}


def test_who_fits_every_fact_is_eligible():
    for_women_gps = Eligibility(frozenset({"doctor"}), frozenset({"gp"}), frozenset({"woman"}), frozenset({"working"}))
    assert why_not(candidate(facts=GP), group(eligibility=for_women_gps)) == {}


@pytest.mark.parametrize(("grade", "other"), [("gp", "gp_trainee"), ("foundation", "consultant"), ("student", "sas")])
def test_where_mixing_is_forbidden_juniors_and_seniors_are_kept_apart_either_way_round(grade, other):
    who = candidate(facts=Facts("doctor", grade, "woman", "working"))
    found = why_not(who, with_members(member("a", grade=other), grade_mixing="hard"))
    assert found == {"grades_may_mix": "it would mix junior and senior doctors"}


@pytest.mark.parametrize(("grade", "other"), [("gp", "consultant"), ("foundation", "core_trainee"), ("other", "gp"), ("gp", "other")])
def test_where_mixing_is_forbidden_equals_sit_together_and_so_does_who_is_neither(grade, other):
    who = candidate(facts=Facts("doctor", grade, "woman", "working"))
    assert why_not(who, with_members(member("a", grade=other), grade_mixing="hard")) == {}


@pytest.mark.parametrize("mixing", ["soft", "off"])
def test_where_mixing_is_discouraged_or_fine_nobody_is_turned_away_for_it(mixing):
    assert why_not(candidate(facts=TRAINEE), with_members(member("a", grade="consultant"), grade_mixing=mixing)) == {}


@pytest.mark.parametrize("state", ["ended", "cancelled"])
def test_a_group_that_was_ended_early_takes_nobody_whatever_sessions_it_still_has(state):
    assert why_not(candidate(), replace(group(), state=state)) == {"takes_new_members": "its series has ended"}


@pytest.mark.parametrize("state", ["forming", "confirmed", "running"])
def test_a_group_takes_people_while_it_forms_and_while_it_runs(state):
    assert why_not(candidate(), replace(group(), state=state)) == {}


def test_a_group_of_one_hub_is_offered_to_its_own_people_and_to_those_of_the_hubs_that_it_is_open_to():
    of_the_south = candidate(hub=SOUTH)
    assert why_not(of_the_south, group()) == {"is_open_to_their_hub": "it is not open to their hub"}
    assert why_not(of_the_south, group(open_to=(HUB, SOUTH))) == {}
    assert why_not(candidate(hub=HUB), group(hub=HUB, open_to=(SOUTH,))) == {"is_open_to_their_hub": "it is not open to their hub"}


COLLEAGUES = {
    "a common tie": (tokens("a", "site-7"), tokens("b", "employer-1", "site-7")),
    "names the other": (tokens("a", never_with=("own-of-b",)), tokens("b")),
    "is named": (tokens("a"), tokens("b", never_with=("own-of-a",))),
    "the same person": (tokens("a"), tokens("a")),
}
TOGETHER = {"no_close_colleague": "a member works, trains or lives with them, or one has named the other"}
RUN_BY_ONE = {"no_close_colleague": "a facilitator works, trains or lives with them, or one has named the other"}


def known_by(of, name="jo", **more):
    return replace(member(name, **more), tokens=of)


@pytest.mark.parametrize(("one", "other"), COLLEAGUES.values(), ids=COLLEAGUES)
def test_two_people_who_must_not_meet_are_never_seated_together(one, other):
    assert why_not(candidate(tokens=one), with_members(known_by(other))) == TOGETHER


@pytest.mark.parametrize(("one", "other"), COLLEAGUES.values(), ids=COLLEAGUES)
def test_who_runs_a_group_counts_as_much_as_who_sits_in_it(one, other):
    kim = replace(runs("kim"), tokens=other)
    assert why_not(candidate(tokens=one), group(roster=(ALEX, kim))) == RUN_BY_ONE


def test_strangers_are_seated_together():
    stranger = tokens("a", "site-1", "employer-1", never_with=("own-of-z",))
    other = tokens("b", "site-2", "employer-2", never_with=("own-of-y",))
    assert why_not(candidate(tokens=stranger), with_members(known_by(other))) == {}


def test_the_reason_never_says_who_the_colleague_is():
    found = why_not(candidate(tokens=tokens("sam", "site-7")), with_members(member("jo", "site-7")))
    told = " ".join(found.values())
    assert not any(secret in told for secret in ("jo", "P-", "own-of", "site-7"))


def test_where_colleagues_may_mix_only_who_named_the_other_is_kept_apart():
    large = {"colleagues": "off"}
    assert why_not(candidate(tokens=tokens("sam", "site-7")), with_members(member("jo", "site-7"), **large)) == {}
    assert why_not(candidate(tokens=tokens("sam", never_with=("own-of-jo",))), with_members(member("jo"), **large)) == TOGETHER
    assert why_not(candidate(tokens=tokens("sam")), with_members(member("jo", never_with=("own-of-sam",)), **large)) == TOGETHER


def test_an_open_group_that_warns_of_colleagues_keeps_nobody_out_but_those_of_who_runs_it():
    asked = candidate(tokens=tokens("sam", "site-7"), wishes=Wishes(("analytic",)))
    warned = {"way_in": "open-access", "colleagues": "warn"}
    assert why_not(asked, group(**warned)) == {}
    assert why_not(asked, group(roster=(runs("kim", "site-7"),), **warned)) == RUN_BY_ONE


def tie(since=None, until=None):
    return Tokens(("own-of-somebody",), (Tie("site-7", since and date.fromisoformat(since), until and date.fromisoformat(until)),))


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        (tie(until="2025-01-04"), TOGETHER),
        (tie(until="2025-01-03"), {}),
        (tie(since="2027-03-02"), TOGETHER),
        (tie(since="2027-03-03"), {}),
        (tie("2027-02-01", "2027-02-02"), TOGETHER),
    ],
    ids=["left two years ago today", "left longer ago", "begins on the day of the last session", "begins after it", "in between"],
)
def test_a_tie_parts_two_people_if_it_counts_on_a_day_between_today_and_the_last_session(theirs, found):
    """Today is 4 January 2027, and the last of eight sessions is on 2 March."""
    assert why_not(candidate(tokens=tokens("sam", "site-7")), with_members(known_by(theirs))) == found


def test_what_parts_two_people_today_may_part_them_no_more_in_a_month():
    left = with_members(known_by(tie(until="2025-01-31")))
    assert why_not(candidate(tokens=tokens("sam", "site-7")), left, NOW) == TOGETHER
    assert why_not(candidate(tokens=tokens("sam", "site-7")), left, NOW + timedelta(days=28)) == {}


def test_today_is_a_day_on_the_wall_clock_of_the_group():
    """At 23:30 UTC on 12 July it is half past midnight on the 13th in London."""
    summer = with_members(known_by(tie(until="2025-07-12")), first=TUESDAY_EVENING.replace(month=7, day=20))
    last_moment = NOW.replace(month=7, day=12, hour=22, minute=30)
    sam = candidate(tokens=tokens("sam", "site-7"))
    assert why_not(sam, summer, last_moment) == TOGETHER
    assert why_not(sam, summer, last_moment + timedelta(hours=1)) == {}


@pytest.mark.parametrize(
    "window",
    [Window("tuesday", "18:00", "20:00"), Window("tuesday", "18:30", "20:00"), Window("tuesday", "18:30", "23:00")],
    ids=["within", "to the minute", "well within"],
)
def test_a_group_within_the_hours_somebody_is_free_fits(window):
    assert (
        why_not(
            candidate(
                free=(
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
    found = why_not(candidate(free=(window,)), group())
    assert found == {"fits_availability": "they are not free on Tuesdays from 18:30 to 20:00"}


def test_who_did_not_say_when_they_are_free_can_come_at_any_time():
    assert why_not(candidate(free=()), group()) == {}


def test_two_windows_that_each_cover_half_of_a_session_do_not_make_it_fit():
    halves = (Window("tuesday", "18:00", "19:00"), Window("tuesday", "19:00", "21:00"))
    assert "fits_availability" in why_not(candidate(free=halves), group())


def test_availability_keeps_nobody_out_of_a_drop_in_group():
    free_on_mondays = (Window("monday", "09:00", "10:00"),)
    asked = candidate(wishes=Wishes(("analytic",)), free=free_on_mondays)
    assert why_not(asked, group(way_in="open-access")) == {}


def test_availability_means_the_wall_clock_in_summer_too():
    summer = group(first=TUESDAY_EVENING.replace(month=7, day=13))
    assert why_not(candidate(free=(Window("tuesday", "18:30", "20:00"),)), summer) == {}
    assert "fits_availability" in why_not(candidate(free=(Window("tuesday", "17:30", "19:00"),)), summer)


def test_a_group_in_the_hours_when_somebody_is_busy_does_not_fit_and_its_hours_are_told():
    found = why_not(candidate(busy=(Window("tuesday", "19:00", "19:30"),)), group())
    assert found == {"fits_availability": "they are busy on Tuesdays from 18:30 to 20:00"}


@pytest.mark.parametrize(
    "window",
    [Window("tuesday", "17:00", "18:30"), Window("tuesday", "20:00", "22:00"), Window("wednesday", "18:30", "20:00")],
    ids=["just before", "just after", "another day"],
)
def test_being_busy_at_another_time_keeps_nobody_out(window):
    assert why_not(candidate(busy=(window,)), group()) == {}


def test_who_is_busy_within_the_hours_in_which_they_are_free_is_busy():
    who = candidate(free=(Window("tuesday", "08:00", "22:00"),), busy=(Window("tuesday", "18:00", "19:00"),))
    assert "fits_availability" in why_not(who, group())


def test_who_is_busy_late_in_the_evening_is_not_offered_a_session_that_goes_past_midnight():
    late = group(first=TUESDAY_EVENING.replace(hour=23, minute=0), minutes=120)
    assert "fits_availability" in why_not(candidate(busy=(Window("tuesday", "22:00", "23:30"),)), late)
    assert why_not(candidate(busy=(Window("tuesday", "21:00", "23:00"),)), late) == {}


JANUARY, MARCH = date(2027, 1, 31), date(2027, 3, 1)


@pytest.mark.parametrize(
    ("since", "until", "is_busy"),
    [(MARCH, None, True), (date(2027, 3, 3), None, False), (None, JANUARY, True), (None, date(2027, 1, 11), False)],
    ids=["from the last session on", "from after it on", "until after the first session", "until before it"],
)
def test_who_is_busy_on_the_day_of_any_session_does_not_fit(since, until, is_busy):
    """The sessions are from 12 January to 2 March."""
    busy = (Window("tuesday", "18:00", "20:00", since, until),)
    assert ("fits_availability" in why_not(candidate(busy=busy), group())) is is_busy


@pytest.mark.parametrize(
    ("windows", "is_free"),
    [
        ([(None, None)], True),
        ([(date(2027, 1, 12), date(2027, 3, 2))], True),
        ([(date(2027, 1, 13), None)], False),
        ([(None, MARCH)], False),
        ([(None, JANUARY), (date(2027, 2, 1), None)], True),
        ([(None, JANUARY), (date(2027, 2, 10), None)], False),
    ],
    ids=["always", "from the first to the last", "not at the first", "not at the last", "in two spells", "with a gap between"],
)
def test_who_is_free_on_the_day_of_every_session_fits(windows, is_free):
    free = tuple(Window("tuesday", "18:00", "20:00", since, until) for since, until in windows)
    assert ("fits_availability" not in why_not(candidate(free=free), group())) is is_free


def test_of_a_series_that_has_begun_only_the_sessions_ahead_are_asked_of():
    after_two = NOW + timedelta(days=17)
    free_from_now_on = candidate(free=(Window("tuesday", "18:00", "20:00", since=date(2027, 1, 20)),))
    busy_until_now = candidate(busy=(Window("tuesday", "18:00", "20:00", until=date(2027, 1, 20)),))
    assert why_not(free_from_now_on, group(), after_two) == why_not(busy_until_now, group(), after_two) == {}


def record(name="sam", *places, at=HUB):
    """What is kept of somebody, with places in these groups."""
    return Person(f"P-{name}", at, GP, tokens("sam"), places=tuple(places))


def place_in(of, kind="seat", state="taken"):
    spans = tuple(meeting.span for meeting in of.meetings)
    return PlaceOfPerson(f"S-in-{of.id}", of.id, of.terms.modality, kind, state, spans)


@pytest.mark.parametrize("state", ["held", "taken", "paused"])
def test_who_has_a_place_already_is_offered_no_second_one(state):
    inside = candidate(records=(record("sam", place_in(group("G-1"), state=state)),))
    found = why_not(inside, group("G-1"))
    assert found["not_already_placed"] == "they already have a place in it"
    assert "not_already_placed" not in why_not(inside, group("G-2"))


def test_the_same_human_under_two_records_is_offered_no_second_place():
    elsewhere = record("sam-of-the-south", place_in(group("G-1")), at=SOUTH)
    both = candidate(records=(record(), elsewhere))
    assert "not_already_placed" in why_not(both, group("G-1"))
    assert why_not(both, group("G-1"))["places_do_not_overlap"] == "they have a place in another group at that time"


@pytest.mark.parametrize(
    ("first", "overlaps"),
    [
        (TUESDAY_EVENING, True),
        (TUESDAY_EVENING + timedelta(minutes=89), True),
        (TUESDAY_EVENING + timedelta(minutes=90), False),
        (TUESDAY_EVENING - timedelta(minutes=90), False),
        (TUESDAY_EVENING + 7 * A_WEEK, True),
        (TUESDAY_EVENING + 8 * A_WEEK, False),
        (TUESDAY_EVENING + timedelta(days=1), False),
    ],
    ids=["at once", "a minute together", "just after", "just before", "the last evening", "afterwards", "another day"],
)
@pytest.mark.parametrize("whose", ["own", "of another record"])
def test_places_of_one_human_never_overlap(first, overlaps, whose):
    has = place_in(group("G-2", first=first))
    records = (record("sam", has),) if whose == "own" else (record(), record("sam-of-the-south", has, at=SOUTH))
    assert why_not(candidate(records=records), group("G-1")) == (
        {"places_do_not_overlap": "they have a place in another group at that time"} if overlaps else {}
    )


@pytest.mark.parametrize("kind", ["pass", "runs"])
def test_the_times_of_an_open_group_and_what_somebody_runs_keep_no_evening_free(kind):
    assert why_not(candidate(records=(record("sam", place_in(group("G-2"), kind)),)), group("G-1")) == {}


def test_a_place_keeps_nobody_out_of_an_open_group_at_that_time():
    asked = candidate(wishes=Wishes(("open",)), records=(record("sam", place_in(group("G-2"))),))
    assert why_not(asked, group("G-1", way_in="open-access", modality="open")) == {}


def test_the_times_of_one_open_group_of_a_kind_are_enough():
    given_to = record("sam", place_in(group("G-2", modality="open"), "pass"))
    asked = candidate(wishes=Wishes(("open", "other")), records=(given_to,))
    found = why_not(asked, group("G-1", way_in="open-access", modality="open"))
    assert found == {"not_already_placed": "they already have the times of another group of this kind"}
    assert why_not(asked, group("G-3", way_in="open-access", modality="other")) == {}


def lapsed(days_ago=0, minutes_ago=0, of="G-1"):
    return Refusal(of, NOW - timedelta(days=days_ago, minutes=minutes_ago), "lapsed")


REFUSED = {"not_refused_before": "they declined an offer of a place in it, or did not answer"}
COOLING = {"not_refused_before": "they did not answer an offer of a place in it; it can be offered again after a day"}


def test_a_group_that_was_declined_is_never_offered_again_but_others_are():
    who = candidate(refusals=(Refusal("G-1", NOW - timedelta(days=300), "declined"),), urgency="urgent")
    assert why_not(who, group("G-1")) == REFUSED
    assert why_not(who, group("G-2")) == {}


@pytest.mark.parametrize(
    ("urgency", "refusal", "found"),
    [
        ("routine", lapsed(days_ago=1), {}),
        ("routine", lapsed(minutes_ago=24 * 60 - 1), COOLING),
        ("soon", lapsed(minutes_ago=24 * 60 - 1), COOLING),
        ("urgent", lapsed(minutes_ago=1), {}),
        ("urgent", lapsed(), COOLING),
    ],
)
def test_who_let_an_offer_lapse_is_offered_the_group_again_after_a_day_or_when_urgent_a_minute(urgency, refusal, found):
    assert why_not(candidate(urgency=urgency, refusals=(refusal,)), group("G-1")) == found


def test_who_let_two_offers_of_a_group_lapse_is_offered_it_no_more():
    assert why_not(candidate(refusals=(lapsed(days_ago=9), lapsed(days_ago=5))), group("G-1")) == REFUSED
    assert why_not(candidate(refusals=(lapsed(days_ago=9), lapsed(days_ago=5, of="G-2"))), group("G-1")) == {}


def test_who_declined_what_they_once_left_unanswered_is_offered_it_no_more():
    declined = Refusal("G-1", NOW - timedelta(days=9), "declined")
    assert why_not(candidate(refusals=(lapsed(days_ago=20), declined)), group("G-1")) == REFUSED


def test_every_reason_is_kept_and_none_hides_another():
    who = candidate(
        "sam",
        hub=SOUTH,
        facts=TRAINEE,
        tokens=tokens("sam", "site-7"),
        wishes=Wishes(modalities=("men-only",)),
        free=(Window("monday", "09:00", "10:00"),),
        refusals=(lapsed(),),
        records=(record("sam", place_in(group("G-1"))),),
    )
    worst = with_members(
        member("sam", "site-7"),
        member("jo", grade="consultant"),
        capacity=2,
        way_in="booking",
        membership="closed",
        grade_mixing="hard",
        eligibility=Eligibility(genders=frozenset({"man"})),
    )
    every = [policy.__name__ for policy in placement.POLICIES]
    booked = list(why_not(who, worst, AFTER_THE_FIRST))
    assert set(every) - set(booked) == {"no_close_colleague", "not_refused_before"}, "who meets whom in it is nobody's to find out"
    worst.terms = replace(worst.terms, way_in="referral")
    assert set(every) - set(why_not(who, worst, NOW)) == {"joins_by_referral", "takes_new_members"}
    assert not placement.fits(who, worst, NOW)


@pytest.mark.parametrize("policy", placement.POLICIES, ids=lambda policy: policy.__name__)
def test_every_policy_says_its_own_name(policy):
    """Coordinators, the API and the tests know a rule by it."""
    who = candidate(
        hub=SOUTH,
        facts=TRAINEE,
        tokens=tokens("sam", "site-7"),
        wishes=Wishes(("men-only",)),
        busy=(Window("tuesday", "18:00", "20:00"),),
        refusals=(lapsed(),),
        records=(record("sam", place_in(group("G-1"))),),
    )
    of = with_members(member("jo", "site-7", grade="gp"), capacity=1, eligibility=Eligibility(frozenset({"dentist"})), grade_mixing="hard")
    if policy is placement.takes_new_members:
        of.state = "ended"
    if policy is placement.joins_by_referral:
        of.terms = replace(of.terms, way_in="booking")
    assert policy(who, of, NOW).policy == policy.__name__


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


OWN = [f"own-{number}" for number in range(8)]
NAMES = st.lists(st.sampled_from(OWN), max_size=2, unique=True).map(tuple)
TIES = st.lists(st.sampled_from(["t1", "t2", "t3", "t4", "t5", "t6"]), max_size=2, unique=True).map(lambda each: tuple(map(Tie, each)))
TOKENS = st.builds(Tokens, st.sampled_from(OWN).map(lambda own: (own,)) | st.just(()), TIES, NAMES)
GRADES = st.sampled_from(["gp", "consultant", "gp_trainee", "foundation", "other"])
STEPS = st.lists(
    st.tuples(st.integers(0, 11), TOKENS, GRADES, st.sampled_from(["hold", "hold", "take", "free"])),
    min_size=1,
    max_size=30,
)


def must_not_meet(one, other):
    """Said anew: a common tie, one has named the other, or the two are one."""
    named = set(one.own) & set(other.never_with) or set(other.own) & set(one.never_with)
    common = {each.token for each in one.ties} & {each.token for each in other.ties}
    return bool(common or named or set(one.own) & set(other.own))


def walk(made, steps):
    """Offer, accept and give up as the steps say; only who has no rejections is offered a place."""
    for number, (person, known, grade, step) in enumerate(steps):
        who = candidate(f"{person}-{number}", facts=Facts("doctor", grade, "woman", "working"), tokens=known)
        held = [row.membership for row in made.members if row.state == "held"]
        if step == "hold" and placement.fits(who, made, NOW):
            made.add(who.on_roster(f"S-{number}", made))
        elif step == "take" and held:
            made.take(held[0])
        elif step == "free" and made.members:
            made.free(made.members[person % len(made.members)].membership)
        yield made


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 5), TOKENS)
def test_whatever_is_offered_and_accepted_nobody_ever_meets_somebody_they_must_not(steps, capacity, of_facilitator):
    runs_it = replace(ALEX, tokens=of_facilitator)
    for made in walk(group(capacity=capacity, roster=(runs_it,)), steps):
        people = [each.tokens for each in made.members]
        assert not [pair for pair in combinations(people, 2) if must_not_meet(*pair)]
        assert not [each for each in people if must_not_meet(each, of_facilitator)]


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 5))
def test_whatever_is_offered_and_accepted_places_taken_and_held_never_exceed_the_capacity(steps, capacity):
    for made in walk(group(capacity=capacity), steps):
        assert len(made.members) <= capacity
        assert made.is_full == (len(made.members) == capacity)


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
            made.add(member(str(person)))
    assert len(made.members) == min(len(people), capacity)


WINDOWS = st.builds(
    lambda weekday, hour, hours, since, days: Window(
        weekday, f"{hour:02}:00", f"{hour + hours:02}:00", since, since and since + timedelta(days=days)
    ),
    st.sampled_from(["monday", "tuesday"]),
    st.integers(16, 20),
    st.integers(1, 3),
    st.none() | st.dates(date(2027, 1, 1), date(2027, 3, 10)),
    st.integers(0, 60),
)


def is_in(window, meeting):
    """One meeting by itself; January to March is GMT, so that the wall clock is UTC."""
    opens, closes = int(window.start[:2]), int(window.end[:2])
    hours = meeting.start.hour + meeting.start.minute / 60, meeting.end.hour + meeting.end.minute / 60
    on = (window.since or date.min) <= meeting.start.date() <= (window.until or date.max)
    same = f"{meeting.start:%A}".lower() == window.weekday and on
    return same and opens <= hours[0] < hours[1] <= closes, same and hours[0] < closes and opens < hours[1]


@settings(max_examples=100, deadline=None)
@given(st.lists(WINDOWS, max_size=3), st.lists(WINDOWS, max_size=2), st.integers(0, 40))
def test_nobody_is_offered_a_group_of_which_they_would_miss_a_session_they_said_they_cannot_come_to(free, busy, days):
    at = NOW + timedelta(days=days)
    ahead = [meeting for meeting in meetings() if meeting.start > at]
    can_come = all(not free or any(is_in(window, meeting)[0] for window in free) for meeting in ahead)
    cannot = any(is_in(window, meeting)[1] for window in busy for meeting in ahead)
    fits = "fits_availability" not in why_not(candidate(free=tuple(free), busy=tuple(busy)), group(), at)
    assert fits == (can_come and not cannot)
