"""The relay against a real broker and store."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from kafka import KafkaConsumer

from embedded.stack import Stack
from shared.contracts import referral
from shared.contracts import scheduling as said
from shared.events import outbox
from shared.events.envelope import Envelope, from_record
from shared.events.kafka import ensure_topics, producer
from shared.events.relay import Relay
from shared.events.topics import FAMILIES
from shared.events.tracing import Cause
from shared.process.hubs import Hub
from shared.store import indexes
from shared.store.lease import Lease
from shared.store.mongo import Wakeup
from shared.store.transactions import Store
from support.signing import SIGNERS


@pytest.fixture
def topics(stack: Stack) -> Hub:
    """A hub with topics of its own."""
    hub = Hub(f"relay-{uuid4().hex[:8]}", "Relay", "ENG", "Europe/London", "1", "a@b.example", 1)
    ensure_topics(stack.place.operator, {hub.code: hub}, FAMILIES)
    return hub


@pytest.fixture
def relay(stack: Stack, store: Store, topics: Hub) -> Iterator[Relay]:
    indexes.ensure(store.db)
    lease = Lease(store.db, "relay", "me", store.clock)
    wakeup = Wakeup(stack.place.store("referral"), store.db.name, [outbox.COLLECTION])
    made = Relay(store, {topics.code: topics}, lease, wakeup, lambda: producer(stack.place.operator), signer=SIGNERS["scheduling"])
    yield made
    made.close()


def say(store: Store, hub: Hub, subject: str, first: int, how_many: int) -> None:
    """first: how many were said of the subject before."""
    facts = [said.MembershipAttended(person=subject, membership="S", session=f"X-{first + n}", mark="attended") for n in range(how_many)]
    store.run(hub.code, Cause("c", "c", "t"), lambda unit: outbox.add(unit, subject, hub.code, first, facts))


def heard(stack: Stack, hub: Hub, how_many: int, family: str = "scheduling") -> list[Envelope]:
    consumer = KafkaConsumer(f"{family}.{hub.code}", **stack.place.operator.options, auto_offset_reset="earliest", consumer_timeout_ms=4000)
    found = []
    for record in consumer:
        found.append(from_record(record.key, record.value, record.headers))
        if len(found) == how_many:
            break
    consumer.close()
    return found


def test_what_was_said_is_published_in_the_order_of_its_subject_and_marked(stack: Stack, store: Store, topics: Hub, relay: Relay) -> None:
    say(store, topics, "A", 0, 3)
    say(store, topics, "B", 0, 2)
    assert relay.publish_some() == 5
    events = heard(stack, topics, 5)
    assert [event.sequence for event in events if event.subject == "A"] == [1, 2, 3]
    assert [event.sequence for event in events if event.subject == "B"] == [1, 2]
    assert relay.publish_some() == 0
    assert store.db[outbox.COLLECTION].count_documents({"published_at": {"$exists": True}}) == 5


def test_a_replay_sends_again_with_the_same_ids(stack: Stack, store: Store, topics: Hub, relay: Relay) -> None:
    say(store, topics, "A", 0, 2)
    relay.publish_some()
    assert relay.replay({"subject": "A"}) == 2
    ids = [event.id for event in heard(stack, topics, 4)]
    assert sorted(ids[:2]) == sorted(ids[2:])


def test_the_erasure_of_a_contact_leaves_as_a_tombstone(stack: Stack, store: Store, topics: Hub, relay: Relay) -> None:
    facts = [referral.ContactChanged(person="P-1", sealed="BmY="), referral.ContactErased(person="P-1")]
    store.run(topics.code, Cause("c", "c", "t"), lambda unit: outbox.add(unit, "P-1", topics.code, 0, facts))
    relay.publish_some()
    changed, erased = heard(stack, topics, 2, "contacts")
    assert changed.data == {"sealed": "BmY="}
    assert (erased.type, erased.subject, erased.data) == ("contact.erased.v1", "P-1", None)
    assert erased.sequence > changed.sequence


def test_a_relay_leaves_the_rows_of_other_hubs_to_others(store: Store, topics: Hub, relay: Relay) -> None:
    elsewhere = replace(topics, code="elsewhere")
    say(store, elsewhere, "A", 0, 1)
    assert relay.publish_some() == 0
    assert store.db[outbox.COLLECTION].count_documents({"unpublished": True}) == 1


def test_a_lease_has_one_holder_and_passes_on_when_it_is_not_renewed(store: Store) -> None:
    now = [store.clock()]
    first, second = (Lease(store.db, "relay", name, lambda: now[0]) for name in ("one", "two"))
    assert first.held()
    assert not second.held()
    now[0] = now[0].replace(year=now[0].year + 1)
    assert second.held()
    assert not first.held()
