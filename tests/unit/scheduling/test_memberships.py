"""Places: domain/memberships.py and application/memberships.py."""

from dataclasses import replace
from datetime import timedelta
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
    FakeHub,
    candidate,
    group,
    member,
    runs,
    tokens,
)

from scheduling.application import memberships
from scheduling.application.groups import EndGroup, end_group
from scheduling.application.memberships import Lapse, MembersOf, OffersOf, TakeAnswer
from scheduling.domain.catalogue import Eligibility
from scheduling.domain.groups import NoRoom, NoSuchGroup
from scheduling.domain.memberships import Ended, InConflict, LateYes, Membership, Offered, Placement, Step, Taken, Whose, deadline_of
from scheduling.domain.people import Person, PlaceOfPerson, Wait
from scheduling.domain.placement import Wishes
from scheduling.domain.waiting import WaitingEntry
from shared.errors import Poison

DEADLINE = NOW + timedelta(hours=72)


def placement(of=None, kind="seat", **of_entry):
    """Somebody who waits, and the place in G-1 that they are about to be offered."""
    person = Person("P-sam", HUB, GP, tokens("sam"), waits=(Wait("W-sam", "R-sam"),))
    entry = WaitingEntry("W-sam", HUB, "P-sam", "R-sam", None, Wishes(), "routine", NOW, NOW, **of_entry)
    membership = Membership("S-1", HUB, "P-sam", "G-1", kind, "held", "W-sam", "R-sam")
    return Placement(membership, of or group(), person, entry)


def offered(of=None):
    made = placement(of)
    made.offer(candidate("sam"), NOW)
    return made


def seated():
    made = offered()
    made.take(NOW)
    return made


def whose(stands):
    return Whose("P-sam", "S-1", "R-sam", None, stands)


def everywhere(made):
    """The state of a place, wherever it is kept: membership, roster, person, entry."""
    row = made.group.row("S-1")
    place = next((place for place in made.person.places if place.membership == "S-1"), None)
    return made.membership.state, row and row.state, place and place.state, made.entry.state


# A placement: everything that guards a place changes together.


def test_an_offer_holds_the_place_until_its_deadline_and_says_all_of_it():
    made = placement()
    (event,) = made.offer(candidate("sam"), NOW)
    assert event == Offered(whose("offered"), made.group.place("seat", NOW, DEADLINE))
    assert everywhere(made) == ("held", "held", "held", "offered")
    assert made.membership.deadline == event.place.deadline == DEADLINE


def test_an_offer_of_a_full_group_is_not_made():
    with pytest.raises(NoRoom):
        placement(group(capacity=0)).offer(candidate("sam"), NOW)


def test_an_offer_that_is_accepted_becomes_their_place_and_tells_one_event():
    made = offered()
    assert made.answer("accept", NOW, NOW) == (Taken(whose("placed"), made.group.place("seat", NOW)),)
    assert everywhere(made) == ("taken", "taken", "taken", "met")
    assert made.membership.history == (Step("held", NOW), Step("taken", NOW))
    assert made.membership.was_taken


def test_a_place_that_is_taken_is_told_without_a_deadline():
    (event,) = offered().take(NOW)
    assert event.place.deadline is None


@pytest.mark.parametrize("reason", ["declined", "lapsed"])
def test_who_declines_or_stays_silent_waits_on_and_the_refusal_is_kept(reason):
    made, later = offered(), NOW + A_WEEK
    happened = made.answer("decline", later, later) if reason == "declined" else made.lapse(later)
    assert happened == (Ended(whose("waiting"), reason),)
    assert everywhere(made) == ("ended", None, None, "waiting")
    assert [(each.group, each.how, each.at) for each in made.entry.refusals] == [("G-1", reason, later)]
    assert made.person.waits == (Wait("W-sam", "R-sam"),)
    assert (made.membership.reason, made.membership.history[-1]) == (reason, Step("ended", later, reason))


@pytest.mark.parametrize("reason", ["withdrawn", "conflict", "not_suitable", "another_taken", "cancelled", "series_ended", "left"])
def test_an_offer_that_ends_for_another_reason_is_no_refusal(reason):
    made = offered()
    assert made.end(reason, NOW) == (Ended(whose("waiting"), reason),)
    assert (everywhere(made), made.entry.refusals) == (("ended", None, None, "waiting"), ())


@pytest.mark.parametrize("reason", ["withdrawn", "cancelled", "series_ended", "left"])
def test_a_place_that_ends_after_it_was_taken_starts_no_wait_anew(reason):
    made = seated()
    assert made.end(reason, NOW) == (Ended(whose("nothing"), reason),)
    assert everywhere(made) == ("ended", None, None, "met")


