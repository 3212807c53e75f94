"""The consumer's loop: poll, hand the batch to the inbox, commit the offset. It knows no business."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from shared.errors import Retryable
from shared.events.inbox import Arrival, Inbox, Tally
from shared.process.logs import log
from shared.process.loop import Heartbeat, Stop, backoff
from shared.store.documents import Store
from shared.store.mongo import is_away

WATCHDOG = 30.0  # seconds a position may stand while there is more to read
ALARM_WINDOW = 100
HALTS = "consumer_halts"


class Halts:
    """A row that keeps a consumer from going on after most of what it took was parked, until somebody resumes it."""

    def __init__(self, store: Store, name: str) -> None:
        self._rows, self._name, self._clock = store.db[HALTS], name, store.clock

    def set(self, why: str) -> None:
        self._rows.update_one({"_id": self._name}, {"$set": {"why": why, "at": self._clock()}}, upsert=True)

    def stands(self) -> bool:
        return self._rows.find_one({"_id": self._name}) is not None

    def lift(self) -> bool:
        return bool(self._rows.delete_one({"_id": self._name}).deleted_count)


class Consumer:
    """`make` opens a Kafka consumer; the watchdog closes it and opens another when it stands still."""

    def __init__(self, inbox: Inbox, halts: Halts, make: Callable[[], KafkaConsumer], count: Callable[[Tally], None]) -> None:
        self._inbox, self._halts, self._make, self._count = inbox, halts, make, count
        self._recent: deque[bool] = deque(maxlen=ALARM_WINDOW)

    def run(self, stop: Stop, heartbeat: Heartbeat) -> None:
        while not stop:
            if self._away(self._halts.stands, stop):
                log().error("consumer_halted", cure="look at the parked events, then run the resume command")
                self._away(heartbeat.beat, stop)
                stop.wait(5)
                continue
            self._consume(stop, heartbeat)

    def _consume(self, stop: Stop, heartbeat: Heartbeat) -> None:
        """Consume with one client until told to stop, halted, or the client fails or stands still."""
        client = None
        try:
            client = self._make()
            watchdog = Watchdog(client)
            while not stop and not watchdog.bites():
                self._away(heartbeat.beat, stop)
                if not self._once(client, stop):
                    return
        except KafkaError as error:
            log().warning("broker_away", error=type(error).__name__)
            stop.wait(backoff(2))
        finally:
            if client is not None:
                client.close(autocommit=False)

    def _once(self, client: KafkaConsumer, stop: Stop) -> bool:
        """Poll once; False when the consumer must halt."""
        polled = client.poll(timeout_ms=500, max_records=100)
        arrivals = [arrival(record) for records in polled.values() for record in records]
        if not arrivals:
            return True
        tally = self._away(lambda: self._inbox.take(arrivals), stop)
        if tally is None:
            return True  # told to stop while the store was away: nothing was committed
        client.commit()
        self._count(tally)
        return self._healthy(tally)

    def _healthy(self, tally: Tally) -> bool:
        self._recent.extend([True] * tally.parked + [False] * (tally.handled + tally.duplicates + tally.ignored))
        if sum(self._recent) <= ALARM_WINDOW / 2:
            return True
        self._halts.set(f"{sum(self._recent)} of the last {len(self._recent)} records were parked")
        return False

    @staticmethod
    def _away(do: Callable[[], Any], stop: Stop) -> Any:
        """Do it, again and again while the store is away; None when told to stop first."""
        failures = 0
        while not (stop and failures):
            try:
                return do()
            except Exception as error:
                if not (isinstance(error, Retryable) or is_away(error)):
                    raise
                failures += 1
                log().warning("store_away", error=type(error).__name__, detail=str(error)[:200], failures=failures)
                stop.wait(backoff(failures))
        return None


class Watchdog:
    """Notices a client whose position stands though there has been more to read since the last look (kafka-python #3106, #3131)."""

    def __init__(self, client: KafkaConsumer, every: float = WATCHDOG) -> None:
        self._client, self._every, self._due = client, every, time.monotonic() + every
        self._seen: dict[Any, tuple[int, int]] = {}

    def bites(self) -> bool:
        if time.monotonic() < self._due:
            return False
        self._due = time.monotonic() + self._every
        before, self._seen = self._seen, self._look()
        stuck = [str(tp) for tp, (at, _) in self._seen.items() if tp in before and before[tp][0] == at < before[tp][1]]
        if stuck:
            log().error("consumer_stands_still", partitions=stuck)
        return bool(stuck)

    def _look(self) -> dict[Any, tuple[int, int]]:
        partitions = self._client.assignment()
        ends = self._client.end_offsets(partitions) if partitions else {}
        return {tp: (self._client.position(tp), ends[tp]) for tp in partitions}


def arrival(record: Any) -> Arrival:
    """A kafka-python ConsumerRecord as an Arrival; the hub is what follows the first dot of the topic."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    hub = record.topic.partition(".")[2]
    return Arrival(place, hub, record.key, record.value, tuple(record.headers))
