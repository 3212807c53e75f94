"""Finding out that a store was restored, and when it is right again; against a real store and a real broker."""

from dataclasses import replace
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.structs import OffsetAndMetadata, TopicPartition

from embedded.stack import Stack
from shared.contracts import scheduling as said
from shared.events import offsets, outbox
from shared.events.envelope import Envelope, to_record
from shared.events.published import forgotten
from shared.events.restoration import Restoration
from shared.events.tracing import Cause
from shared.process.clock import utc_now
from shared.store import indexes
from shared.store.transactions import Store
from support.signing import PUBLISHERS, SIGNERS

GROUP = f"group-{uuid4().hex[:8]}"


@pytest.fixture
def topic(stack: Stack) -> str:
    """With two partitions; ten records lie in the first, of which the group has read eight."""
    name = f"scheduling.test-{uuid4().hex[:8]}"
    admin = KafkaAdminClient(**stack.place.operator.options)
    admin.create_topics({name: {"num_partitions": 2, "replication_factor": -1}})
    admin.wait_for_topics([name])
    admin.close()
    producer = KafkaProducer(**stack.place.operator.options)
    for number in range(10):
        producer.send(name, b"%d" % number, partition=0).get(timeout=10)
    producer.close()
    reader = KafkaConsumer(**stack.place.operator.options, group_id=GROUP, enable_auto_commit=False)
    reader.assign([TopicPartition(name, 0)])
    reader.commit({TopicPartition(name, 0): OffsetAndMetadata(8, "", -1)})
    reader.close(autocommit=False)
    return name


def test_a_store_that_has_read_less_than_kafka_knows_was_restored(stack: Stack, store: Store, topic: str) -> None:
    restoration = Restoration(store.db, [topic])
    offsets.advance(store.db, None, [(f"{topic}/0", 5), (f"{topic}/1", 0)])
    restoration.find(stack.place.operator, GROUP)
    assert restoration.is_under_way()
    assert offsets.catching_up_until(store.db, f"{topic}/0") == 10, "to what is the end now"
    assert Restoration(store.db, ["scheduling.elsewhere"]).settled(lambda: pytest.fail("another deployment's")), "hears other topics"


@pytest.mark.parametrize("read", [8, 9, None])
def test_a_store_that_is_new_or_has_read_as_much_was_not(stack: Stack, store: Store, topic: str, read: int | None) -> None:
    restoration = Restoration(store.db, [topic])
    offsets.advance(store.db, None, [(f"{topic}/0", read)] if read else [])
    restoration.find(stack.place.operator, GROUP)
    assert restoration.settled(lambda: pytest.fail("nothing to set right"))


def test_it_is_set_right_once_when_all_has_been_read_again(store: Store) -> None:
    restoration, times = Restoration(store.db, ["t.h"]), list[int]()
    offsets.advance(store.db, None, [("t.h/0", 5), ("t.h/1", 3)])
    offsets.catch_up(store.db, "t.h/0", 0, 10)
    offsets.catch_up(store.db, "t.h/1", 0, 4)
    offsets.advance(store.db, None, [("t.h/0", 10)])
    assert not restoration.settled(lambda: times.append(1))
    offsets.advance(store.db, None, [("t.h/1", 4)])
    assert restoration.settled(lambda: times.append(1))
    assert (restoration.is_under_way(), restoration.settled(lambda: times.append(1)), times) == (False, True, [1])


def test_while_it_cannot_be_set_right_it_is_under_way(store: Store) -> None:
    restoration = Restoration(store.db, ["t.h"])
    offsets.catch_up(store.db, "t.h/0", 0, 4)
    offsets.advance(store.db, None, [("t.h/0", 4)])
    with pytest.raises(ZeroDivisionError):
        restoration.settled(lambda: 1 / 0)
    assert restoration.is_under_way()


def test_nothing_is_waited_for_of_a_partition_of_which_kafka_keeps_nothing(store: Store) -> None:
    offsets.advance(store.db, None, [("t.h/0", 5)])
    offsets.catch_up(store.db, "t.h/0", 10, 10)
    assert Restoration(store.db, ["t.h"]).settled(lambda: None)


def test_what_was_said_and_is_forgotten_is_what_lies_on_kafka_and_the_store_did_not_write(stack: Stack, store: Store, topic: str) -> None:
    indexes.ensure(store.db)
    fact = said.MembershipEnded(person="P-1", membership="S-1", reason="declined", stands="nothing")
    store.run(topic.partition(".")[2], Cause("c", "c", "t"), lambda unit: outbox.add(unit, "P-1", unit.hub, 0, [fact, fact]))
    written = [outbox.envelope(row) for row in store.db[outbox.COLLECTION].find().sort("sequence")]
    lost = Envelope("01ZZZZ", "scheduling", written[0].hub, written[0].type, "P-1", 3, utc_now(), Cause("c", "c", "t"), written[0].data)
    producer = KafkaProducer(**stack.place.operator.options)
    forged = replace(lost, id="01ZZZY")
    for envelope in (*written, lost, forged):
        record = to_record(envelope)
        record = record if envelope is forged else SIGNERS["scheduling"].signed(topic, record)
        producer.send(topic, key=record.key, value=record.value, headers=list(record.headers)).get(timeout=10)
    producer.close()
    assert [envelope.id for envelope in forgotten(store.db, stack.place.operator, [topic], PUBLISHERS)] == ["01ZZZZ"]
