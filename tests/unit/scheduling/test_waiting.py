"""Waiting: domain/waiting.py and application/waiting.py."""

from datetime import timedelta

import pytest
from unit.scheduling.fakes import A_WEEK, GP, HUB, NOW, SOUTH, TRAINEE, TUESDAY_EVENING, FakeHub, group, runs, tokens

from scheduling.application import waiting
from scheduling.application.waiting import ListWaiting, ReadWaiting, StartWaiting, Withdraw
from scheduling.domain.memberships import Ended
from scheduling.domain.people import NoSuchPerson, Person, PlaceOfPerson, Window
from scheduling.domain.placement import Refusal, Wishes
from scheduling.domain.waiting import NoSuchEntry, WaitingClosed, WaitingEntry, WaitingStarted
from shared.errors import Poison

LONG_AGO = NOW - timedelta(days=100)
WISHES = Wishes(("analytic",), ("exam-stress",), ("women",))


@pytest.fixture
def hub():
    return FakeHub()


def sam(**changes):
    return Person("P-sam", HUB, GP, tokens("sam"), **changes)


def entry(urgency="routine", **changes):
    usual = {"referral": "R-sam", "booking": None, "wishes": WISHES, "received": LONG_AGO, "clock": LONG_AGO}
    return WaitingEntry("W-1", HUB, "P-sam", urgency=urgency, **(usual | changes))


def with_one_place(*names):
    """A hub whose one group, G-1, has one place; it is offered to the first of those who wait."""
    hub = FakeHub()
    hub.keep(group(capacity=1))
    for number, name in enumerate(names):
        hub.accepts(name, days_ago=50 - number)
    hub.match()
    return hub


# The entry.


def test_waiting_starts_with_the_event_that_says_so_with_the_clock_of_the_queue():
    person, made = sam(), entry(received=LONG_AGO - A_WEEK)
    assert made.start(person) == (WaitingStarted("P-sam", "W-1", "R-sam", None, LONG_AGO, "waiting"),)
    assert [(wait.entry, wait.referral) for wait in person.waits] == [("W-1", "R-sam")]


def test_the_more_urgent_ranks_before_the_less_urgent():
    made = [entry(urgency) for urgency in ("routine", "urgent", "soon")]
    for each in made:
        each.start(sam())
    assert [each.urgency for each in sorted(made, key=lambda each: each.rank)] == ["urgent", "soon", "routine"]


def test_what_placement_looks_at_is_what_is_known_of_the_person_and_what_they_wished_for():
    free, busy = (Window("monday", "09:00", "12:00"),), (Window("tuesday", "09:00", "12:00"),)
    person, record = sam(free=free, busy=busy), Person("P-sam-of-the-south", SOUTH)
    who = entry("soon", refusals=(Refusal("G-9", NOW, "declined"),)).candidate(person, (person, record))
    assert (who.entry, who.hub, who.person, who.referral) == ("W-1", HUB, "P-sam", "R-sam")
    assert (who.facts, who.tokens, who.free, who.busy) == (GP, tokens("sam"), free, busy)
    assert (who.wishes, who.urgency, [each.group for each in who.refusals]) == (WISHES, "soon", ["G-9"])
    assert who.records == (person, record)


def test_somebody_without_facts_is_no_candidate():
    assert entry().candidate(Person("P-sam", HUB), ()) is None


def test_a_wait_that_was_set_aside_goes_on_with_the_clock_and_the_urgency_that_it_had():
    person, made = sam(), entry("urgent")
    made.start(person)
    made.offered()
    made.wait_on(person)
    assert (made.state, made.clock, made.rank) == ("waiting", LONG_AGO, 0)
    assert len(person.waits) == 1


def test_a_wait_that_is_met_is_over_for_its_person():
    person, made = sam(), entry()
    made.start(person)
    made.met(person)
    assert (made.state, made.is_open, person.waits) == ("met", False, ())


@pytest.mark.parametrize(
    ("wished", "given", "met"),
    [
        (("open",), {"open"}, True),
        (("open",), set(), False),
        (("open", "other"), {"open"}, False),
        (("open", "other"), {"open", "other"}, True),
        (("open", "analytic"), {"open"}, False),
    ],
)
def test_passes_meet_a_wait_when_nothing_else_was_wished_for_and_all_of_it_was_given(wished, given, met):
    assert entry(wishes=Wishes(wished)).is_met_by_passes(frozenset(given)) is met


