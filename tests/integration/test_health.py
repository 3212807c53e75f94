"""Health against a real store and broker."""

from datetime import timedelta

import pytest

from embedded.stack import Stack
from shared.events.halts import Halts
from shared.events.ordering import Tally
from shared.process.health import Health, Worker
from shared.process.loop import MOST_STARTS, Heartbeat
from shared.process.metrics import Counts
from shared.store.transactions import Store


def test_an_api_is_ready_though_its_workers_are_dead(stack: Stack, store: Store) -> None:
    health = Health(store, stack.place.operator, ("consumer:all", "relay:all"), lambda: {"catalogue": True})
    Heartbeat(store.db, "relay:all", lambda: store.clock() - timedelta(minutes=1)).beat()
    assert health.checks() == {"store": True, "broker": True, "catalogue": True}
    workers = health.workers_now()
    assert (workers["consumer"].seconds, workers["consumer"].is_well) == (None, False)
    assert 60 <= (workers["relay"].seconds or 0) < 70
    assert not workers["relay"].is_well


def test_the_workers_of_another_deployment_are_not_counted(stack: Stack, store: Store) -> None:
    Heartbeat(store.db, "consumer:except-london", store.clock).beat()
    assert Health(store, stack.place.operator, ("consumer:only-london",)).workers_now()["consumer"].seconds is None


def test_a_worker_that_is_started_again_and_again_is_not_well_though_it_shows_signs_of_life(stack: Stack, store: Store) -> None:
    health = Health(store, stack.place.operator, ("sender:all",))
    for start in range(MOST_STARTS):
        Heartbeat(store.db, "sender:all", store.clock).beat()
        assert health.workers_now()["sender"].is_well == (start < MOST_STARTS - 1)
    assert health.lives()["sender:all"].started == MOST_STARTS


def test_a_worker_that_has_started_often_but_not_lately_is_well(stack: Stack, store: Store) -> None:
    for hours in range(MOST_STARTS, 0, -1):
        Heartbeat(store.db, "sender:all", lambda hours=hours: store.clock() - timedelta(hours=hours)).beat()  # type: ignore[misc]
    Heartbeat(store.db, "sender:all", store.clock).beat()
    assert Health(store, stack.place.operator, ("sender:all",)).workers_now()["sender"].is_well


def consumer_of(store: Store, behind: float, idle: float) -> Worker:
    """A consumer that has had unread records for so many seconds, and has taken none for so many."""
    now = store.clock()
    early = Counts("all", "1", lambda: now - timedelta(seconds=idle))
    early.took(Tally(handled=1))
    early.flush(store.db)
    times = iter([now - timedelta(seconds=behind), now])
    counts = Counts("all", "1", lambda: next(times))
    for _ in range(2):
        counts.unread({"referral.london": 3})
    counts.flush(store.db)
    Heartbeat(store.db, "consumer:all", store.clock).beat()
    return Health(store, "127.0.0.1:1", ("consumer:all",)).workers_now()["consumer"]


@pytest.mark.parametrize(("behind", "idle", "is_stuck"), [(90, 90, True), (90, 5, False), (2, 3600, False)])
def test_a_consumer_that_leaves_records_unread_for_long_makes_no_progress(
    store: Store, behind: float, idle: float, *, is_stuck: bool
) -> None:
    assert consumer_of(store, behind, idle).is_stuck == is_stuck


def test_what_a_halt_leaves_unread_is_shown_as_a_halt(store: Store) -> None:
    Halts(store.db, "consumer:all").set("referral.london", "60 of the last 100 records were parked")
    assert not consumer_of(store, 90, 90).is_stuck
    assert Health(store, "127.0.0.1:1", ("consumer:all",)).halted() == ["referral.london"]
    assert Health(store, "127.0.0.1:1", ("consumer:wales",)).halted() == []
