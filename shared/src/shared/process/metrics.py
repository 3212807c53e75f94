"""The workers' metrics. Workers serve no HTTP: with each heartbeat they add their counts to the service's store, and the
API's /metrics reads them there.

A worker that is killed loses the counts of its last second, and a flush whose reply is lost may count twice: these are
for rates and alarms, never for exact totals. Ids are never labels.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from pymongo import UpdateOne
from pymongo.database import Database

from shared.events.ordering import Tally
from shared.process.clock import Clock
from shared.store.mongo import Doc, unwaited

COLLECTION = "metrics"
FRESH = timedelta(seconds=15)  # the lag of a worker that has been silent for longer is unknown

COUNTERS = {
    "inbox_handled": "Events handled",
    "inbox_duplicates": "Events that had been handled before",
    "inbox_parked": "Events parked",
    "inbox_ignored": "Events of subjects that this service does not follow",
    "inbox_unknown": "Events of types that this release does not know, passed over: upgrade the service",
    "messages_in_trouble": "Tries to send a message that failed for a reason of its own, by what the log says of it",
    "events_published": "Events published for the first time, by type",
}


class Counts:
    """The counts of one process since its last flush. deployment, worker: their names."""

    def __init__(self, deployment: str, worker: str, clock: Clock) -> None:
        self._deployment, self._worker, self._clock = deployment, worker, clock
        self._added: Counter[str] = Counter()
        self._latest: dict[str, Doc] = {}
        self._behind_since: datetime | None = None

    def took(self, tally: Tally) -> None:
        """A consumer has taken a batch and committed it."""
        for name in ("handled", "duplicates", "parked", "ignored", "unknown"):
            self._added[_key(f"inbox_{name}", {"deployment": self._deployment})] += getattr(tally, name)
        row = {"kind": "progress", "deployment": self._deployment, "at": self._clock()}
        self._latest[f"progress:{self._deployment}"] = row

    def unread(self, by_topic: Mapping[str, int]) -> None:
        """The number of unread records in a consumer's current partitions, by topic."""
        now = self._clock()
        self._behind_since = (self._behind_since or now) if any(by_topic.values()) else None
        row = {
            "kind": "lag",
            "deployment": self._deployment,
            "at": now,
            "topics": sorted(by_topic.items()),
            "behind_since": self._behind_since,
        }
        self._latest[f"lag:{self._deployment}:{self._worker}"] = row

    def published(self, types: Iterable[str]) -> None:
        """A relay has published events of these types and marked them."""
        for each in types:
            self._added[_key("events_published", {"type": each})] += 1

    def trouble(self, what: str) -> None:
        """A sender could not send a message, for a reason of the message's own."""
        self._added[_key("messages_in_trouble", {"what": what})] += 1

    def flush(self, db: Database[Doc]) -> None:
        """Add the counts to those in the store; any that could not be added are kept for the next flush."""
        changes = [UpdateOne({"_id": key}, {"$inc": {"value": by}}, upsert=True) for key, by in self._added.items()]
        changes += [UpdateOne({"_id": key}, {"$set": row}, upsert=True) for key, row in self._latest.items()]
        if changes:
            unwaited(db, COLLECTION).bulk_write(changes, ordered=False)
            self._added.clear()
            self._latest.clear()


def stored(db: Database[Doc], clock: Clock) -> list[Metric]:
    """The counts of all workers, and how far their consumers have read."""
    rows = list(unwaited(db, COLLECTION).find())
    counters = [row for row in rows if "value" in row]
    return [*_counters(counters), _progress(rows), _lag(rows, clock)]


def standing_still(db: Database[Doc], now: datetime, patience: timedelta) -> set[str]:
    """The deployments whose consumers have had unread records for longer than `patience`, and have taken none for as long."""
    rows = list(unwaited(db, COLLECTION).find({"kind": {"$in": ["progress", "lag"]}}))
    taken = {row["deployment"]: row["at"] for row in rows if row["kind"] == "progress"}
    fresh = [row for row in rows if row["kind"] == "lag" and now - row["at"] < FRESH]
    behind = {row["deployment"] for row in fresh if row["behind_since"] and now - row["behind_since"] > patience}
    return {deployment for deployment in behind if deployment not in taken or now - taken[deployment] > patience}


def published(db: Database[Doc]) -> dict[str, int]:
    """How many events of each type the service has published."""
    found = (json.loads(row["_id"]) | {"value": row["value"]} for row in unwaited(db, COLLECTION).find({"value": {"$exists": True}}))
    return {each["type"]: each["value"] for each in found if each["name"] == "events_published"}


def _counters(rows: Iterable[Doc]) -> Iterable[Metric]:
    families: dict[str, CounterMetricFamily] = {}
    for row in rows:
        labels = json.loads(row["_id"])
        name = labels.pop("name")
        family = families.setdefault(name, CounterMetricFamily(name, COUNTERS.get(name, name), labels=list(labels)))
        family.add_metric(list(labels.values()), row["value"])
    return families.values()


def _progress(rows: Iterable[Doc]) -> Metric:
    about = "When a consumer of the deployment last took records and committed them"
    family = GaugeMetricFamily("consumer_last_progress_timestamp_seconds", about, labels=["deployment"])
    for row in rows:
        if row.get("kind") == "progress":
            family.add_metric([row["deployment"]], row["at"].timestamp())
    return family


def _lag(rows: Iterable[Doc], clock: Clock) -> Metric:
    unread: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.get("kind") == "lag" and clock() - row["at"] < FRESH:
            unread.update({(row["deployment"], topic): records for topic, records in row["topics"]})
    family = GaugeMetricFamily(
        "consumer_lag_records", "Records not read yet, as the consumers themselves measure it", labels=["deployment", "topic"]
    )
    for labels, records in unread.items():
        family.add_metric(list(labels), records)
    return family


def _key(name: str, labels: Mapping[str, str]) -> str:
    return json.dumps({"name": name, **labels}, sort_keys=True)
