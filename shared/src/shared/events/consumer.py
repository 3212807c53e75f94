"""The consumer's loop: poll, pass the batch to the inbox, commit the offset. It contains no business rules."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from shared.errors import Retryable
from shared.events.arrivals import Arrival
from shared.events.catching_up import CatchingUp
from shared.events.commits import Commits
from shared.events.halts import Alarm, Halts, Pauses, Polled
from shared.events.inbox import Inbox
from shared.events.lag import Lag
from shared.events.ordering import Tally
from shared.events.watchdog import Attendance, Watchdog
from shared.process.logs import log
from shared.process.loop import Heartbeat, Stop, backoff
from shared.store.mongo import is_away

R = TypeVar("R")

MOST = 100  # records in a batch
POLL = 0.5  # seconds
PAUSE_MS = 100  # after which what came need not wait any longer for company


class Place(Protocol):
    """A place in a consumer group: `shared.events.consumer_group`, or a test's fake."""

    def join(self) -> KafkaConsumer: ...
    def left_out(self) -> list[str]: ...
    def leave(self) -> None: ...


class Counts(Protocol):
    """Counts the records taken, and those left unread: `shared.process.metrics`, or a test's fake."""

    def took(self, tally: Tally) -> None: ...
    def unread(self, by_topic: Mapping[str, int]) -> None: ...


@dataclass(frozen=True, slots=True)
class Joined:
    """A client that has joined the group, and what is kept of it."""

    client: KafkaConsumer
    lag: Lag
    catching_up: CatchingUp
    commits: Commits
    pauses: Pauses


class Consumer:
    """Joins at its `place`; when it stalls, or the group has left out a partition, it closes its client and joins anew."""

    def __init__(self, inbox: Inbox, halts: Halts, place: Place, counts: Counts) -> None:
        self._inbox, self._halts, self._place, self._counts = inbox, halts, place, counts
        self._alarm = Alarm()

    def run(self, stop: Stop, heartbeat: Heartbeat) -> None:
        attendance = Attendance(self._place.left_out)
        while not stop:
            self._consume(stop, heartbeat, attendance)

    def _consume(self, stop: Stop, heartbeat: Heartbeat, attendance: Attendance) -> None:
        """Consume with one client until told to stop, or the client fails or stalls."""
        client = None
        try:
            client = self._place.join()
            watchdog, joined = Watchdog(client), self._joined(client)
            attendance.joined()
            while not stop and not watchdog.bites():
                if attendance.bites():
                    self._place.leave()  # a member that rejoins would get the assignment it already has
                    return
                self._away(heartbeat.beat, stop)
                self._once(joined, stop)
            joined.commits.commit()
        except KafkaError as error:
            log().warning("broker_away", error=type(error).__name__)
            stop.wait(backoff(2))
        finally:
            if client is not None:
                client.close(autocommit=False)

    def _joined(self, client: KafkaConsumer) -> Joined:
        return Joined(client, Lag(client), CatchingUp(self._inbox.db, client), Commits(client), Pauses(client, self._halts))

    def _once(self, joined: Joined, stop: Stop) -> None:
        polled = self._polled(joined.client)
        went_back = self._away(joined.catching_up.look, stop) or ()  # after polling, which is what assigns partitions
        for topic in self._away(joined.pauses.look, stop) or ():
            self._alarm.forget(topic)
        polled = joined.pauses.put_back({at: records for at, records in polled.items() if at not in went_back})
        joined.lag.saw(polled)
        if (unread := joined.lag.by_topic()) is not None:
            self._counts.unread(unread)
        arrivals = [arrival(each, is_repeat=joined.catching_up.is_repeat(each)) for records in polled.values() for each in records]
        if arrivals:
            self._take(arrivals, joined, stop)
        joined.commits.commit_if_due()

    def _polled(self, client: KafkaConsumer) -> Polled:
        """Poll once; and again, as long as all that came can wait for company, for each batch costs a transaction."""
        polled, until = defaultdict[TopicPartition, list[ConsumerRecord]](list), time.monotonic() + POLL
        more = client.poll(timeout_ms=round(POLL * 1000), max_records=MOST)
        while more:
            for partition, records in more.items():
                polled[partition] += records
            left = until - time.monotonic()
            if left <= 0 or sum(map(len, polled.values())) >= MOST or not self._can_wait(more):
                break
            more = client.poll(timeout_ms=min(PAUSE_MS, round(left * 1000)), max_records=MOST)
        return polled

    def _can_wait(self, polled: Polled) -> bool:
        return all(self._inbox.can_wait(arrival(record)) for records in polled.values() for record in records)

    def _take(self, arrivals: Sequence[Arrival], joined: Joined, stop: Stop) -> None:
        tally = self._away(lambda: self._inbox.take(arrivals), stop)
        if tally is None:
            return  # told to stop while the store was unavailable: nothing was committed
        joined.commits.took(arrivals)
        self._counts.took(tally)
        log().info("took", handled=tally.handled, duplicates=tally.duplicates, parked=tally.parked, ignored=tally.ignored)
        if bad := self._alarm.saw((each.topic for each in arrivals), tally.parked_on):
            self._away(lambda: joined.pauses.halt(bad), stop)

    @staticmethod
    def _away(do: Callable[[], R], stop: Stop) -> R | None:
        """Call `do`, and retry while the store is unavailable; None when told to stop first."""
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


def arrival(record: ConsumerRecord, *, is_repeat: bool = False) -> Arrival:
    """A kafka-python ConsumerRecord as an Arrival; the hub is what follows the first dot of the topic."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    hub = record.topic.partition(".")[2]
    return Arrival(place, hub, record.key, record.value, tuple(record.headers), is_repeat)
