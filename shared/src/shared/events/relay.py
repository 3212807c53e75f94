"""Publishes outbox rows in order, and marks them after the broker has acknowledged them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.producer.future import FutureRecordMetadata

from shared.errors import Retryable
from shared.events import outbox
from shared.events.envelope import to_record
from shared.events.signing import Signer
from shared.process.clock import Clock, utc_now
from shared.process.hubs import Hubs
from shared.process.logs import log
from shared.process.loop import Heartbeat, Stop, repeat
from shared.store.lease import Lease
from shared.store.mongo import Doc, Wakeup
from shared.store.transactions import Store

BATCH = 200
POLL = 0.5  # seconds between polls when nothing wakes us: the change stream is only a hint


class Relay:
    """One loop: hold the lease, read unpublished rows, sign and send them, wait for the acknowledgements, mark.

    A row is sent again if we die between acknowledgement and mark; consumers recognise it by its sequence.
    """

    def __init__(  # noqa: PLR0913 - one for each collaborator
        self,
        store: Store,
        hubs: Hubs,
        lease: Lease,
        wakeup: Wakeup,
        make_producer: Callable[[], KafkaProducer],
        *,
        signer: Signer,
        count: Callable[[Iterable[str]], None] = lambda _types: None,
    ) -> None:
        self._store, self._hubs, self._lease, self._wakeup = store, list(hubs), lease, wakeup
        self._make_producer, self._signer, self._count = make_producer, signer, count
        self._producer: KafkaProducer | None = None
        self._rows = store.db[outbox.COLLECTION]

    def run(self, stop: Stop, heartbeat: Heartbeat) -> None:
        def step() -> None:
            heartbeat.beat()
            if not self._lease.held():
                stop.wait(0.5)
            elif self.publish_some() < BATCH:
                self._wakeup.wait(POLL)  # returns at once if more was written meanwhile

        repeat(step, stop, "relay")
        self._lease.release()
        self.close()

    def close(self) -> None:
        self._drop_producer()

    def publish_some(self) -> int:
        """Publish up to BATCH rows; returns their number."""
        rows = list(self._rows.find({"unpublished": True, "hub": {"$in": self._hubs}}).sort("_id", 1).limit(BATCH))
        if rows:
            # Ids come from several processes' clocks, so they order subjects only roughly; a subject's own order is its sequence.
            self.send(sorted(rows, key=lambda row: (row["subject"], row["sequence"])))
            self._mark([row["_id"] for row in rows], utc_now())
            self._count(row["type"] for row in rows)
        return len(rows)

    def send(self, rows: Iterable[Doc]) -> None:
        """Send and wait for every acknowledgement. Raises Retryable; the producer is then rebuilt."""
        try:
            self._producer = self._producer or self._make_producer()
            sent = [self._send_one(self._producer, row) for row in rows]
            self._producer.flush(timeout=10)
            for future in sent:
                future.get(timeout=10)
        except KafkaError as error:
            self._drop_producer()
            raise Retryable(type(error).__name__) from error

    def replay(self, query: Doc) -> int:
        """Send rows again, published or not, with the ids they had: for a lost topic or a new consumer."""
        total = 0
        for row in self._rows.find({"hub": {"$in": self._hubs}, **query}).sort([("subject", 1), ("sequence", 1)]):
            self.send([row])
            total += 1
        return total

    def _send_one(self, producer: KafkaProducer, row: Doc) -> FutureRecordMetadata:
        record = self._signer.signed(row["topic"], to_record(outbox.envelope(row)))
        return producer.send(row["topic"], key=record.key, value=record.value, headers=list(record.headers))

    def _mark(self, ids: Sequence[str], now: datetime) -> None:
        self._rows.update_many({"_id": {"$in": ids}}, {"$set": {"published_at": now}, "$unset": {"unpublished": ""}})

    def _drop_producer(self) -> None:
        if self._producer is not None:
            try:
                self._producer.close(timeout=2)
            except KafkaError as error:
                log().warning("producer_not_closed", error=type(error).__name__)
            self._producer = None


def unpublished_age(store: Store, clock: Clock) -> float:
    """Seconds that the oldest unpublished row has waited; 0 when there is none."""
    oldest = store.db[outbox.COLLECTION].find_one({"unpublished": True}, sort=[("_id", 1)])
    return (clock() - oldest["time"]).total_seconds() if oldest else 0.0
