"""A store that was restored from a backup has again the places that people were told of, from what this service had said on Kafka."""

from copy import copy
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.scheduling.fakes import NOW, FakeHub, group, runs, tokens
from unit.scheduling.sealed import SCHEDULING, named

from scheduling.application import recovery
from scheduling.domain.groups import NoRoom, NoSuchGroup
from scheduling.domain.memberships import Ended, Offered, Taken
from scheduling.messaging.outbound import publisher
from scheduling.messaging.recovery import last_said
from shared import contracts
from shared.events.envelope import Envelope
from shared.events.tracing import Cause

ALEX = named(runs(), "Dr Alex Ash")
NAMES = ("ash", "bo", "cy", "di")
publish = publisher(SCHEDULING)


def a_hub(capacity=1):
    hub = FakeHub()
    hub.keep(
        group("G-1", capacity, roster=(ALEX,)),
        group("G-2", capacity, roster=(named(runs("kim"), "Dr Kim Keen"),), modality="open", way_in="open-access", number=30),
    )
    return hub


def lies_on_kafka(events, at=NOW):
    """As the relay has published them."""
    facts = [publish(event) for event in events]
    return [
        Envelope(
            f"E-{number}",
            "scheduling",
            "north",
            contracts.described(fact).type,
            contracts.subject_of(fact),
            number,
            at,
            Cause("", "", ""),
            contracts.serialised(fact),
        )
        for number, fact in enumerate(facts, 1)
    ]


def backup(hub):
    return {name: {key: copy(row) for key, row in rows.items()} for name, rows in hub.kept.items()}


def restored(hub, kept, events, *late):
    """The hub with an older store, after what it had said since has been recovered; `late` happens before that, as in a catch-up."""
    told = len(hub.told)
    hub.kept.update(kept)
    for happens in late:
        happens()
    said_meanwhile = len(hub.told)
    for command in last_said(lies_on_kafka(events), SCHEDULING):
        hub.run(recovery.recover, command)
    assert len(hub.told) == said_meanwhile, "nobody is told anything"
    return hub.told[told:]


def places_of(hub):
    """All that a person was told of: each membership with its state, group and deadline; and what they refused."""
    live = {each.id: (each.person, each.group, each.state) for each in hub.kept["memberships"].values() if each.is_live}
    held = {each.id: each.deadline for each in hub.kept["memberships"].values() if each.state == "held"}
    refused = {each.id: [(refusal.group, refusal.how) for refusal in each.refusals] for each in hub.kept["entries"].values()}
    return live, held, refused, {each.id: each.state for each in hub.kept["entries"].values()}


def test_a_seat_that_was_confirmed_after_the_backup_is_a_seat_again():
    hub = a_hub()
    hub.accepts("sam")
    kept = backup(hub)
    hub.match()
    hub.accept("sam")
    seat = hub.offer_of("sam").id
    restored(hub, kept, hub.told)
    assert (hub.places(), hub.states("sam"), hub.offer_of("sam").id) == ({"sam": "taken"}, ["met"], seat)


def test_who_waits_because_of_it_gets_no_offer_of_a_place_that_is_not_free():
    hub = a_hub()
    hub.accepts("sam")
    hub.accepts("jo")
    kept = backup(hub)
    hub.match()
    hub.accept("sam")
    restored(hub, kept, hub.told)
    assert hub.match() == 0
    assert hub.states("sam", "jo") == ["met", "waiting"]


def test_an_open_offer_is_open_again_until_the_same_deadline_and_its_answer_is_taken():
    hub = a_hub()
    hub.accepts("sam")
    kept = backup(hub)
    hub.match()
    offer, hub.now = hub.offer_of("sam"), NOW + timedelta(hours=5)
    restored(hub, kept, hub.told)
    assert (hub.offer_of("sam").id, hub.offer_of("sam").deadline) == (offer.id, offer.deadline)
    hub.accept("sam")
    assert hub.places() == {"sam": "taken"}


def test_a_place_that_had_ended_is_free_for_who_had_it_next():
    hub = a_hub()
    hub.accepts("sam")
    hub.match()
    hub.accepts("jo")
    kept = backup(hub)
    hub.decline("sam")
    hub.match()
    hub.accept("jo")
    restored(hub, kept, sorted(hub.told, key=lambda event: getattr(event, "whose", event).person))  # of two people Kafka keeps no order
    assert hub.places() == {"jo": "taken"}
    assert hub.match() == 0, "a declined group is not offered again"


