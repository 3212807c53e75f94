"""The use cases of waiting, offers and seats: application/handlers.py and application/placing.py."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.scheduling.fakes import FACILITATOR, HUB, NOW, TUESDAY_EVENING, FakeHub, accepted, group

from scheduling.application.commands import TakeAnswer
from scheduling.application.handlers import end_group, expire_offer, keep_facilitator, release_everything, start_waiting, take_answer
from scheduling.domain import events
from scheduling.domain.entry import NoSuchEntry
from scheduling.domain.people import Conflicts, Facilitator, Wishes

A_WEEK = timedelta(weeks=1)


@pytest.fixture
def hub():
    return FakeHub()


def with_groups(*groups):
    hub = FakeHub()
    for each in groups:
        hub.groups.save(each)
    return hub


def with_one_place(*waiting):
    """A hub whose one group, G-1, has one place; it is offered to the first of those who wait."""
    hub = with_groups(group(capacity=1))
    for each in waiting:
        start_waiting(each, hub.work)
    return hub


def state(hub, name):
    return hub.entries.get(f"R-{name}").state


def states(hub, *names):
    return [state(hub, name) for name in names]


def offer_of(hub, name):
    """The last offer made to somebody, whatever became of it."""
    return hub.entries.get(f"R-{name}").offers[-1]


def answer(hub, name, said, answered_at=None):
    take_answer(TakeAnswer(f"R-{name}", offer_of(hub, name).id, said, answered_at or hub.now), hub.work)


def accept(hub, name, answered_at=None):
    answer(hub, name, "accept", answered_at)


def decline(hub, name):
    answer(hub, name, "decline")


def stay_silent(hub, name):
    """Nobody answers until the deadline."""
    hub.now = offer_of(hub, name).deadline
    expire_offer(f"R-{name}", hub.work)


def withdraw(hub, name):
    release_everything(f"R-{name}", hub.work)


def told_since(hub, number):
    return [type(event) for event in hub.told[number:]]


def places(hub, id="G-1"):
    return {each.participant.removeprefix("P-"): each.state for each in hub.groups.get(id).members}


def why_not(hub, name):
    noted = hub.entries.get(f"R-{name}").why_not
    return {each.group: [found.policy for found in each.rejections] for each in noted}


def test_who_is_accepted_waits_with_the_clock_of_the_acceptance(hub):
    start_waiting(accepted("sam", "soon", days_ago=3), hub.work)
    kept = hub.entries.get("R-sam")
    assert (kept.hub, kept.state, kept.urgency, kept.clock_start) == (HUB, "waiting", "soon", NOW - timedelta(days=3))
    assert told_since(hub, 0) == [events.WaitingStarted]


def test_who_is_accepted_is_offered_a_place_at_once_where_there_is_one():
    hub = with_groups(group(offer_hours=48))
    start_waiting(accepted("sam"), hub.work)
    assert told_since(hub, 0) == [events.WaitingStarted, events.OfferMade]
    assert (state(hub, "sam"), offer_of(hub, "sam").group, places(hub)) == ("offered", "G-1", {"sam": "held"})
    assert offer_of(hub, "sam").deadline == NOW + timedelta(hours=48)


def test_of_several_groups_the_one_that_meets_soonest_is_offered_and_only_that():
    hub = with_groups(group("G-1", first=TUESDAY_EVENING + A_WEEK), group("G-2"), group("G-3", first=TUESDAY_EVENING + 2 * A_WEEK))
    start_waiting(accepted("sam"), hub.work)
    assert [offer.group for offer in hub.entries.get("R-sam").offers] == ["G-2"]
    assert (places(hub, "G-1"), places(hub, "G-2"), places(hub, "G-3")) == ({}, {"sam": "held"}, {})


def test_two_colleagues_are_offered_different_groups():
    hub = with_groups(group("G-1"), group("G-2", first=TUESDAY_EVENING + A_WEEK))
    for name in ("a", "b"):
        start_waiting(accepted(name, conflicts=Conflicts(f"own-of-{name}", ("site-7",))), hub.work)
    assert (places(hub, "G-1"), places(hub, "G-2")) == ({"a": "held"}, {"b": "held"})
    assert why_not(hub, "b") == {"G-1": ["no_close_colleague"]}


def test_why_nobody_can_be_placed_is_kept_for_each_group():
    hub = with_groups(group("G-1", way_in="booking"), group("G-2", variant="women", capacity=0), group("G-3", modality="men-only"))
    start_waiting(accepted("sam", wishes=Wishes(modalities=("analytic",), variants=("trainees",))), hub.work)
    assert state(hub, "sam") == "waiting"
    assert why_not(hub, "sam") == {"G-1": ["joins_by_referral"], "G-2": ["is_wished_for", "has_room"]}


def test_why_not_is_kept_even_where_another_group_is_offered():
    hub = with_groups(group("G-1", way_in="staff"), group("G-2"))
    start_waiting(accepted("sam"), hub.work)
    assert (state(hub, "sam"), why_not(hub, "sam")) == ("offered", {"G-1": ["joins_by_referral"]})


def test_an_offer_that_is_accepted_becomes_a_seat():
    hub = with_one_place(accepted("sam"))
    before = len(hub.told)
    accept(hub, "sam")
    assert (state(hub, "sam"), places(hub)) == ("seated", {"sam": "taken"})
    assert hub.entries.get("R-sam").seat == hub.groups.get("G-1").members[0].seat != ""
    assert set(told_since(hub, before)) == {events.OfferAccepted, events.SeatTaken, events.GroupFull}


def test_a_group_with_room_left_is_not_told_full():
    hub = with_groups(group(capacity=2))
    start_waiting(accepted("sam"), hub.work)
    accept(hub, "sam")
    assert hub.told_of(events.GroupFull) == []


def test_an_acceptance_that_comes_twice_seats_once():
    hub = with_one_place(accepted("sam"))
    accept(hub, "sam")
    before = len(hub.told)
    accept(hub, "sam")
    assert (told_since(hub, before), places(hub)) == ([], {"sam": "taken"})


def test_a_decline_after_an_acceptance_changes_nothing():
    hub = with_one_place(accepted("sam"))
    accept(hub, "sam")
    decline(hub, "sam")
    assert (state(hub, "sam"), places(hub)) == ("seated", {"sam": "taken"})


def test_an_answer_to_an_offer_that_was_never_made_changes_nothing():
    hub = with_one_place(accepted("sam"))
    take_answer(TakeAnswer("R-sam", "O-999", "accept", NOW), hub.work)
    assert (state(hub, "sam"), places(hub)) == ("offered", {"sam": "held"})


def test_an_answer_of_somebody_unknown_is_an_error_and_not_ignored(hub):
    with pytest.raises(NoSuchEntry, match="R-nobody"):
        take_answer(TakeAnswer("R-nobody", "O-1", "accept", NOW), hub.work)


def test_a_deadline_of_somebody_unknown_is_an_error_and_not_ignored(hub):
    with pytest.raises(NoSuchEntry, match="R-nobody"):
        expire_offer("R-nobody", hub.work)


@pytest.mark.parametrize("refuse", [decline, stay_silent])
def test_a_refused_place_goes_to_the_most_urgent_and_then_to_who_has_waited_longest(refuse):
    hub = with_one_place(
        accepted("first"),
        accepted("routine-old", "routine", days_ago=90),
        accepted("routine-new", "routine", days_ago=1),
        accepted("soon", "soon", days_ago=2),
        accepted("urgent-new", "urgent", days_ago=0),
        accepted("urgent-old", "urgent", days_ago=5),
    )
    order = ["first"]
    for _ in range(6):
        refuse(hub, order[-1])
        order += places(hub)
    assert order == ["first", "urgent-old", "urgent-new", "soon", "routine-old", "routine-new"]
    assert places(hub) == {}


@pytest.mark.parametrize(("refuse", "event"), [(decline, events.OfferDeclined), (stay_silent, events.OfferExpired)])
def test_who_refuses_waits_on_with_their_clock_and_is_not_asked_for_that_group_again(refuse, event):
    hub = with_one_place(accepted("sam", days_ago=30))
    before = len(hub.told)
    refuse(hub, "sam")
    assert told_since(hub, before) == [event]
    assert (state(hub, "sam"), places(hub)) == ("waiting", {})
    assert hub.entries.get("R-sam").clock_start == NOW - timedelta(days=30)
    assert why_not(hub, "sam") == {"G-1": ["not_refused_before"]}


def test_who_declines_is_offered_another_group_at_once_where_there_is_one():
    hub = with_groups(group("G-1"), group("G-2", first=TUESDAY_EVENING + A_WEEK))
    start_waiting(accepted("sam"), hub.work)
    before = len(hub.told)
    decline(hub, "sam")
    assert told_since(hub, before) == [events.OfferDeclined, events.OfferMade]
    assert (state(hub, "sam"), places(hub, "G-1"), places(hub, "G-2")) == ("offered", {}, {"sam": "held"})


def test_a_place_that_came_up_passes_over_whom_it_is_not_for():
    hub = with_one_place(
        accepted("first"),
        accepted("colleague", "urgent", conflicts=Conflicts("own-of-c", never_with=(FACILITATOR.conflicts.own,))),
        accepted("elsewhere", "urgent", wishes=Wishes(modalities=("men-only",))),
        accepted("last"),
    )
    decline(hub, "first")
    assert places(hub) == {"last": "held"}
    assert states(hub, "colleague", "elsewhere") == ["waiting", "waiting"]
    assert why_not(hub, "colleague") == {"G-1": ["no_close_colleague"]}


def test_while_nobody_gives_up_a_place_those_who_wait_are_told_that_there_is_no_room():
    hub = with_one_place(accepted("first"), accepted("second"))
    assert (state(hub, "second"), why_not(hub, "second")) == ("waiting", {"G-1": ["has_room"]})


def test_an_offer_does_not_expire_before_its_deadline():
    hub = with_one_place(accepted("sam"))
    hub.now = offer_of(hub, "sam").deadline - timedelta(seconds=1)
    expire_offer("R-sam", hub.work)
    assert (state(hub, "sam"), places(hub)) == ("offered", {"sam": "held"})


@pytest.mark.parametrize(("before", "after"), [(accept, "seated"), (decline, "waiting"), (stay_silent, "waiting")])
def test_a_deadline_that_passes_after_the_answer_or_is_looked_at_twice_changes_nothing(before, after):
    hub = with_one_place(accepted("sam"))
    before(hub, "sam")
    told, held = len(hub.told), places(hub)
    stay_silent(hub, "sam")
    assert (told_since(hub, told), state(hub, "sam"), places(hub)) == ([], after, held)


def test_an_acceptance_given_in_time_that_arrives_late_is_seated_while_the_place_is_free():
    hub = with_one_place(accepted("sam"))
    in_time = hub.now + timedelta(hours=1)
    stay_silent(hub, "sam")
    accept(hub, "sam", in_time)
    assert (state(hub, "sam"), places(hub)) == ("seated", {"sam": "taken"})
    assert offer_of(hub, "sam").state == "accepted"


def test_an_acceptance_given_at_the_very_deadline_is_in_time():
    hub = with_one_place(accepted("sam"))
    stay_silent(hub, "sam")
    accept(hub, "sam", offer_of(hub, "sam").deadline)
    assert state(hub, "sam") == "seated"


def test_an_acceptance_given_after_the_deadline_is_too_late_even_where_the_place_is_free():
    hub = with_one_place(accepted("sam"))
    stay_silent(hub, "sam")
    accept(hub, "sam", offer_of(hub, "sam").deadline + timedelta(seconds=1))
    assert (state(hub, "sam"), places(hub)) == ("waiting", {})


@pytest.mark.parametrize("next_accepts", [False, True], ids=["the next is asked", "the next has accepted"])
def test_an_acceptance_that_arrives_after_the_place_went_to_the_next_takes_it_from_nobody(next_accepts):
    hub = with_one_place(accepted("sam"), accepted("next"))
    in_time = hub.now + timedelta(hours=1)
    stay_silent(hub, "sam")
    if next_accepts:
        accept(hub, "next")
    accept(hub, "sam", in_time)
    assert state(hub, "sam") == "waiting"
    assert list(places(hub)) == ["next"]


def test_an_acceptance_that_arrives_after_a_colleague_took_a_seat_does_not_put_them_together():
    hub = with_groups(group(capacity=2))
    start_waiting(accepted("sam", conflicts=Conflicts("own-of-sam", ("site-7",))), hub.work)
    in_time = hub.now + timedelta(hours=1)
    stay_silent(hub, "sam")
    start_waiting(accepted("jo", conflicts=Conflicts("own-of-jo", ("site-7",))), hub.work)
    accept(hub, "sam", in_time)
    assert places(hub) == {"jo": "held"}


def test_a_late_acceptance_given_in_time_counts_though_another_group_has_been_offered_meanwhile():
    hub = with_groups(group("G-1"), group("G-2", modality="beyond-balint", capacity=1))
    start_waiting(accepted("jo", wishes=Wishes(modalities=("beyond-balint",))), hub.work)
    start_waiting(accepted("sam"), hub.work)
    missed, in_time = offer_of(hub, "sam"), hub.now
    stay_silent(hub, "sam")
    decline(hub, "jo")
    take_answer(TakeAnswer("R-sam", missed.id, "accept", in_time), hub.work)
    assert (state(hub, "sam"), places(hub, "G-1"), places(hub, "G-2")) == ("seated", {"sam": "taken"}, {})
    assert [event.because for event in hub.told_of(events.OfferCancelled)] == ["another_taken"]


def test_a_late_decline_changes_nothing():
    hub = with_one_place(accepted("sam"))
    stay_silent(hub, "sam")
    before = len(hub.told)
    answer(hub, "sam", "decline", NOW)
    assert (told_since(hub, before), state(hub, "sam"), offer_of(hub, "sam").state) == ([], "waiting", "expired")


def test_who_withdraws_while_waiting_is_never_asked_again():
    hub = with_one_place(accepted("first"), accepted("gone", "urgent"), accepted("next"))
    before = len(hub.told)
    withdraw(hub, "gone")
    assert (state(hub, "gone"), told_since(hub, before)) == ("closed", [events.WaitingClosed])
    decline(hub, "first")
    assert places(hub) == {"next": "held"}


def test_who_withdraws_while_an_offer_stands_frees_the_place_for_the_next():
    hub = with_one_place(accepted("gone"), accepted("next"))
    before = len(hub.told)
    withdraw(hub, "gone")
    assert (states(hub, "gone", "next"), places(hub)) == (["closed", "offered"], {"next": "held"})
    assert told_since(hub, before) == [events.OfferCancelled, events.WaitingClosed, events.OfferMade]


def test_who_withdraws_from_a_seat_frees_it_for_the_next():
    hub = with_one_place(accepted("gone"), accepted("next"))
    accept(hub, "gone")
    before = len(hub.told)
    withdraw(hub, "gone")
    assert (states(hub, "gone", "next"), places(hub)) == (["closed", "offered"], {"next": "held"})
    assert told_since(hub, before) == [events.SeatReleased, events.WaitingClosed, events.OfferMade]


def test_a_withdrawal_that_comes_twice_ends_everything_once():
    hub = with_one_place(accepted("gone"), accepted("next"))
    withdraw(hub, "gone")
    before = len(hub.told)
    withdraw(hub, "gone")
    assert (told_since(hub, before), places(hub)) == ([], {"next": "held"})


def test_a_referral_withdrawn_before_it_was_accepted_leaves_nothing_behind(hub):
    withdraw(hub, "nobody")
    assert (hub.told, hub.entries.find("R-nobody")) == ([], None)


@pytest.mark.parametrize("said", ["accept", "decline"])
def test_an_answer_after_the_withdrawal_changes_nothing(said):
    hub = with_one_place(accepted("gone"))
    withdraw(hub, "gone")
    before = len(hub.told)
    answer(hub, "gone", said)
    assert (told_since(hub, before), state(hub, "gone"), places(hub)) == ([], "closed", {})


def test_a_drop_in_group_gives_its_times_at_once_and_takes_no_seat():
    hub = with_groups(group(way_in="open-access", membership="open-access", capacity=1))
    for name in ("a", "b", "c"):
        start_waiting(accepted(name, wishes=Wishes(("analytic",))), hub.work)
    assert states(hub, "a", "b", "c") == ["open_access"] * 3
    assert [(given.entry.participant, given.group.id) for given in hub.told_of(events.OpenAccessGiven)] == [
        ("P-a", "G-1"),
        ("P-b", "G-1"),
        ("P-c", "G-1"),
    ]
    assert (places(hub), hub.told_of(events.OfferMade)) == ({}, [])


def test_a_seat_is_offered_rather_than_the_times_of_a_drop_in_group():
    hub = with_groups(group("G-1", way_in="open-access"), group("G-2", first=TUESDAY_EVENING + A_WEEK))
    start_waiting(accepted("sam", wishes=Wishes(("analytic",))), hub.work)
    assert (state(hub, "sam"), places(hub, "G-2")) == ("offered", {"sam": "held"})


def test_who_withdraws_from_a_drop_in_group_has_no_seat_to_give_back():
    hub = with_groups(group(way_in="open-access"))
    start_waiting(accepted("sam", wishes=Wishes(("analytic",))), hub.work)
    before = len(hub.told)
    withdraw(hub, "sam")
    assert (state(hub, "sam"), told_since(hub, before)) == ("closed", [events.WaitingClosed])


def test_the_groups_a_facilitator_runs_learn_their_new_ties():
    kim = Facilitator("F-2", "Kim", (HUB,), Conflicts("own-of-F-2"))
    hub = with_groups(group("G-1", facilitators=(FACILITATOR, kim)), group("G-2", first=TUESDAY_EVENING + A_WEEK))
    keep_facilitator(kim, hub.work)
    keep_facilitator(replace(kim, conflicts=Conflicts("own-of-F-2", ("site-7",))), hub.work)
    assert {each.id: each.conflicts.ties for each in hub.groups.get("G-1").facilitators} == {"F-1": (), "F-2": ("site-7",)}
    start_waiting(accepted("sam", conflicts=Conflicts("own-of-sam", ("site-7",))), hub.work)
    assert (places(hub, "G-1"), places(hub, "G-2")) == ({}, {"sam": "held"})


def test_a_facilitator_is_known_to_the_hub_once_registered(hub):
    keep_facilitator(FACILITATOR, hub.work)
    keep_facilitator(replace(FACILITATOR, display_name="Alexis"), hub.work)
    assert [each.display_name for each in hub.facilitators.known(["F-1", "F-2"])] == ["Alexis"]


TIES = st.lists(st.sampled_from(["site-1", "site-2", "site-3"]), max_size=1).map(tuple)
PEOPLE = st.lists(st.tuples(TIES, st.sampled_from(["urgent", "soon", "routine"])), min_size=1, max_size=7)
STEPS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from([accept, accept, decline, stay_silent, withdraw, "late"])), max_size=25)


def act(hub, name, step):
    """What one person does, if they can: only who was made an offer can answer it."""
    kept = hub.entries.get(f"R-{name}")
    if step is withdraw:
        withdraw(hub, name)
    elif kept.offers and step == "late":
        accept(hub, name, kept.offers[-1].made_at)
    elif kept.offers:
        step(hub, name)


def look(hub, id, capacity):
    """What a coordinator must see at any time."""
    found = hub.groups.get(id)
    ties = [tie for each in found.members for tie in each.conflicts.ties]
    assert len(found.members) <= capacity
    assert len(ties) == len(set(ties))
    for each in found.members:
        kept = hub.entries.get(each.referral)
        assert (kept.state, kept.seat) == ("seated" if each.seat else "offered", each.seat)


@settings(max_examples=60, deadline=None)
@given(PEOPLE, STEPS, st.integers(1, 3))
def test_whoever_answers_in_whatever_order_no_group_is_ever_overfilled_nor_colleagues_put_together(people, steps, capacity):
    hub = with_groups(group("G-1", capacity=capacity), group("G-2", capacity=capacity, first=TUESDAY_EVENING + 8 * A_WEEK))
    for number, (ties, urgency) in enumerate(people):
        start_waiting(accepted(str(number), urgency, conflicts=Conflicts(f"own-of-{number}", ties)), hub.work)
    for person, step in steps:
        act(hub, str(person % len(people)), step)
        look(hub, "G-1", capacity)
        look(hub, "G-2", capacity)
    everybody = list(places(hub, "G-1")) + list(places(hub, "G-2"))
    assert len(everybody) == len(set(everybody))
    taken, released = len(hub.told_of(events.SeatTaken)), len(hub.told_of(events.SeatReleased))
    assert taken - released == len(hub.groups.get("G-1").seated) + len(hub.groups.get("G-2").seated)


@settings(max_examples=60, deadline=None)
@given(PEOPLE, STEPS)
def test_whoever_answers_in_whatever_order_nobody_is_offered_a_group_they_refused(people, steps):
    hub = with_groups(group("G-1", capacity=1))
    for number, (ties, urgency) in enumerate(people):
        start_waiting(accepted(str(number), urgency, conflicts=Conflicts(f"own-of-{number}", ties)), hub.work)
    for person, step in steps:
        act(hub, str(person % len(people)), step)
    offered = [(made.entry.participant, made.group.id) for made in hub.told_of(events.OfferMade)]
    assert len(offered) == len(set(offered))


def test_what_is_no_answer_changes_nothing():
    hub = with_one_place(accepted("first"))
    answer(hub, "first", "maybe")
    assert state(hub, "first") == "offered"


def test_an_answer_after_the_deadline_is_too_late_though_the_timer_has_not_run():
    hub = with_one_place(accepted("first"))
    accept(hub, "first", offer_of(hub, "first").deadline + timedelta(seconds=1))
    assert state(hub, "first") == "offered"
    assert hub.groups.get("G-1").seated == []


def test_why_not_says_nothing_of_a_group_that_has_been_offered():
    hub = with_one_place(accepted("first"), accepted("second"))
    assert [why.group for why in hub.entries.get("R-second").why_not] == ["G-1"]
    answer(hub, "first", "decline")
    assert state(hub, "second") == "offered"
    assert hub.entries.get("R-second").why_not == ()


def test_a_sensitive_group_is_given_only_to_those_who_asked_for_it():
    hub = with_groups(group(sensitive=True, way_in="open-access", modality="hush"))
    start_waiting(accepted("nobody asked"), hub.work)
    start_waiting(accepted("asked", wishes=Wishes(("hush",))), hub.work)
    assert states(hub, "nobody asked", "asked") == ["waiting", "open_access"]


def test_no_offer_of_a_closed_series_stands_longer_than_until_it_begins():
    hub = with_groups(group(offer_hours=720, membership="closed"))
    start_waiting(accepted("sam"), hub.work)
    assert offer_of(hub, "sam").deadline == hub.groups.get("G-1").meetings[0].start


def test_when_the_series_is_over_every_seat_ends_with_it():
    hub = with_groups(replace(group(), ends_at=NOW + A_WEEK))
    for name in ("first", "second"):
        start_waiting(accepted(name), hub.work)
        accept(hub, name)
    end_group("G-1", hub.work)
    assert states(hub, "first", "second") == ["seated", "seated"], "it is not over yet"
    hub.now = NOW + A_WEEK
    end_group("G-1", hub.work)
    end_group("G-1", hub.work)
    assert states(hub, "first", "second") == ["closed", "closed"]
    assert [event.because for event in hub.told_of(events.SeatReleased)] == ["series_ended", "series_ended"]
    assert len(hub.told_of(events.GroupEnded)) == 1


def test_after_an_offer_has_expired_another_group_that_suits_is_offered():
    hub = with_groups(group("G-1"), group("G-2"))
    start_waiting(accepted("sam"), hub.work)
    first = offer_of(hub, "sam")
    hub.now = first.deadline
    expire_offer("R-sam", hub.work)
    assert state(hub, "sam") == "offered"
    assert {first.group, offer_of(hub, "sam").group} == {"G-1", "G-2"}


def test_new_ties_of_a_facilitator_part_them_from_who_was_offered_a_place_and_show_who_has_one():
    hub = with_groups(group())
    keep_facilitator(FACILITATOR, hub.work)
    for name in ("seated", "offered", "stranger"):
        start_waiting(accepted(name, conflicts=Conflicts(f"own-of-{name}", (f"site-of-{name}",))), hub.work)
    accept(hub, "seated")
    new = Conflicts("own-of-F-1", ("site-of-seated", "site-of-offered"))
    keep_facilitator(replace(FACILITATOR, conflicts=new), hub.work)
    assert states(hub, "seated", "offered", "stranger") == ["seated", "waiting", "offered"]
    found = hub.groups.get("G-1")
    assert {member.participant: found.has_a_colleague_of(member) for member in found.members} == {"P-seated": True, "P-stranger": False}


def test_when_a_facilitator_is_no_colleague_any_more_who_waited_is_offered_the_place():
    hub = with_groups(replace(group(), facilitators=(replace(FACILITATOR, conflicts=Conflicts("own-of-F-1", ("site-of-sam",))),)))
    start_waiting(accepted("sam", conflicts=Conflicts("own-of-sam", ("site-of-sam",))), hub.work)
    assert state(hub, "sam") == "waiting"
    keep_facilitator(FACILITATOR, hub.work)
    assert state(hub, "sam") == "offered"