@pytest.mark.parametrize("begin", [offered, seated])
def test_what_is_ended_stays_ended(begin):
    made = begin()
    made.end("left", NOW)
    history = made.membership.history
    assert (
        made.end("withdrawn", NOW) == made.lapse(NOW + A_WEEK) == made.answer("accept", NOW, NOW) == made.answer("decline", NOW, NOW) == ()
    )
    assert (made.membership.history, made.membership.reason) == (history, "left")


def test_an_offer_lapses_at_its_deadline_and_not_before():
    made = offered()
    assert made.lapse(DEADLINE - timedelta(seconds=1)) == ()
    assert made.lapse(DEADLINE) != ()


def test_a_place_that_is_taken_never_lapses():
    assert seated().lapse(DEADLINE + A_WEEK) == ()


def test_a_decline_after_an_acceptance_changes_nothing():
    made = seated()
    assert made.answer("decline", NOW, NOW) == ()
    assert made.membership.state == "taken"


@pytest.mark.parametrize(("late", "seated_now"), [(timedelta(), True), (timedelta(milliseconds=1), False)])
def test_a_yes_is_in_time_up_to_the_very_deadline_though_the_timer_has_not_run(late, seated_now):
    made = offered()
    assert bool(made.answer("accept", DEADLINE + late, DEADLINE + late)) is seated_now


def test_a_decline_after_the_deadline_frees_the_place_before_the_timer_does():
    made = offered()
    assert made.answer("decline", DEADLINE + A_WEEK, DEADLINE + A_WEEK) == (Ended(whose("waiting"), "declined"),)


def test_a_yes_that_was_given_in_time_and_is_heard_after_the_lapse_is_told_apart():
    made = offered()
    made.lapse(DEADLINE)
    with pytest.raises(LateYes):
        made.answer("accept", DEADLINE, DEADLINE + A_WEEK)
    assert made.answer("accept", DEADLINE + timedelta(seconds=1), DEADLINE + A_WEEK) == ()
    assert made.answer("decline", NOW, DEADLINE + A_WEEK) == ()


def test_a_pass_is_theirs_at_once_and_on_no_roster():
    made = placement(group(way_in="open-access", modality="open"), "pass")
    made.entry.wishes = Wishes(("open",))
    assert made.give_pass(NOW) == (Taken(whose("placed"), made.group.place("pass", NOW)),)
    assert (made.membership.state, made.group.roster, made.entry.state) == ("taken", (ALEX,), "met")
    assert [(place.kind, place.state) for place in made.person.places] == [("pass", "taken")]


def test_a_pass_beside_a_wish_for_a_seat_leaves_them_waiting():
    made = placement(group(way_in="open-access", modality="open"), "pass")
    made.entry.wishes = Wishes(("open", "analytic"))
    assert made.give_pass(NOW)[0].whose == whose("waiting")
    assert made.entry.state == "waiting"


def test_of_a_drop_in_group_the_next_six_sessions_are_told_and_of_a_seat_all():
    weekly = group(number=20)
    assert len(weekly.place("pass", NOW).meetings) == 6
    assert len(weekly.place("seat", NOW).meetings) == 20


def test_who_runs_a_group_is_on_its_roster_with_the_sealed_name():
    person = Person("F-kim", SOUTH, tokens=tokens("F-kim", "site-7"), sealed_name="sealed kim")
    made = Placement(Membership("S-1", SOUTH, "F-kim", "G-1", "runs", "held"), group(roster=()), person)
    made.run(NOW)
    (row,) = made.group.run_by
    assert (row.person, row.hub, row.state, row.tokens, row.sealed_name) == ("F-kim", SOUTH, "taken", person.tokens, "sealed kim")
    assert [(place.kind, place.state) for place in person.places] == [("runs", "taken")]
    assert made.taken(NOW)[0].place.run_by == (row,)


def test_who_is_in_conflict_is_told_so_without_the_other():
    assert seated().part() == (InConflict(whose("placed")),)


def test_no_offer_of_a_closed_series_is_open_longer_than_until_it_begins():
    closed = group(hours_held=720, membership="closed")
    assert deadline_of(closed, NOW) == closed.meetings[0].start
    assert deadline_of(group(hours_held=720), NOW) == NOW + timedelta(hours=720)
    assert deadline_of(group(hours_held=2, membership="closed"), NOW) == NOW + timedelta(hours=2)


