"""Whether a service is ready to work, and its metrics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from pymongo.errors import PyMongoError

from shared.events import parking
from shared.events.kafka import is_reachable
from shared.events.relay import unpublished_age
from shared.process.clock import utc_now
from shared.process.loop import last_beats
from shared.process.metrics import stored
from shared.store.transactions import Store

OLDEST_BEAT = 15.0  # seconds: a worker whose last heartbeat is older counts as dead

Extra = Callable[[], Mapping[str, bool]]


@dataclass(frozen=True, slots=True)
class Health:
    """workers: the processes other than the API, as `process:deployment`.  also: further checks of the service's own."""

    store: Store
    kafka: str
    workers: tuple[str, ...]
    also: Extra = dict

    def checks(self) -> dict[str, bool]:
        """Each condition for the API to be ready. The store is checked by a real write.

        Workers are not checked: an API accepts requests for as long as it can store them.
        """
        written = self._writes()
        found = {"store": written, "broker": is_reachable(self.kafka)}
        if not written:
            return found
        return found | dict(self.also())

    def silences(self) -> dict[str, float | None]:
        """Seconds since the last heartbeat of each worker of this deployment; None if it never had one."""
        ages = self.ages()
        return {worker.partition(":")[0]: ages.get(worker) for worker in self.workers}

    def ages(self) -> dict[str, float]:
        """Seconds since the last heartbeat of each process."""
        now = utc_now()
        return {name: (now - at).total_seconds() for name, at in last_beats(self.store.db).items()}

    def _writes(self) -> bool:
        try:
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
        progress = GaugeMetricFamily("process_last_beat_seconds", "Age of each process's last heartbeat", labels=["process"])
        for name, seconds in self._health.ages().items():
            progress.add_metric([name], seconds)
        return [outbox, parked, parked_age, progress, *stored(store.db, store.clock), *self._extra()]


def exposition(*collectors: Collector) -> tuple[bytes, str]:
    """The metrics in Prometheus's text form, and its content type."""
    registry = CollectorRegistry()
    for each in collectors:
        registry.register(each)
    return generate_latest(registry), CONTENT_TYPE_LATEST