@pytest.mark.parametrize("state", ["waiting", "offered"])
def test_closing_an_open_wait_says_so_with_the_reason(state):
    person, made = sam(), entry()
    made.start(person)
    made.state = state
    assert made.close("withdrawn", person) == (WaitingClosed("P-sam", "W-1", "R-sam", None, "withdrawn", "nothing"),)
    assert (made.state, made.closed_because, person.waits) == ("closed", "withdrawn", ())


@pytest.mark.parametrize("state", ["met", "closed"])
def test_closing_a_wait_that_is_over_says_nothing(state):
    made = entry(state=state)
    assert made.close("withdrawn", sam()) == ()
    assert made.state == "closed"


def test_every_refusal_is_kept_in_order():
    made = entry()
    made.refuse("G-1", NOW, "lapsed")
    made.refuse("G-2", NOW + A_WEEK, "declined")
    assert made.refusals == (Refusal("G-1", NOW, "lapsed"), Refusal("G-2", NOW + A_WEEK, "declined"))


# Starting.


def test_who_is_accepted_waits_with_the_clock_of_the_acceptance_and_the_one_that_is_reported(hub):
    hub.knows("sam")
    wishes = Wishes(("analytic",))
    hub.run(waiting.start, StartWaiting("P-sam", "R-sam", wishes, "soon", LONG_AGO - A_WEEK, LONG_AGO))
    kept = hub.entry("sam")
    assert (kept.hub, kept.state, kept.urgency, kept.wishes) == (HUB, "waiting", "soon", wishes)
    assert (kept.received, kept.clock, kept.rank) == (LONG_AGO - A_WEEK, LONG_AGO, 1)
    assert hub.since(0) == ["WaitingStarted"]


def test_an_acceptance_that_comes_twice_starts_one_wait(hub):
    hub.accepts("sam")
    told = len(hub.told)
    hub.accepts("sam", "urgent")
    assert hub.since(told) == []
    assert len(hub.kept["entries"]) == 1


def test_an_acceptance_of_somebody_of_whom_nothing_is_known_is_an_error_and_not_ignored(hub):
    with pytest.raises(NoSuchPerson, match="P-nobody"):
        hub.run(waiting.start, StartWaiting("P-nobody", "R-1", Wishes(), "soon", NOW, NOW))


def test_one_person_may_wait_for_two_referrals(hub):
    hub.accepts("sam")
    hub.accepts("sam", referral="R-2")
    assert [wait.referral for wait in hub.person("sam").waits] == ["R-sam", "R-2"]
    hub.withdraw("sam")
    assert [wait.referral for wait in hub.person("sam").waits] == ["R-2"]


def test_an_event_that_is_read_later_still_says_what_it_said_then(hub):
    hub.accepts("sam")
    (started,) = hub.told_of(WaitingStarted)
    hub.withdraw("sam")
    (closed,) = hub.told_of(WaitingClosed)
    assert (started.stands, started.clock, closed.stands) == ("waiting", NOW, "nothing")
    hub.keep(group())
    hub.accepts("jo")
    hub.match()
    assert hub.told_of(WaitingStarted)[1].stands == "waiting"


# Withdrawing.


def test_who_withdraws_while_waiting_is_never_asked_again():
    hub = with_one_place("first", "gone", "next")
    told = len(hub.told)
    hub.withdraw("gone")
    assert (hub.states("gone"), hub.since(told)) == (["closed"], ["WaitingClosed"])
    hub.decline("first")
    hub.match()
    assert hub.places() == {"next": "held"}


def test_who_withdraws_while_an_offer_is_open_frees_the_place_for_the_next():
    hub = with_one_place("gone", "next")
    told = len(hub.told)
    hub.withdraw("gone")
    assert (hub.states("gone"), hub.places(), hub.since(told)) == (["closed"], {}, ["Ended", "WaitingClosed"])
    assert hub.told_of(Ended)[-1].reason == "withdrawn"
    assert hub.told_of(WaitingClosed)[-1].stands == "nothing"
    hub.match()
    assert hub.places() == {"next": "held"}


def test_who_withdraws_from_a_seat_frees_it_for_the_next_and_is_told_once():
    hub = with_one_place("gone", "next")
    hub.accept("gone")
    told = len(hub.told)
    hub.withdraw("gone")
    assert (hub.states("gone"), hub.places(), hub.since(told)) == (["closed"], {}, ["Ended"])
    assert (hub.told[-1].reason, hub.told[-1].whose.stands) == ("withdrawn", "nothing")
    hub.match()
    assert hub.places() == {"next": "held"}


