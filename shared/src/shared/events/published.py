"""The events a service has published on Kafka, for a store restored from a backup that lacks the latest ones."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import TopicPartition
from pymongo.database import Database

from shared.events import outbox
from shared.events.account import Account
from shared.events.envelope import BadEnvelope, Envelope, Record, from_record
from shared.events.signing import Publishers
from shared.store.mongo import Doc


def forgotten(db: Database[Doc], account: Account, topics: Iterable[str], publishers: Publishers) -> Iterator[Envelope]:
    """The events on a service's own topics that its store lacks, in order; each subject's are in one partition.

    Events older than the outbox's oldest are skipped: the store has pruned them, and Kafka is about to.
    """
    for envelopes in published(account, topics, publishers):
        known = outbox.ids_among(db, [envelope.id for envelope in envelopes])
        oldest = outbox.oldest(db)
        yield from (each for each in envelopes if each.id not in known and (oldest is None or each.time >= oldest))


def published(account: Account, topics: Iterable[str], publishers: Publishers) -> Iterator[list[Envelope]]:
    """All events that Kafka keeps in these topics now, in batches. Other records, and unsigned ones, are left out."""
    client = KafkaConsumer(**account.options, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        partitions = [TopicPartition(topic, number) for topic in topics for number in sorted(client.partitions_for_topic(topic) or ())]
        client.assign(partitions)
        ends = client.end_offsets(partitions)
        while any(client.position(at) < end for at, end in ends.items()):
            for records in client.poll(timeout_ms=500).values():
                yield list(_events(records, publishers))
    finally:
        client.close(autocommit=False)


def _events(records: Iterable[ConsumerRecord], publishers: Publishers) -> Iterator[Envelope]:
    for record in records:
        with suppress(BadEnvelope):
            publishers.check(record.topic, Record(record.key, record.value, tuple(record.headers)))
            yield from_record(record.key, record.value, record.headers)
