"""The floor: the cost of the same produces, consumes and writes with bare kafka-python and pymongo, and nothing else.

`WORK` lists the records and writes of the three services for each accepted referral, counted in a run of the real services. Here
three processes, one a service, do the same, in the same batches of 100, with rows and records of the same size.
"""

import multiprocessing
import time
from dataclasses import dataclass
from uuid import uuid4

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from pymongo import MongoClient, UpdateOne
from pymongo.collection import Collection

from shared.events.account import Account

BATCH = 100
ROW = {f"field_{n}": "x" * 40 for n in range(20)}  # as long as an entry or a message
VALUE = b'{"data":"' + b"x" * 900 + b'"}'  # as long as an offer


@dataclass(frozen=True, slots=True)
class Work:
    """Per referral. consumed: records read.  produced: records sent.  inserted, updated: rows written in the transaction of the
    records.  alone: updates outside it: marks of the relay, claims and steps of a message."""

    service: str
    consumed: int
    produced: int
    inserted: int
    updated: int
    alone: int


WORK = (
    # participant.changed and referral.accepted; later waiting and offered are copied: referral, participant and position, twice
    Work("referral", consumed=2, produced=2, inserted=2, updated=6, alone=1),
    # position, person, entry, waiting.started; then the offer: membership, its event; entry, group and person
    Work("scheduling", consumed=2, produced=2, inserted=4, updated=5, alone=2),
    # two records of referral, two of scheduling: position, standing; the message planned; claimed, submitted, settled; its event
    Work("notifications", consumed=4, produced=1, inserted=2, updated=5, alone=3),
)


def per_second(account: Account, stores: dict[str, str], referrals: int) -> float:
    """Referrals a second that the floor allows: three processes in parallel, of which the slowest counts."""
    topic = f"floor-{uuid4().hex[:8]}"
    admin = KafkaAdminClient(**account.options)
    admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
    admin.wait_for_topics([topic])
    admin.close()
    _fill(account, topic, referrals * max(work.consumed for work in WORK))
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(len(WORK) + 1)
    jobs = [spawn.Process(target=_do, args=(work, account, stores[work.service], topic, referrals, barrier)) for work in WORK]
    for job in jobs:
        job.start()
    barrier.wait(60)
    began = time.perf_counter()
    for job in jobs:
        job.join()
    if any(job.exitcode for job in jobs):
        raise RuntimeError("the floor failed; its processes say why above")
    return referrals / (time.perf_counter() - began)


def _fill(account: Account, topic: str, how_many: int) -> None:
    producer = KafkaProducer(**account.options, acks="all")
    for number in range(how_many):
        producer.send(topic, key=str(number).encode(), value=VALUE, partition=0)
    producer.flush()
    producer.close()


def _do(  # noqa: PLR0913, PLR0917 - a separate process needs each of them
    work: Work, account: Account, store: str, topic: str, referrals: int, barrier: "multiprocessing.synchronize.Barrier"
) -> None:
    client: MongoClient[dict[str, object]] = MongoClient(store, w="majority", journal=True)
    rows = client["floor"][f"{work.service}-{topic}"]
    rows.insert_many({"_id": f"old-{n}", **ROW} for n in range(BATCH))
    producer = KafkaProducer(**account.options, acks="all", enable_idempotence=True, linger_ms=0)
    consumer = KafkaConsumer(**account.options, group_id=f"{topic}-{work.service}", enable_auto_commit=False, max_poll_records=BATCH)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek(partition, 0)
    barrier.wait(60)
    consumed = 0
    while consumed < referrals * work.consumed:
        taken = sum(len(records) for records in consumer.poll(timeout_ms=1000, max_records=BATCH).values())
        if taken:
            consumed += taken
            _write(client, rows, work, taken / work.consumed)
            _say(producer, topic, round(taken / work.consumed * work.produced))
            consumer.commit()


def _write(client: "MongoClient[dict[str, object]]", rows: "Collection[dict[str, object]]", work: Work, referrals: float) -> None:
    inserts: list[dict[str, object]] = [{"_id": uuid4().hex, **ROW} for _ in range(round(referrals * work.inserted))]
    updates = [UpdateOne({"_id": f"old-{n % BATCH}"}, {"$set": {"field_1": uuid4().hex}}) for n in range(round(referrals * work.updated))]
    with client.start_session() as session, session.start_transaction():
        rows.insert_many(inserts, session=session)
        if updates:
            rows.bulk_write(updates, session=session)
    for _ in range(round(referrals * work.alone)):
        rows.update_one({"_id": "old-1"}, {"$set": {"field_2": uuid4().hex}})


def _say(producer: KafkaProducer, topic: str, how_many: int) -> None:
    sent = [producer.send(f"{topic}", key=b"k", value=VALUE, partition=0) for _ in range(how_many)]
    producer.flush()
    for future in sent:
        future.get(10)