def test_an_event_that_is_read_later_still_says_what_it_said_then():
    made = placement()
    (offer,) = made.offer(candidate("sam"), NOW)
    made.group.add(replace(runs("kim"), membership="S-9"))
    made.group.venue, made.group.revision = "Elsewhere", 3
    made.end("withdrawn", NOW)
    made.entry.close("withdrawn", made.person)
    assert offer.whose.stands == "offered"
    assert (offer.place.venue, offer.place.revision, offer.place.deadline) == ("Room 3", 0, DEADLINE)
    assert offer.place.run_by == (ALEX,)


# Where a referral stands: docs/architecture.md, The model.


def place_of(kind, state, referral="R-sam", id="S-1"):
    return PlaceOfPerson(id, "G-1", "analytic", kind, state, (), referral)


WAITS = (Wait("W-1", "R-sam"),)
OTHER = (place_of("seat", "held", "R-2"), place_of("seat", "taken", "R-3"))


@pytest.mark.parametrize(
    ("places", "waits", "stands"),
    [
        ((place_of("seat", "held"),), WAITS, "offered"),
        ((place_of("seat", "taken"), place_of("seat", "held", id="S-2")), (), "offered"),
        ((place_of("seat", "taken"),), WAITS, "placed"),
        ((place_of("seat", "paused"),), (), "placed"),
        ((place_of("booking", "taken"),), (), "placed"),
        ((place_of("pass", "taken"),), WAITS, "waiting"),
        ((), WAITS, "waiting"),
        ((place_of("pass", "taken"),), (), "placed"),
        ((), (), "nothing"),
        (OTHER, (Wait("W-2", "R-2"),), "nothing"),
        (OTHER, WAITS, "waiting"),
    ],
    ids=[
        "offered",
        "an open step-on still stands",
        "a seat before a wait",
        "paused",
        "a booking",
        "a wait before a pass",
        "waiting",
        "a pass",
        "nothing",
        "another referral's places and waits do not count",
        "nor do they hide its own wait",
    ],
)
def test_where_a_referral_stands(places, waits, stands):
    assert Person("P-sam", HUB, places=places, waits=waits).stands("R-sam") == stands


# The use cases.


def with_one_place(*names):
    """A hub whose one group, G-1, has one place; it is offered to the first of those who wait."""
    hub = FakeHub()
    hub.keep(group(capacity=1))
    for number, name in enumerate(names):
        hub.accepts(name, days_ago=50 - number)
    hub.match()
    return hub


def accept(hub, name):
    hub.accept(name)


def decline(hub, name):
    hub.decline(name)


def stay_silent(hub, name):
    hub.stay_silent(name)


def test_an_offer_is_kept_with_its_group_and_the_deadline_that_the_group_gives():
    hub = FakeHub()
    hub.keep(group(hours_held=48))
    hub.accepts("sam")
    hub.match()
    offer = hub.offer_of("sam")
    assert (offer.group, offer.state, offer.deadline) == ("G-1", "held", NOW + timedelta(hours=48))
    assert (offer.entry, offer.referral, offer.kind, offer.hub) == (hub.entry("sam").id, "R-sam", "seat", HUB)
    assert (hub.states("sam"), hub.places()) == (["offered"], {"sam": "held"})


def test_an_offer_that_is_accepted_becomes_a_seat():
    hub = with_one_place("sam")
    told = len(hub.told)
    hub.accept("sam")
    assert (hub.states("sam"), hub.places(), hub.since(told)) == (["met"], {"sam": "taken"}, ["Taken"])


def test_an_acceptance_that_comes_twice_seats_once():
    hub = with_one_place("sam")
    hub.accept("sam")
    told = len(hub.told)
    hub.accept("sam")
    assert (hub.since(told), hub.places()) == ([], {"sam": "taken"})


def test_a_decline_after_an_acceptance_leaves_the_seat():
    hub = with_one_place("sam")
    hub.accept("sam")
    hub.decline("sam")
    assert (hub.states("sam"), hub.places()) == (["met"], {"sam": "taken"})


def test_the_deadline_of_an_offer_that_was_never_made_changes_nothing():
    hub = with_one_place("sam")
    hub.run(memberships.lapse, Lapse("S-9999"))
    assert (hub.states("sam"), hub.places()) == (["offered"], {"sam": "held"})


@pytest.mark.parametrize("refuse", [decline, stay_silent])
def test_a_refused_place_goes_to_the_most_urgent_and_then_to_who_has_waited_longest(refuse):
    hub = with_one_place("first")
    hub.accepts("routine-old", "routine", days_ago=90)
    hub.accepts("routine-new", "routine", days_ago=1)
    hub.accepts("soon", "soon", days_ago=2)
    hub.accepts("urgent-new", "urgent", days_ago=0)
    hub.accepts("urgent-old", "urgent", days_ago=5)
    order = ["first"]
    for _ in range(5):
        refuse(hub, order[-1])
        hub.withdraw(order[-1])  # so that nobody is offered it twice
        hub.match()
        order += hub.places()
    assert order == ["first", "urgent-old", "urgent-new", "soon", "routine-old", "routine-new"]


