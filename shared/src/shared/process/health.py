"""Whether a service is ready to work, and its metrics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pymongo
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from pymongo.errors import PyMongoError

from shared.events import parking
from shared.events.account import Account
from shared.events.halts import halted
from shared.events.kafka import is_reachable
from shared.events.relay import unpublished_age
from shared.process.clock import utc_now
from shared.process.loop import MOST_STARTS, Life, lives
from shared.process.metrics import standing_still, stored
from shared.store.transactions import Store

READY_WITHIN = 1.5  # seconds for the write that shows whether the store is there
OLDEST_BEAT = 15.0  # seconds: a worker whose last heartbeat is older counts as dead
DYING = timedelta(minutes=1)  # a worker that has started MOST_STARTS times within it keeps dying
STUCK = timedelta(minutes=1)  # a consumer that has unread records and has taken none for longer makes no progress


@dataclass(frozen=True, slots=True)
class Worker:
    """seconds: since its last heartbeat; None if it never had one.  keeps_dying, is_stuck: it lives, and does not do its work."""

    seconds: float | None
    keeps_dying: bool
    is_stuck: bool

    @property
    def is_well(self) -> bool:
        return self.seconds is not None and self.seconds < OLDEST_BEAT and not self.keeps_dying and not self.is_stuck


Extra = Callable[[], Mapping[str, bool]]


@dataclass(frozen=True, slots=True)
class Health:
    """workers: the processes other than the API, as `process:deployment`.  also: further checks of the service's own."""

    store: Store
    account: Account
    workers: tuple[str, ...]
    also: Extra = dict

    def checks(self) -> dict[str, bool]:
        """Each condition for the API to be ready. The store is checked by a real write.

        Workers are not checked: an API accepts requests for as long as it can store them.
        """
        written = self._writes()
        found = {"store": written, "broker": is_reachable(self.account)}
        if not written:
            return found
        return found | dict(self.also())

    def workers_now(self) -> dict[str, Worker]:
        """Each worker of this deployment, by its process."""
        found, now = lives(self.store.db), utc_now()
        standing = self._standing_still(now)
        return {name.partition(":")[0]: _worker(found.get(name), now, is_stuck=name in standing) for name in self.workers}

    def lives(self) -> dict[str, Life]:
        """Of each process, by its name."""
        return lives(self.store.db)

    def halted(self) -> list[str]:
        """The topics that this deployment does not read any further."""
        return [topic for consumer, topic in halted(self.store.db) if consumer in self.workers]

    def _standing_still(self, now: datetime) -> set[str]:
        idle = {f"consumer:{deployment}" for deployment in standing_still(self.store.db, now, STUCK)}
        return idle if not self.halted() else set()

    def _writes(self) -> bool:
        try:
            with pymongo.timeout(READY_WITHIN):
                self.store.db["readiness"].update_one({"_id": "api"}, {"$set": {"at": utc_now()}}, upsert=True)
        except PyMongoError:
            return False
        return True


class Gauges(Collector):
    """Reads the store at each scrape, so that one scrape covers all processes. Ids are never labels."""

    def __init__(self, health: Health, extra: Callable[[], list[Metric]] = list) -> None:
        self._health, self._extra = health, extra

    def collect(self) -> list[Metric]:
        store = self._health.store
        age = unpublished_age(store, utc_now)
        outbox = GaugeMetricFamily("outbox_oldest_unpublished_seconds", "Age of the oldest fact that has not been published", value=age)
        parked = GaugeMetricFamily("parked_events", "Events parked, by reason", labels=["reason"])
        for reason, count in parking.counts(store.db).items():
            parked.add_metric([reason], count)
        oldest = parking.oldest(store.db)
        waiting = (utc_now() - oldest).total_seconds() if oldest else 0.0
        parked_age = GaugeMetricFamily("parked_oldest_seconds", "Age of the oldest parked event", value=waiting)
        return [outbox, parked, parked_age, *self._processes(), *stored(store.db, store.clock), *self._extra()]

    def _processes(self) -> list[Metric]:
        beat = GaugeMetricFamily("process_last_beat_seconds", "Age of each process's last heartbeat", labels=["process"])
        starts = CounterMetricFamily("process_starts", "Starts of each process", labels=["process"])
        for name, life in self._health.lives().items():
            beat.add_metric([name], (utc_now() - life.at).total_seconds())
            starts.add_metric([name], life.started)
        stopped = GaugeMetricFamily("topic_halted", "Topics that are not read any further until `resume`", labels=["consumer", "topic"])
        for labels in halted(self._health.store.db):
            stopped.add_metric(list(labels), 1)
        return [beat, starts, stopped]


def _worker(life: Life | None, now: datetime, *, is_stuck: bool) -> Worker:
    if life is None:
        return Worker(None, keeps_dying=False, is_stuck=is_stuck)
    keeps_dying = len(life.starts) == MOST_STARTS and now - life.starts[0] < DYING
    return Worker((now - life.at).total_seconds(), keeps_dying, is_stuck)


def exposition(*collectors: Collector) -> tuple[bytes, str]:
    """The metrics in Prometheus's text form, and its content type."""
    registry = CollectorRegistry()
    for each in collectors:
        registry.register(each)
    return generate_latest(registry), CONTENT_TYPE_LATEST
