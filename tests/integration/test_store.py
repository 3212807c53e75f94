"""State and outbox in one transaction, on a real store."""

import threading
from dataclasses import dataclass
from typing import Any

import pytest

from shared.contracts import Fact
from shared.contracts import scheduling as said
from shared.errors import Stale
from shared.events import outbox
from shared.events.tracing import Cause
from shared.store.documents import Documents, Store, indexes
from shared.store.unit import Unit

CAUSE = Cause("c", "c", "t")


@dataclass(slots=True)
class Counter:
    id: str
    hub: str
    value: int = 0
    version: int = 0
    said: int = 0


def published(event: str) -> list[Fact]:
    return [said.OfferDeclined(offer=event, referral="R", participant="P")]


def counters(unit: Unit) -> Documents[Counter]:
    return Documents(unit, "counters", Counter, published)


@pytest.fixture
def counting(store: Store) -> Store:
    indexes.ensure(store.db, "counters")
    store.perform("london", CAUSE, lambda unit: counters(unit).save(Counter("N", "london"), ["made"]))
    return store


def rows(store: Store) -> list[tuple[int, bool]]:
    return [(row["sequence"], row.get("unpublished", False)) for row in store.db[outbox.COLLECTION].find().sort("sequence", 1)]


def test_state_and_what_it_says_are_kept_together_or_not_at_all(counting: Store) -> None:
    def fails_late(unit: Unit) -> None:
        counter = counters(unit).find({"_id": "N"})[0]
        counter.value = 9
        counters(unit).save(counter, ["changed"])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        counting.perform("london", CAUSE, fails_late)
    assert counting.db["counters"].find_one({"_id": "N"})["value"] == 0
    assert rows(counting) == [(1, True)]


def test_many_at_once_lose_no_update_and_number_what_they_say_without_a_gap(counting: Store) -> None:
    def add(unit: Unit) -> None:
        counter = counters(unit).find({"_id": "N"})[0]
        counter.value += 1
        counters(unit).save(counter, [f"now {counter.value}"])

    def adds() -> None:
        for _ in range(5):
            counting.perform("london", CAUSE, add, tries=200)

    threads = [threading.Thread(target=adds) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counting.db["counters"].find_one({"_id": "N"})["value"] == 20
    assert [sequence for sequence, _ in rows(counting)] == list(range(1, 22))


def test_what_changed_since_it_was_read_is_not_overwritten(counting: Store) -> None:
    stale: list[Counter] = counting.look("london", CAUSE, lambda unit: counters(unit).find({"_id": "N"}))
    counting.perform("london", CAUSE, lambda unit: counters(unit).save(counters(unit).find({"_id": "N"})[0]))
    with pytest.raises(Stale):
        counting.perform("london", CAUSE, lambda unit: counters(unit).save(stale[0]), tries=1)


def test_a_hub_finds_its_own_only(counting: Store) -> None:
    def look(unit: Unit) -> Any:
        return counters(unit).first({"_id": "N"})

    assert counting.look("london", CAUSE, look) is not None
    assert counting.look("leeds", CAUSE, look) is None
