"""The inbox against a real store: each event once, in the order of its subject, and poison set aside."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import contracts
from shared.contracts import scheduling as said
from shared.errors import Poison, Retryable
from shared.events import parking
from shared.events.envelope import Envelope, to_record
from shared.events.inbox import Arrival, Inbox, NotParked
from shared.events.tracing import Cause
from shared.store.documents import Store, indexes
from shared.store.unit import Unit

Handler = Callable[[Any, Unit], None]


def arrival(subject: str, sequence: int, *, name: str = "", place: int = 0, **header: str) -> Arrival:
    """An offer.declined of a subject; its offer's name tells one event from another."""
    fact = said.OfferDeclined(offer=name or f"{subject}-{sequence}", referral=subject, participant="P-1")
    event = Envelope(
        f"{subject}-{sequence}", "scheduling", "london", contracts.described(fact).type, subject, sequence,
        datetime.now(UTC), Cause("c", "c", "t"), contracts.serialised(fact),
    )  # fmt: skip
    record = to_record(event)
    headers = dict(record.headers) | {key: value.encode() for key, value in header.items()}
    return Arrival(f"scheduling.london/0/{place or sequence}", "london", record.key, record.value, tuple(headers.items()))


def noted(fact: said.OfferDeclined, unit: Unit) -> None:
    """A handler whose effect can be counted."""
    unit.db["effects"].insert_one({"subject": fact.referral, "offer": fact.offer}, session=unit.session)


def effects(store: Store, subject: str = "A") -> list[str]:
    return [row["offer"] for row in store.db["effects"].find({"subject": subject}).sort("_id", 1)]


@pytest.fixture
def inbox(store: Store) -> Inbox:
    indexes.ensure(store.db, "effects")
    return Inbox(store, {said.OfferDeclined: noted}, lambda unit: unit)


def handled_by(store: Store, handler: Handler) -> Inbox:
    indexes.ensure(store.db, "effects")
    return Inbox(store, {said.OfferDeclined: handler}, lambda unit: unit)


def test_an_event_told_a_thousand_times_has_one_effect(inbox: Inbox, store: Store) -> None:
    tally = inbox.take([arrival("A", 1)] * 1000)
    assert effects(store) == ["A-1"]
    assert (tally.handled, tally.duplicates) == (1, 999)


def test_an_event_that_comes_too_early_waits_until_the_gap_closes(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 1), arrival("A", 4), arrival("A", 3)])
    assert effects(store) == ["A-1"]
    assert parking.counts(store.db) == {"gap": 1, "behind": 1}
    inbox.take([arrival("A", 2)])
    assert effects(store) == ["A-1", "A-2", "A-3", "A-4"]
    assert parking.counts(store.db) == {}


def test_a_poisoned_event_is_parked_alone_and_other_subjects_go_on(store: Store) -> None:
    def refuses_a2(fact: said.OfferDeclined, unit: Unit) -> None:
        if fact.offer == "A-2":
            raise Poison("cannot ever be handled")
        noted(fact, unit)

    inbox = handled_by(store, refuses_a2)
    inbox.take([arrival("A", 1), arrival("A", 2), arrival("B", 1), arrival("A", 3)])
    assert effects(store, "A") == ["A-1"]
    assert effects(store, "B") == ["B-1"]
    reasons = {row["_id"]: (row["reason"], row["detail"]) for row in parking.listed(store.db)}
    assert reasons["A-2"] == ("poison", "Poison: cannot ever be handled")
    assert reasons["A-3"][0] == "behind"


def test_a_handler_that_keeps_failing_is_parked_with_its_trace_and_can_be_redriven(store: Store) -> None:
    broken = [True]

    def may_fail(fact: said.OfferDeclined, unit: Unit) -> None:
        if broken[0]:
            raise KeyError("a bug of ours")
        noted(fact, unit)

    inbox = handled_by(store, may_fail)
    inbox.take([arrival("A", 1), arrival("A", 2)])
    assert "a bug of ours" in parking.listed(store.db, {"_id": "A-1"})[0]["detail"]
    broken[0] = False
    assert inbox.redrive("A-1").handled == 2
    assert effects(store) == ["A-1", "A-2"]
    assert parking.counts(store.db) == {}


def test_a_dropped_event_is_kept_with_its_reason_and_those_behind_it_go_on(store: Store) -> None:
    def refuses_a1(fact: said.OfferDeclined, unit: Unit) -> None:
        if fact.offer == "A-1":
            raise Poison("no")
        noted(fact, unit)

    inbox = handled_by(store, refuses_a1)
    inbox.take([arrival("A", 1), arrival("A", 2)])
    with pytest.raises(NotParked, match="not the next"):
        inbox.drop("A-2", "wrong one")
    inbox.drop("A-1", "sent by a bug, see ticket 7")
    assert effects(store) == ["A-2"]
    assert store.db[parking.DROPPED].find_one({"_id": "A-1"})["why"] == "sent by a bug, see ticket 7"