@pytest.mark.parametrize(("refuse", "reason"), [(decline, "declined"), (stay_silent, "lapsed")])
def test_who_refuses_waits_on_with_their_clock_and_is_not_asked_for_that_group_again_at_once(refuse, reason):
    hub = with_one_place("sam")
    clock, told = hub.entry("sam").clock, len(hub.told)
    refuse(hub, "sam")
    assert ([event.reason for event in hub.told[told:]], hub.told[-1].whose.stands) == ([reason], "waiting")
    assert hub.match() == 0
    assert (hub.states("sam"), hub.places(), hub.entry("sam").clock) == (["waiting"], {}, clock)
    assert hub.why_not("sam") == {"G-1": ["not_refused_before"]}


def test_who_let_an_offer_lapse_is_offered_the_group_once_more_after_a_day_and_then_no_more():
    hub = with_one_place("sam")
    hub.stay_silent("sam")
    hub.now += timedelta(days=1)
    assert hub.match() == 1
    hub.stay_silent("sam")
    hub.now += timedelta(days=30)
    assert hub.match() == 0


def test_who_is_urgent_and_let_an_offer_lapse_is_offered_the_group_again_after_a_minute():
    hub = FakeHub()
    hub.keep(group())
    hub.accepts("sam", "urgent")
    hub.match()
    hub.stay_silent("sam")
    assert hub.match() == 0
    hub.now += timedelta(minutes=1)
    assert hub.match() == 1


@pytest.mark.parametrize("refuse", [decline, stay_silent])
def test_who_refuses_is_offered_another_group_where_there_is_one(refuse):
    hub = FakeHub()
    hub.keep(group("G-1"), group("G-2", first=TUESDAY_EVENING + A_WEEK))
    hub.accepts("sam")
    hub.match()
    refuse(hub, "sam")
    hub.match()
    assert (hub.states("sam"), hub.places("G-1"), hub.places("G-2")) == (["offered"], {}, {"sam": "held"})


def test_a_place_that_came_up_passes_over_whom_it_is_not_for():
    hub = with_one_place("first")
    hub.accepts("colleague", "urgent", known=tokens("c", never_with=ALEX.tokens.own))
    hub.accepts("elsewhere", "urgent", wishes=("men-only",))
    hub.accepts("last")
    hub.decline("first")
    hub.match()
    assert hub.places() == {"last": "held"}
    assert hub.states("colleague", "elsewhere") == ["waiting", "waiting"]
    assert hub.why_not("colleague") == {"G-1": ["has_room", "no_close_colleague"]}


def test_an_offer_does_not_lapse_before_its_deadline():
    hub = with_one_place("sam")
    hub.now = hub.offer_of("sam").deadline - timedelta(seconds=1)
    hub.run(memberships.lapse, Lapse(hub.offer_of("sam").id))
    assert (hub.states("sam"), hub.places()) == (["offered"], {"sam": "held"})


@pytest.mark.parametrize("said", ["accept", "decline"])
def test_an_answer_to_a_place_that_was_never_held_here_is_set_aside_and_not_lost(said):
    hub = with_one_place("sam")
    with pytest.raises(Poison, match=r"this hub has no place S-404: .* restored to before it was"):
        hub.answer("sam", said, to="S-404")
    with pytest.raises(Poison, match="this hub has no place S-404"):
        hub.answer("stranger", said, to="S-404")
    assert (hub.states("sam"), hub.places()) == (["offered"], {"sam": "held"})


@pytest.mark.parametrize("said", ["accept", "decline"])
def test_nobody_answers_for_somebody_else(said):
    hub = with_one_place("sam")
    hub.accepts("next")
    offer = hub.offer_of("sam").id
    with pytest.raises(Poison, match=f"{offer} is P-sam's, and the event is about P-next"):
        hub.answer("next", said, to=offer)
    with pytest.raises(Poison, match="the event is about P-next"):
        hub.run(memberships.answer_all, (TakeAnswer("P-next", offer, said, hub.now),))
    assert (hub.states("sam"), hub.places()) == (["offered"], {"sam": "held"})


