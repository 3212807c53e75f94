"""Builds the processes every service has alike, from its settings. Nothing is opened before it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.events.consumer import Consumer, Halts
from shared.events.inbox import Inbox, Subscriptions, Tally
from shared.events.kafka import consumer, ensure_topics, producer, topic
from shared.events.outbox import COLLECTION as OUTBOX
from shared.events.relay import Relay, lease_name
from shared.ids import new_id
from shared.process.clock import Clock, utc_now
from shared.process.health import Extra, Health
from shared.process.logs import log
from shared.process.loop import Heartbeat, Stop, repeat
from shared.process.settings import Common
from shared.store import indexes
from shared.store.documents import Store
from shared.store.lease import Lease
from shared.store.mongo import Wakeup, connect
from shared.store.unit import Unit


@dataclass(frozen=True)
class Runtime:
    """name: the service's, also its database's.  hears: the topic families its consumer reads."""

    name: str
    settings: Common
    hears: tuple[str, ...]
    workers: tuple[str, ...]
    clock: Clock = utc_now

    @cached_property
    def store(self) -> Store:
        return Store(connect(self.settings.mongo_url), self.name, self.clock)

    @cached_property
    def patient_store(self) -> Store:
        """For workers, whose transactions hold a hundred records: as firm, but with more time."""
        return Store(connect(self.settings.mongo_url, timeout_ms=15_000), self.name, self.clock)

    def wakeup(self, collection: str) -> Wakeup:
        return Wakeup(self.settings.mongo_url, lambda client: client[self.name][collection])

    def relay(self) -> Relay:
        lease = Lease(self.store.db, lease_name(self.settings.hubs), self.holder, self.clock)
        return Relay(self.patient_store, self.settings.hubs, lease, self.wakeup(OUTBOX), lambda: producer(self.settings.kafka))

    @cached_property
    def holder(self) -> str:
        """This running process, for leases and claims: never the same again after a restart."""
        return new_id("W")

    def inbox(self, subscriptions: Subscriptions, make_work: Callable[[Unit], Any]) -> Inbox:
        return Inbox(self.patient_store, subscriptions, make_work)

    def consumer(self, inbox: Inbox) -> Consumer:
        group = f"{self.name}.{'+'.join(sorted(self.settings.hubs))}"
        topics = [topic(family, hub) for hub in self.settings.hubs for family in self.hears]
        make = lambda: consumer(self.settings.kafka, group, self.settings.worker, topics)
        return Consumer(inbox, self.halts(), make, _log_tally)

    def halts(self) -> Halts:
        return Halts(self.store, self._scoped("consumer"))

    def heartbeat(self, process: str) -> Heartbeat:
        return Heartbeat(self.store.db, self._scoped(process), self.clock, self.settings.beat_file)

    def _scoped(self, process: str) -> str:
        """Processes with other hubs are other deployments: their signs of life and halts are their own."""
        return f"{process}:{','.join(sorted(self.settings.hubs))}"

    def run(self, process: str, step: Callable[[Stop], None], pause: Callable[[Stop], None]) -> None:
        """The loop of a process that is neither relay nor consumer: beat, `step`, `pause`."""
        stop, heartbeat = Stop().on_signals(), self.heartbeat(process)

        def turn() -> None:
            heartbeat.beat()
            step(stop)
            if not stop:
                pause(stop)

        repeat(turn, stop, process)

    def health(self, also: Extra = dict) -> Health:
        return Health(self.store, self.settings.kafka, tuple(map(self._scoped, self.workers)), also)

    def ensure(self, *collections: str) -> None:
        """The topics of the hubs, the collections and the indexes every service has."""
        ensure_topics(self.settings.kafka, self.settings.hubs)
        indexes.ensure(self.store.db, *collections)


def _log_tally(tally: Tally) -> None:
    log().info("took", handled=tally.handled, duplicates=tally.duplicates, parked=tally.parked, ignored=tally.ignored)
