"""What a consumer does whose store was restored from a backup: it reads again from where the store was, and nobody is mailed for it."""

from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import TopicPartition
from pymongo.database import Database

from shared.events import offsets
from shared.process.logs import log
from shared.store.mongo import Doc


class CatchingUp:
    """Of one client: compares, for each partition that it is given, Kafka's offset with the store's own.

    Kafka's is ahead only of a store that was restored. Then the client goes back to the store's, and what it reads up to what was the
    end at that moment are repeats (docs/architecture.md, Order).
    """

    def __init__(self, db: Database[Doc], client: KafkaConsumer) -> None:
        self._db, self._client = db, client
        self._until: dict[TopicPartition, int] = {}

    def look(self) -> set[TopicPartition]:
        """Look at the partitions that are new since the last look; cheap when there are none.

        Those on which the client has just gone back: what was polled of them before comes again, in its order, and is to be left.
        """
        assigned = set(self._client.assignment())
        self._until = {partition: until for partition, until in self._until.items() if partition in assigned}
        return {partition for partition in sorted(assigned - self._until.keys()) if self._begin(partition)}

    def is_repeat(self, record: ConsumerRecord) -> bool:
        """Whether the restored store had read this record before."""
        return bool(record.offset < self._until.get(TopicPartition(record.topic, record.partition), 0))

    def _begin(self, partition: TopicPartition) -> bool:
        """Whether the client has gone back. A restart on the way goes on catching up: the store keeps until where."""
        name, committed = f"{partition.topic}/{partition.partition}", self._client.committed(partition) or 0
        ours = offsets.to_begin_from(self._db, name, committed)
        if ours < committed:
            self._client.seek(partition, ours)
            first, end = (of([partition])[partition] for of in (self._client.beginning_offsets, self._client.end_offsets))
            until = offsets.catch_up(self._db, name, first, end)
            log().warning("catching_up", partition=name, ours=ours, committed=committed, until=until)
        self._until[partition] = offsets.catching_up_until(self._db, name)
        return ours < committed