def test_of_answers_that_are_published_anew_those_to_a_place_that_is_not_there_keep_none_of_the_others_back():
    hub = with_one_place("sam")
    given = tuple(TakeAnswer("P-sam", to, "accept", hub.now) for to in ("S-404", hub.offer_of("sam").id))
    hub.run(memberships.answer_all, given)
    assert hub.places() == {"sam": "taken"}


@pytest.mark.parametrize(("before", "after"), [(accept, "met"), (decline, "waiting"), (stay_silent, "waiting")])
def test_a_deadline_that_passes_after_the_answer_or_is_looked_at_twice_changes_nothing(before, after):
    hub = with_one_place("sam")
    before(hub, "sam")
    told, held = len(hub.told), hub.places()
    hub.stay_silent("sam")
    assert (hub.since(told), hub.states("sam"), hub.places()) == ([], [after], held)


def test_an_acceptance_given_in_time_that_arrives_late_makes_a_new_place_while_there_is_room():
    hub = with_one_place("sam")
    in_time, lapsed = hub.now + timedelta(hours=1), hub.offer_of("sam").id
    hub.stay_silent("sam")
    told = len(hub.told)
    hub.accept("sam", in_time)
    assert (hub.states("sam"), hub.places(), hub.since(told)) == (["met"], {"sam": "taken"}, ["Taken"])
    first, second = hub.memberships_of("sam")
    assert (first.id, first.state, first.reason) == (lapsed, "ended", "lapsed")
    assert (second.state, [step.state for step in second.history]) == ("taken", ["held", "taken"])
    assert hub.told[-1].whose.membership == second.id


def test_a_late_acceptance_that_comes_twice_seats_once():
    hub = with_one_place("sam")
    lapsed = hub.offer_of("sam").id
    hub.stay_silent("sam")
    given = tuple(TakeAnswer("P-sam", lapsed, "accept", NOW) for _ in range(2))
    hub.run(memberships.answer_all, given)
    hub.run(memberships.answer_all, given)
    assert (hub.places(), len(hub.told_of(Taken))) == ({"sam": "taken"}, 1)


def test_an_acceptance_given_at_the_very_deadline_is_in_time():
    hub = with_one_place("sam")
    hub.stay_silent("sam")
    hub.accept("sam", hub.offer_of("sam").deadline)
    assert hub.states("sam") == ["met"]


def test_an_acceptance_given_after_the_deadline_is_too_late_even_where_the_place_is_free():
    hub = with_one_place("sam")
    hub.stay_silent("sam")
    hub.accept("sam", hub.offer_of("sam").deadline + timedelta(seconds=1))
    assert (hub.states("sam"), hub.places()) == (["waiting"], {})


def test_an_answer_after_the_deadline_is_too_late_though_the_timer_has_not_run():
    hub = with_one_place("first")
    hub.accept("first", hub.offer_of("first").deadline + timedelta(seconds=1))
    assert (hub.states("first"), hub.places()) == (["offered"], {"first": "held"})


@pytest.mark.parametrize("next_accepts", [False, True], ids=["the next is asked", "the next has accepted"])
def test_an_acceptance_that_arrives_after_the_place_went_to_the_next_takes_it_from_nobody(next_accepts):
    hub = with_one_place("sam", "next")
    in_time = hub.now + timedelta(hours=1)
    hub.stay_silent("sam")
    hub.match()
    if next_accepts:
        hub.accept("next")
    told = len(hub.told)
    hub.accept("sam", in_time)
    assert (hub.states("sam"), list(hub.places()), hub.since(told)) == (["waiting"], ["next"], [])


def test_an_acceptance_that_arrives_after_a_colleague_took_a_seat_does_not_put_them_together():
    hub = FakeHub()
    hub.keep(group(capacity=2))
    hub.accepts("sam", known=tokens("sam", "site-7"))
    hub.match()
    hub.stay_silent("sam")
    hub.accepts("jo", known=tokens("jo", "site-7"))
    hub.match()
    hub.accept("sam", NOW)
    assert hub.places() == {"jo": "held"}


def test_an_acceptance_that_arrives_after_a_closed_series_has_begun_is_passed_on_and_seats_nobody():
    hub = FakeHub()
    hub.keep(group(membership="closed"))
    hub.accepts("sam")
    hub.match()
    hub.stay_silent("sam")
    hub.now = TUESDAY_EVENING.astimezone(NOW.tzinfo) + A_WEEK
    hub.accept("sam", NOW)
    assert hub.states("sam") == ["waiting"]


def late_with_another(**of_the_other):
    """Sam let G-1 lapse, and has been offered G-2 meanwhile. Returns the hub and the place in G-1."""
    hub = FakeHub()
    hub.keep(group("G-1"))
    hub.accepts("sam")
    hub.match()
    missed = hub.offer_of("sam").id
    hub.stay_silent("sam")
    hub.keep(group("G-2", **of_the_other))
    hub.match()
    assert hub.places("G-2") == {"sam": "held"}
    return hub, missed


