"""After a restore from a backup, a consumer reads again from where the store was, without sending any message."""

from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import TopicPartition
from pymongo.database import Database

from shared.events import offsets
from shared.process.logs import log
from shared.store.mongo import Doc


class CatchingUp:
    """Compares, for each partition assigned to a client, Kafka's offset with the store's own.

    Kafka's is ahead only of a store that was restored. The client then goes back to the store's, and the records up to the end
    at that moment are repeats (docs/architecture.md, Order).
    """

    def __init__(self, db: Database[Doc], client: KafkaConsumer) -> None:
        self._db, self._client = db, client
        self._until: dict[TopicPartition, int] = {}

    def look(self) -> set[TopicPartition]:
        """Check the partitions that are new since the last call; cheap when there are none.

        Returns those on which the client has just gone back: records already polled from them come again, and must be skipped.
        """
        assigned = set(self._client.assignment())
        self._until = {partition: until for partition, until in self._until.items() if partition in assigned}
        return {partition for partition in sorted(assigned - self._until.keys()) if self._begin(partition)}

    def is_repeat(self, record: ConsumerRecord) -> bool:
        """Whether the restored store had read this record before."""
        return bool(record.offset < self._until.get(TopicPartition(record.topic, record.partition), 0))

    def _begin(self, partition: TopicPartition) -> bool:
        """Whether the client has gone back. Catching up survives a restart, because the store keeps its end."""
        name, committed = f"{partition.topic}/{partition.partition}", self._client.committed(partition) or 0
        ours = offsets.to_begin_from(self._db, name, committed)
        if ours < committed:
            self._client.seek(partition, ours)
            first, end = (of([partition])[partition] for of in (self._client.beginning_offsets, self._client.end_offsets))
            until = offsets.catch_up(self._db, name, first, end)
            log().warning("catching_up", partition=name, ours=ours, committed=committed, until=until)
        self._until[partition] = offsets.catching_up_until(self._db, name)
        return ours < committed
