"""Health against a real store and broker."""

from datetime import timedelta

from embedded.stack import Stack
from shared.process.health import Health
from shared.process.loop import Heartbeat
from shared.store.transactions import Store


def test_an_api_is_ready_though_its_workers_are_dead(stack: Stack, store: Store) -> None:
    health = Health(store, stack.place.kafka, ("consumer:all", "relay:all"), lambda: {"catalogue": True})
    Heartbeat(store.db, "relay:all", lambda: store.clock() - timedelta(minutes=1)).beat()
    assert health.checks() == {"store": True, "broker": True, "catalogue": True}
    silences = health.silences()
    assert silences["consumer"] is None
    assert 60 <= (silences["relay"] or 0) < 70


def test_the_workers_of_another_deployment_are_not_counted(stack: Stack, store: Store) -> None:
    Heartbeat(store.db, "consumer:except-london", store.clock).beat()
    assert Health(store, stack.place.kafka, ("consumer:only-london",)).silences() == {"consumer": None}