@pytest.mark.parametrize(
    "other",
    [{"first": TUESDAY_EVENING + timedelta(days=2)}, {"first": TUESDAY_EVENING}, {"first": TUESDAY_EVENING + timedelta(hours=1)}],
    ids=["another evening", "the same evening", "overlapping"],
)
def test_a_late_acceptance_given_in_time_counts_though_another_group_has_been_offered_meanwhile(other):
    hub, missed = late_with_another(**other)
    told = len(hub.told)
    hub.accept("sam", NOW, to=missed)
    assert (hub.states("sam"), hub.places("G-1"), hub.places("G-2")) == (["met"], {"sam": "taken"}, {})
    assert [(type(event), event.whose.stands) for event in hub.told[told:]] == [(Ended, "waiting"), (Taken, "placed")]
    assert hub.told[told].reason == "another_taken"


def test_a_late_acceptance_for_which_there_is_no_room_leaves_the_other_offer_open():
    hub, missed = late_with_another(first=TUESDAY_EVENING + timedelta(days=2))
    full = hub.group("G-1")
    hub.kept["groups"]["G-1"] = replace(full, capacity=0, is_full=True)
    told = len(hub.told)
    hub.run(memberships.answer_all, (TakeAnswer("P-sam", missed, "accept", NOW),) * 2)
    assert (hub.states("sam"), hub.places("G-2"), hub.since(told)) == (["offered"], {"sam": "held"}, [])


def test_a_late_refusal_to_seat_leaves_nothing_changed_for_the_answers_after_it():
    """Two answers in one event: the first comes too late for its group, the second accepts what is held."""
    hub, missed = late_with_another(first=TUESDAY_EVENING + timedelta(days=2))
    hub.kept["groups"]["G-1"] = replace(hub.group("G-1"), capacity=0, is_full=True)
    given = (TakeAnswer("P-sam", missed, "accept", NOW), TakeAnswer("P-sam", hub.offer_of("sam").id, "accept", hub.now))
    hub.run(memberships.answer_all, given)
    assert (hub.states("sam"), hub.places("G-2")) == (["met"], {"sam": "taken"})


def test_a_late_acceptance_of_a_group_that_has_been_offered_again_takes_that_offer():
    hub = with_one_place("sam")
    missed = hub.offer_of("sam").id
    hub.stay_silent("sam")
    hub.now += timedelta(days=1)
    hub.match()
    hub.accept("sam", NOW, to=missed)
    assert (hub.states("sam"), hub.places()) == (["met"], {"sam": "taken"})


def test_a_late_acceptance_leaves_an_offer_for_another_referral_alone():
    hub = FakeHub()
    hub.keep(group("G-1"))
    hub.accepts("sam", wishes=("analytic",))
    hub.match()
    missed = hub.offer_of("sam").id
    hub.stay_silent("sam")
    hub.keep(group("G-2", modality="men-only", first=TUESDAY_EVENING + timedelta(days=2)))
    hub.accepts("sam", referral="R-2", wishes=("men-only",))
    hub.match()
    hub.accept("sam", NOW, to=missed)
    assert (hub.places("G-1"), hub.places("G-2")) == ({"sam": "taken"}, {"sam": "held"})


def test_a_late_acceptance_that_overlaps_with_what_they_have_taken_for_another_referral_is_not_seated():
    hub = FakeHub()
    hub.keep(group("G-1"))
    hub.accepts("sam", wishes=("analytic",))
    hub.match()
    missed = hub.offer_of("sam").id
    hub.stay_silent("sam")
    hub.keep(group("G-2", modality="men-only"))
    hub.accepts("sam", referral="R-2", wishes=("men-only",))
    hub.match()
    hub.accept("sam")
    hub.accept("sam", NOW, to=missed)
    assert (hub.places("G-1"), hub.places("G-2"), hub.states("sam")) == ({}, {"sam": "taken"}, ["waiting"])


@pytest.mark.parametrize(
    ("changes", "others"),
    [
        ({"eligibility": Eligibility(grades=("gp_trainee",))}, ()),
        ({"grade_mixing": "hard"}, (member("jo", grade="gp_trainee"),)),
    ],
    ids=["not admitted any more", "the only senior"],
)
def test_whom_the_group_does_not_suit_any_more_when_they_accept_waits_on_and_the_place_is_free(changes, others):
    hub = FakeHub()
    hub.keep(group(**changes, roster=(ALEX, *others)))
    hub.accepts("sam", facts=TRAINEE)
    hub.match()
    hub.knows("sam", facts=GP)
    assert hub.states("sam") == ["offered"], "the offer stands until they answer"
    told = len(hub.told)
    hub.accept("sam")
    (ended,) = hub.told[told:]
    assert (type(ended), ended.reason, ended.whose.stands) == (Ended, "not_suitable", "waiting")
    assert "sam" not in hub.places()
    assert hub.match() == 0


