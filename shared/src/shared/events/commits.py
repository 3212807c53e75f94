"""When a consumer commits its offsets to Kafka, and which."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from kafka import KafkaConsumer
from kafka.structs import OffsetAndMetadata, TopicPartition

from shared.events.arrivals import Arrival
from shared.process.clock import utc_now

EVERY = timedelta(seconds=1)


class Commits:
    """Of one client: at most one commit a second, for each costs a round trip that the next batch would wait for.

    Only what was taken is committed, never the client's own position, which is further by what was polled and not taken: a
    consumer that is told to stop while its store is away has such records.
    What was handled since the last commit is read again after a death, and is a duplicate: the positions in the store decide.
    """

    def __init__(self, client: KafkaConsumer) -> None:
        self._client, self._owed = client, dict[TopicPartition, int]()
        self._last: datetime | None = None

    def took(self, arrivals: Iterable[Arrival]) -> None:
        """The effects of these are in the store."""
        for arrival in arrivals:
            partition, following = arrival.read
            topic, _, number = partition.rpartition("/")
            self._owed[TopicPartition(topic, int(number))] = following

    def commit_if_due(self) -> None:
        """Commit what is owed unless the last commit was less than a second ago."""
        now = utc_now()
        if self._last is None or not self._last <= now < self._last + EVERY:  # also after the clock was set back
            self.commit()

    def commit(self) -> None:
        """Commit what is owed now, except of partitions that another consumer has meanwhile."""
        assigned = self._client.assignment()
        owed = {partition: OffsetAndMetadata(following, "", -1) for partition, following in self._owed.items() if partition in assigned}
        if owed:
            self._client.commit(owed)
            self._last = utc_now()
        self._owed.clear()