def test_who_withdraws_from_a_drop_in_group_and_a_seat_loses_both():
    hub = FakeHub()
    hub.keep(group("G-1", modality="open", way_in="open-access"))
    hub.accepts("sam", wishes=("open", "analytic"))
    hub.match()
    hub.keep(group("G-2"))
    hub.match()
    hub.accept("sam")
    told = len(hub.told)
    hub.withdraw("sam")
    assert (hub.since(told), [event.whose.stands for event in hub.told[told:]]) == (["Ended", "Ended"], ["placed", "nothing"])
    assert hub.person("sam").places == ()


def test_a_withdrawal_that_comes_twice_ends_everything_once():
    hub = with_one_place("gone", "next")
    hub.withdraw("gone")
    told = len(hub.told)
    hub.withdraw("gone")
    assert hub.since(told) == []


def test_a_referral_that_is_withdrawn_before_it_was_accepted_leaves_nothing_behind(hub):
    hub.withdraw("nobody")
    hub.knows("sam")
    hub.withdraw("sam")
    assert (hub.told, hub.kept["entries"]) == ([], {})


def test_a_withdrawal_ends_nothing_of_another_referral_of_the_same_person(hub):
    hub.keep(group())
    hub.accepts("sam")
    hub.match()
    hub.accept("sam")
    hub.accepts("sam", referral="R-2")
    hub.run(waiting.withdraw, Withdraw("P-sam", "R-2"))
    assert (hub.places(), hub.states("sam")) == ({"sam": "taken"}, ["met"])


def test_nobody_withdraws_or_is_accepted_for_the_referral_of_somebody_else(hub):
    hub.accepts("sam")
    hub.knows("next")
    told = len(hub.told)
    with pytest.raises(Poison, match="R-sam is P-sam's, and the event is about P-next"):
        hub.run(waiting.withdraw, Withdraw("P-next", "R-sam"))
    with pytest.raises(Poison, match="R-sam is P-sam's, and the event is about P-next"):
        hub.run(waiting.start, StartWaiting("P-next", "R-sam", Wishes(), "soon", NOW, NOW))
    assert (hub.states("sam"), len(hub.kept["entries"]), hub.since(told)) == (["waiting"], 1, [])


def test_a_referral_that_ended_for_another_reason_says_that_reason(hub):
    hub.accepts("sam")
    hub.run(waiting.withdraw, Withdraw("P-sam", "R-sam", "left"))
    assert (hub.told[-1].reason, hub.entry("sam").closed_because) == ("left", "left")


def test_a_referral_that_was_withdrawn_does_not_wait_again_when_its_acceptance_is_told_anew(hub):
    hub.accepts("sam")
    hub.withdraw("sam")
    hub.accepts("sam")
    assert hub.states("sam") == ["closed"]


# Reading.


def test_why_nobody_can_be_placed_is_worked_out_for_each_group_of_the_kinds_wished_for(hub):
    hub.keep(group("G-1", way_in="booking"), group("G-2", variant="women", capacity=0), group("G-3", modality="men-only"))
    hub.accepts("sam", wishes=Wishes(modalities=("analytic",), variants=("trainees",)))
    assert hub.match() == 0
    assert hub.why_not("sam") == {"G-1": ["joins_by_referral"], "G-2": ["is_wished_for", "has_room"]}


def test_who_wished_for_nothing_is_told_of_every_group(hub):
    hub.keep(group("G-1", capacity=0), group("G-2", modality="men-only", way_in="staff"))
    hub.accepts("sam")
    assert hub.why_not("sam") == {"G-1": ["has_room"], "G-2": ["joins_by_referral"]}


def test_why_not_is_as_things_are_now(hub):
    hub.keep(group(roster=(runs("alex", "site-7"),)))
    hub.accepts("sam", known=tokens("sam", "site-7"))
    assert hub.why_not("sam") == {"G-1": ["no_close_colleague"]}
    hub.knows_staff("alex")
    assert hub.why_not("sam") == {}, "the matcher will offer it in a moment"
    hub.now += timedelta(days=365)
    assert hub.why_not("sam") == {"G-1": ["takes_new_members"]}


def test_while_nobody_gives_up_a_place_those_who_wait_see_that_there_is_no_room():
    hub = with_one_place("first", "second")
    assert (hub.states("second"), hub.why_not("second")) == (["waiting"], {"G-1": ["has_room"]})