def test_who_outgrows_a_group_while_in_it_stays():
    hub = FakeHub()
    hub.keep(group(eligibility=Eligibility(grades=("gp_trainee",))))
    hub.accepts("sam", facts=TRAINEE)
    hub.match()
    hub.accept("sam")
    hub.knows("sam", facts=GP)
    assert hub.places() == {"sam": "taken"}


def test_their_own_grade_is_no_mix():
    hub = FakeHub()
    hub.keep(group(grade_mixing="hard"))
    hub.accepts("sam", facts=TRAINEE)
    hub.match()
    hub.knows("sam", facts=GP)
    hub.accept("sam")
    assert hub.places() == {"sam": "taken"}


def test_a_late_decline_changes_nothing():
    hub = with_one_place("sam")
    hub.stay_silent("sam")
    told = len(hub.told)
    hub.answer("sam", "decline", NOW)
    assert (hub.since(told), hub.states("sam"), hub.offer_of("sam").reason) == ([], ["waiting"], "lapsed")


@pytest.mark.parametrize("said", ["accept", "decline"])
@pytest.mark.parametrize("lapsed", [False, True], ids=["the offer was open", "the offer had lapsed"])
def test_an_answer_after_the_withdrawal_changes_nothing(said, lapsed):
    hub = with_one_place("gone")
    if lapsed:
        hub.stay_silent("gone")
    hub.withdraw("gone")
    told = len(hub.told)
    hub.answer("gone", said, NOW)
    assert (hub.since(told), hub.states("gone"), hub.places()) == ([], ["closed"], {})


def test_the_offers_of_a_person_are_all_there_ever_were_oldest_first_and_no_passes():
    hub = FakeHub()
    hub.keep(group("G-1"), group("G-2", modality="open", way_in="open-access"), group("G-3", first=TUESDAY_EVENING + A_WEEK))
    hub.accepts("sam", wishes=("analytic", "open"))
    hub.match()
    hub.decline("sam")
    hub.match()
    found = hub.run(memberships.offers_of, OffersOf("P-sam"))
    assert [(each.group, each.state) for each in found] == [("G-1", "ended"), ("G-3", "held")]
    assert hub.run(memberships.offers_of, OffersOf("P-sam"), SOUTH) == []


def test_the_members_of_a_group_are_read_at_its_own_hub_only():
    hub = with_one_place("sam")
    assert [row.person for row in hub.run(memberships.members_of, MembersOf("G-1")).roster] == ["F-alex", "P-sam"]
    with pytest.raises(NoSuchGroup):
        hub.run(memberships.members_of, MembersOf("G-1"), SOUTH)


def test_every_event_about_a_person_is_numbered_on_the_person():
    hub = with_one_place("sam", "jo")
    hub.decline("sam")
    hub.match()
    hub.accept("jo")
    hub.withdraw("sam")
    about = {"P-sam": 4, "P-jo": 3}
    assert {each: hub.kept["people"][each].last_sequence for each in about} == about
    assert sum(about.values()) == len(hub.told)


def test_somebody_with_a_place_is_never_given_a_second_one_in_the_same_group_at_once():
    hub = with_one_place("sam")
    assert len([each for each in hub.kept["memberships"].values() if each.is_live and each.person == "P-sam"]) == 1
    assert member("sam").membership not in {row.membership for row in hub.group().run_by}


# Whoever answers, in whatever order.

SITES = st.lists(st.sampled_from(["site-1", "site-2", "site-3"]), max_size=1)
HUMANS = st.sampled_from(["human-1", "human-2", None, None])
WISHES = st.sampled_from([(), (), ("analytic",), ("analytic", "open"), ("open",)])
PEOPLE = st.lists(st.tuples(SITES, st.sampled_from(["urgent", "soon", "routine"]), HUMANS, WISHES), min_size=1, max_size=6)
ACTS = ["accept", "accept", "decline", "stay_silent", "withdraw", "late", "new_ties", "match", "match", "a_day", "end"]
STEPS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(ACTS), SITES), max_size=25)