def test_what_cannot_be_read_can_be_dropped_and_not_redriven(inbox: Inbox, store: Store) -> None:
    inbox.take([Arrival("scheduling.london/0/1", "london", b"k", b"\xff\x00", ())])
    with pytest.raises(NotParked, match="cannot be read"):
        inbox.redrive("scheduling.london/0/1")
    inbox.drop("scheduling.london/0/1", "noise from a test of the network")
    assert parking.listed(store.db) == []
    assert store.db[parking.DROPPED].find_one({"_id": "scheduling.london/0/1"})["why"] == "noise from a test of the network"


def test_an_event_whose_turn_has_gone_by_can_still_be_cleared(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 3), arrival("A", 5)])
    store.db["inbox"].insert_one({"_id": "scheduling|A", "position": 3})  # as a newer contact moves it
    inbox.redrive("A-3")
    assert [row["_id"] for row in parking.listed(store.db)] == ["A-5"]
    with pytest.raises(NotParked, match="A-3 is not parked"):
        inbox.drop("A-3", "gone")


def test_when_the_store_is_away_nothing_is_kept_and_the_same_can_be_taken_again(store: Store) -> None:
    away = [True]

    def may_be_away(fact: said.OfferDeclined, unit: Unit) -> None:
        noted(fact, unit)
        if away[0]:
            raise Retryable("away")

    inbox = handled_by(store, may_be_away)
    with pytest.raises(Retryable):
        inbox.take([arrival("A", 1)])
    assert effects(store) == []
    away[0] = False
    inbox.take([arrival("A", 1)])
    assert effects(store) == ["A-1"]


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"ce_sequence": "zero"}, "ce_sequence"),
        ({"ce_subject": "B"}, "key is not its subject"),
        ({"ce_source": "/referral/london"}, "does not belong"),
        ({"ce_source": "/scheduling/leeds"}, "does not belong"),
        ({"ce_type": "offer.declined.v9"}, "v9"),
        ({"ce_id": ""}, "CloudEvent"),
    ],
)
def test_a_forged_or_misplaced_record_is_parked_and_the_partition_moves_on(
    inbox: Inbox, store: Store, spoilt: dict[str, str], reason: str
) -> None:
    inbox.take([arrival("A", 1, place=7, **spoilt), arrival("C", 1)])
    parked = parking.listed(store.db)
    assert [row["_id"] for row in parked] == ["scheduling.london/0/7"]
    assert parked[0]["reason"] == "unreadable"
    assert reason in parked[0]["detail"] or "ce_id" in parked[0]["detail"]
    assert effects(store, "C") == ["C-1"]


def test_corrupt_and_huge_records_are_parked(inbox: Inbox, store: Store) -> None:
    good = arrival("A", 1)
    inbox.take(
        [
            Arrival("scheduling.london/0/1", "london", b"k", b"\xff\x00", ()),
            Arrival("scheduling.london/0/2", "london", b"A", b"x" * 300_000, good.headers),
            Arrival("scheduling.london/0/3", "london", b"A", None, good.headers),
            Arrival("scheduling.london/0/4", "london", b"A", b"[" * 5000 + b"]" * 5000, good.headers),
        ]
    )
    assert parking.counts(store.db) == {"unreadable": 4}


def test_data_that_a_store_cannot_hold_is_parked_as_text_and_comes_back_whole(store: Store) -> None:
    def refuses(_fact: said.OfferDeclined, _unit: Unit) -> None:
        raise Poison("no")

    inbox, odd = handled_by(store, refuses), {"later": 2**70, "text": "\ud800", "null\u0000key": 1}
    good = arrival("A", 1)
    assert good.value is not None
    inbox.take([replace(good, value=json.dumps(json.loads(good.value) | odd).encode()), arrival("B", 1)])
    assert parking.counts(store.db) == {"poison": 2}
    with store.client.start_session() as session:
        (row,) = parking.parked_behind(store.db, session, [("scheduling", "A")])["scheduling", "A"]
    assert {name: row.envelope.data[name] for name in odd} == odd


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 5)), min_size=15, max_size=60), st.data())
def test_whatever_the_order_and_the_repeats_each_subject_is_handled_once_and_in_order(
    store: Store, told: list[tuple[str, int]], data: st.DataObject
) -> None:
    inbox = handled_by(store, noted)
    for name in ("effects", "inbox", parking.COLLECTION):
        store.db[name].delete_many({})
    complete = told + [(subject, number) for subject in "ABC" for number in range(1, 6)]
    position = 0
    while position < len(complete):
        size = data.draw(st.integers(1, 20))
        inbox.take([arrival(*each) for each in complete[position : position + size]])
        position += size
    for subject in "ABC":
        assert effects(store, subject) == [f"{subject}-{number}" for number in range(1, 6)]
    assert parking.counts(store.db) == {}