def test_the_answer_to_an_offer_that_came_and_went_after_the_backup_is_to_a_place_that_is_known():
    hub = a_hub()
    hub.accepts("sam")
    kept = backup(hub)
    hub.match()
    offer = hub.offer_of("sam").id
    hub.decline("sam")
    restored(hub, kept, hub.told)
    told = len(hub.told)
    hub.answer("sam", "decline", to=offer)
    assert (hub.since(told), hub.states("sam"), hub.match()) == ([], ["waiting"], 0)


def test_who_withdrew_before_it_was_recovered_has_no_place():
    hub = a_hub()
    hub.accepts("sam")
    kept = backup(hub)
    hub.match()
    hub.accept("sam")
    offer, events = hub.offer_of("sam").id, list(hub.told)
    restored(hub, kept, events, lambda: hub.withdraw("sam"))
    assert (hub.places(), hub.states("sam")) == ({}, ["closed"])
    assert hub.kept["memberships"][offer].state == "ended"


def test_nothing_is_recovered_of_somebody_whom_the_store_does_not_know_or_who_was_erased():
    hub = a_hub()
    hub.accepts("sam")
    hub.match()
    hub.accept("sam")
    restored(hub, backup(a_hub()), hub.told)
    assert hub.places() == {}


def test_a_group_that_was_opened_after_the_backup_is_named():
    hub = a_hub()
    hub.accepts("sam")
    hub.match()
    (command,) = last_said(lies_on_kafka(hub.told_of(Offered)), SCHEDULING)
    del hub.kept["memberships"][command.membership], hub.kept["groups"]["G-1"]
    hub.kept["people"]["P-sam"].places = ()
    with pytest.raises(NoSuchGroup, match="G-1"):
        recovery.recover(command, hub.work())


def test_a_place_that_somebody_else_has_been_given_is_not_given_twice():
    hub = a_hub()
    hub.accepts("sam")
    kept = backup(hub)
    hub.match()
    hub.accept("sam")
    events = list(hub.told)
    hub.kept.update(kept)
    hub.accepts("jo", "urgent")
    hub.match()
    (command,) = last_said(lies_on_kafka([event for event in events if isinstance(event, Taken)]), SCHEDULING)
    with pytest.raises(NoRoom):
        hub.run(recovery.recover, command)
    assert hub.places() == {"jo": "held"}


def test_the_times_of_an_open_group_are_had_again():
    hub = a_hub()
    hub.accepts("sam", wishes=("open",))
    kept = backup(hub)
    hub.match()
    assert places_of(hub)[0]
    before = places_of(hub)
    restored(hub, kept, hub.told)
    assert places_of(hub) == before


def test_what_cannot_be_read_is_left_and_the_rest_recovered():
    hub = a_hub(2)
    hub.accepts("sam")
    hub.accepts("jo")
    hub.match()
    broken, *good = lies_on_kafka(hub.told_of(Offered))
    swapped = replace(broken, data=good[0].data)
    assert [each.person for each in last_said([swapped, *good], SCHEDULING)] == ["P-jo"]


STEPS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["accept", "decline", "stay_silent", "match", "a_day"])), max_size=20)


def act(hub, name, step):
    offers = [each for each in hub.memberships_of(name) if each.deadline]
    if step == "match":
        hub.match()
    elif step == "a_day":
        hub.now += timedelta(days=1)
    elif offers:
        getattr(hub, step)(name)


@settings(max_examples=150, deadline=None)
@given(STEPS, STEPS, st.integers(1, 3))
def test_whatever_happened_after_the_backup_the_places_are_as_they_were(before, after, capacity):
    hub = a_hub(capacity)
    for number, name in enumerate(NAMES):
        hub.accepts(name, wishes=[(), ("analytic",), ("open", "analytic"), ("open",)][number], known=tokens(name))
    for name, step in before:
        act(hub, name, step)
    kept, told = backup(hub), len(hub.told)
    for name, step in after:
        act(hub, name, step)
    expected = places_of(hub)
    restored(hub, kept, hub.told[told:])
    assert places_of(hub) == expected
    assert {event.whose.membership for event in hub.told_of(Ended)} <= set(hub.kept["memberships"])