def a_hub(people, capacity):
    hub = FakeHub()
    last = TUESDAY_EVENING + 7 * A_WEEK + timedelta(minutes=90)
    hub.keep(
        replace(group("G-1", capacity), ends_at=last.replace(tzinfo=NOW.tzinfo)),
        group("G-2", capacity, first=TUESDAY_EVENING + timedelta(hours=1), number=30, open_to=(HUB, SOUTH)),
        group("G-3", modality="open", way_in="open-access", number=30),
    )
    for number, (ties, urgency, human, wishes) in enumerate(people):
        hub.accepts(str(number), urgency, known=known(number, human, ties), wishes=wishes, at=at_hub(number))
    return hub


def at_hub(number):
    return SOUTH if number % 3 == 2 else HUB


def known(number, human, ties):
    return replace(tokens(str(number), *ties), own=(human or f"own-of-{number}",))


def act(hub, number, step, ties, people):
    """What one person does, if they can: only who was made an offer can answer it."""
    name, at = str(number), at_hub(number)
    offers = [each for each in hub.memberships_of(name, at) if each.deadline]
    if step == "match":
        hub.match()
    elif step == "a_day":
        hub.now += timedelta(days=1)
    elif step == "end":
        hub.run(end_group, EndGroup("G-1"))
    elif step == "withdraw":
        hub.withdraw(name, at)
    elif step == "new_ties":
        hub.knows(name, known(number, people[number][2], ties), at)
    elif offers and step == "late":
        hub.accept(name, offers[0].began, to=offers[0].id, at=at)
    elif offers:
        getattr(hub, step)(name, at=at)


def look(hub):
    """What must be so at any time, beside what FakeHub sees to after every use case."""
    for of in ("G-1", "G-2"):
        found = hub.group(of)
        apart = [pair for pair in combinations(found.roster, 2) if pair[0].tokens.must_not_meet(pair[1].tokens, found.days(hub.now))]
        assert {frozenset({one.membership, other.membership}) for one, other in apart} <= {pair.sides for pair in found.pairs}
        assert all("held" not in {one.state, other.state} for one, other in apart)
    people = list(hub.kept["people"].values())
    for one, other in combinations(people, 2):
        if one.tokens.is_same_human(other.tokens):
            assert not (one.has_open_offer and other.has_open_offer)
            assert not [mine for mine in one.counted_places for theirs in other.counted_places if mine.overlaps(theirs.spans)]
    for each in people:
        assert not [pair for pair in combinations(each.counted_places, 2) if pair[0].overlaps(pair[1].spans)]
        assert len([place for place in each.counted_places if place.state == "held"]) <= 1


@settings(max_examples=100, deadline=None)
@given(PEOPLE, STEPS, st.integers(1, 3))
def test_whoever_answers_in_whatever_order_no_group_is_overfilled_no_colleagues_meet_and_nobody_has_two_offers(people, steps, capacity):
    hub = a_hub(people, capacity)
    hub.match()
    for person, step, ties in steps:
        act(hub, person % len(people), step, ties, people)
        look(hub)
    ended = [event for event in hub.told_of(Ended) if event.reason != "erased"]
    live = [each for each in hub.kept["memberships"].values() if each.is_live and each.kind != "runs"]
    begun = {event.whose.membership for event in (*hub.told_of(Offered), *hub.told_of(Taken))}
    assert len({event.whose.membership for event in ended}) == len(ended), "what is ended is told once"
    assert begun - {event.whose.membership for event in ended} == {each.id for each in live}


@settings(max_examples=60, deadline=None)
@given(PEOPLE, STEPS)
def test_whoever_answers_in_whatever_order_the_last_event_says_where_the_referral_stands(people, steps):
    hub = a_hub(people, 1)
    for person, step, ties in steps:
        act(hub, person % len(people), step, ties, people)
    for number in range(len(people)):
        about = [getattr(event, "whose", event) for event in hub.told]
        mine = [told.stands for told in about if told.person == f"P-{number}" and told.referral == f"R-{number}"]
        assert mine[-1] == hub.person(str(number)).stands(f"R-{number}")


@settings(max_examples=60, deadline=None)
@given(PEOPLE, STEPS)
def test_whoever_answers_in_whatever_order_nobody_is_offered_a_group_that_they_declined(people, steps):
    hub = a_hub(people, 1)
    for person, step, ties in steps:
        declined = {(each.person, each.group) for each in hub.kept["memberships"].values() if each.reason == "declined"}
        offers = {each.id for each in hub.kept["memberships"].values()}
        act(hub, person % len(people), step, ties, people)
        new = [each for key, each in hub.kept["memberships"].items() if key not in offers]
        assert step == "late" or not [each for each in new if (each.person, each.group) in declined]