def test_why_not_says_nothing_to_who_has_an_offer_or_a_place():
    hub = with_one_place("first")
    hub.keep(group("G-2", way_in="staff"))
    assert hub.why_not("first") == {}
    hub.accept("first")
    assert hub.why_not("first") == {}


def test_the_groups_of_another_hub_count_where_they_are_open_to_this_one(hub):
    shut = group("G-1", hub=SOUTH)
    hub.keep(shut, group("G-2", hub=SOUTH, open_to=(HUB, SOUTH), capacity=0))
    hub.accepts("sam")
    assert hub.why_not("sam") == {"G-2": ["has_room"]}


def test_what_somebody_waited_for_shows_the_seat_rather_than_the_pass_that_came_before_it(hub):
    hub.keep(group("G-1", modality="open", way_in="open-access"))
    hub.accepts("sam", wishes=("open", "analytic"))
    hub.match()
    assert read(hub, "P-sam").placed.kind == "pass"
    hub.keep(group("G-2"))
    hub.match()
    hub.accept("sam")
    seen = read(hub, "P-sam")
    assert (seen.placed.group, seen.placed.kind, seen.placed.state) == ("G-2", "seat", "taken")


def read(hub, whose, at=HUB):
    return hub.run(waiting.read, ReadWaiting(whose), at)


def test_a_wait_is_found_by_its_id_and_by_its_person_of_whom_the_newest_is_shown(hub):
    hub.accepts("sam")
    hub.accepts("sam", referral="R-2")
    first, second = sorted(hub.kept["entries"])
    assert read(hub, first).entry.referral == "R-sam"
    assert read(hub, "P-sam").entry.id == second
    assert read(hub, second).at == NOW


@pytest.mark.parametrize("whose", ["W-9999", "P-nobody"])
def test_a_wait_that_there_is_not_is_not_found(hub, whose):
    with pytest.raises(NoSuchEntry, match=whose):
        read(hub, whose)


def test_a_wait_of_another_hub_is_as_one_that_is_not_there(hub):
    hub.accepts("sam")
    for whose in ("P-sam", hub.entry("sam").id):
        with pytest.raises(NoSuchEntry):
            read(hub, whose, at=SOUTH)


def test_the_list_has_all_who_wait_at_the_hub_or_have_an_open_offer_page_by_page():
    hub = with_one_place("offered", "waiting", "gone")
    hub.accepts("elsewhere", at=SOUTH)
    hub.withdraw("gone")
    everybody = hub.run(waiting.listed, ListWaiting("", 9))
    assert [(seen.entry.person, seen.entry.state) for seen in everybody] == [("P-offered", "offered"), ("P-waiting", "waiting")]
    assert [[found.policy for found in each.rejections] for each in everybody[1].why_not] == [["has_room"]]
    assert everybody[0].placed.group == "G-1"
    assert [seen.entry.person for seen in hub.run(waiting.listed, ListWaiting(everybody[0].entry.id, 9))] == ["P-waiting"]
    assert [seen.entry.person for seen in hub.run(waiting.listed, ListWaiting("", 1))] == ["P-offered"]


def test_why_not_knows_of_places_that_the_same_human_has_under_another_record(hub):
    hub.keep(group("G-1", open_to=(HUB, SOUTH)), group("G-2", first=TUESDAY_EVENING + timedelta(minutes=30)))
    hub.accepts("sam-of-the-south", known=tokens("sam"), at=SOUTH)
    hub.match()
    hub.accept("sam-of-the-south", at=SOUTH)
    hub.accepts("sam")
    assert hub.why_not("sam") == {
        "G-1": ["not_already_placed", "places_do_not_overlap", "no_close_colleague"],
        "G-2": ["places_do_not_overlap"],
    }


def test_new_facts_are_what_the_next_run_decides_by(hub):
    hub.keep(group(grade_mixing="hard", roster=()))
    hub.accepts("a", days_ago=3)
    hub.accepts("b")
    hub.knows("b", facts=TRAINEE)
    hub.match()
    assert (hub.places(), hub.why_not("b")) == ({"a": "held"}, {"G-1": ["grades_may_mix"]})
    hub.knows("b", facts=GP)
    hub.match()
    assert hub.places() == {"a": "held", "b": "held"}


def test_where_a_referral_is_placed_by_a_pass_it_is_placed_and_no_wait_is_told():
    person = sam(places=(PlaceOfPerson("S-1", "G-1", "open", "pass", "taken", (), "R-sam"),))
    made = entry(state="met")
    assert made.close("withdrawn", person) == ()
    assert person.stands("R-sam") == "placed"
