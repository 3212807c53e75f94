"""Whoever can write to Kafka is believed only with the key of the service that owns the topic."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from kafka import KafkaConsumer, KafkaProducer

from embedded.stack import Stack
from shared.events import parking
from shared.events.envelope import Envelope, Record, to_record
from shared.events.signing import Signer
from shared.events.topics import owner_of
from shared.events.tracing import Cause
from shared.ids import new_id
from shared.process.clock import utc_now
from shared.store.mongo import Doc, connect
from support.hub import Hub, eventually, person
from support.operating import operate


@pytest.fixture
def kafka(stack: Stack) -> Iterator[KafkaProducer]:
    producer = KafkaProducer(**stack.place.operator.options)
    yield producer
    producer.close()


@pytest.fixture
def offered(hub: Hub) -> dict[str, Any]:
    """A doctor who has an offer, and has not answered it."""
    hub.group()
    body = person()
    doctor = hub.refer_and_accept(body) | {"email": body["person"]["email"]}
    hub.until(doctor["referral"], "offered")
    (offer,) = hub.get("scheduling", f"/v1/offers?participant={doctor['participant']}")["items"]
    return doctor | {"membership": offer["offer"]}


def forged(topic: str, type: str, sequence: int, data: dict[str, Any]) -> Record:
    """An event in the name of the service that owns the topic, about data["person"]."""
    hub, cause = topic.partition(".")[2], Cause("c", "c", "")
    return to_record(Envelope(new_id("E"), owner_of(topic), hub, type, data["person"], sequence, utc_now(), cause, data))


def send(kafka: KafkaProducer, topic: str, record: Record) -> None:
    kafka.send(topic, key=record.key, value=record.value, headers=list(record.headers)).get(timeout=10)


def parked(stack: Stack, service: str, hub: Hub) -> list[Doc]:
    with connect(stack.place.store(service)) as client:
        return parking.listed(client[service], {"hub": hub.code})


def test_a_forged_answer_seats_nobody_and_the_doctors_own_is_handled(
    hub: Hub, stack: Stack, kafka: KafkaProducer, offered: dict[str, Any]
) -> None:
    topic = f"notifications.{hub.code}"
    yes = {"person": offered["participant"], "to": offered["membership"], "answer": "accept", "answered_at": utc_now().isoformat()}
    for sequence in range(1, 4):
        record = forged(topic, "participant.answered.v1", sequence, yes)
        send(kafka, topic, record)
        send(kafka, topic, Signer(b"x" * 32).signed(topic, record))
    rows = eventually(lambda: found if len(found := parked(stack, "scheduling", hub)) == 6 else None)
    assert {row["reason"] for row in rows} == {"unreadable"}
    assert {row["detail"].partition(" '")[0] for row in rows} == {"it is not signed", "signed with the key"}
    assert hub.status(offered["referral"]) == "offered"
    hub.answer(offered["email"], "decline")
    hub.until(offered["referral"], "waiting")


def test_a_contact_with_a_huge_number_silences_no_later_address(
    hub: Hub, stack: Stack, kafka: KafkaProducer, offered: dict[str, Any]
) -> None:
    data = {"person": offered["participant"], "sealed": "AAAA"}
    topic = f"contacts.{hub.code}"
    send(kafka, topic, forged(topic, "contact.changed.v1", 2**59, data))
    eventually(lambda: parked(stack, "notifications", hub))
    hub.answer(offered["email"], "accept")
    hub.until(offered["referral"], "placed")
    eventually(lambda: hub.message_states(offered["participant"]).get("seat-confirmed") == "accepted")


def test_an_unknown_type_with_the_next_number_swallows_nothing(
    hub: Hub, stack: Stack, kafka: KafkaProducer, offered: dict[str, Any]
) -> None:
    with connect(stack.place.store("scheduling")) as client:
        row = client["scheduling"]["inbox"].find_one({"_id": f"notifications|notifications|{offered['participant']}"}) or {"position": 0}
    topic, data = f"notifications.{hub.code}", {"person": offered["participant"]}
    send(kafka, topic, forged(topic, "nobody.knows.v1", row["position"] + 1, data))
    eventually(lambda: parked(stack, "scheduling", hub))
    hub.answer(offered["email"], "accept")
    hub.until(offered["referral"], "placed")


def test_a_flood_on_one_hubs_topic_halts_that_topic_alone_is_shown_and_ends_with_resume(
    hub: Hub, another_hub: Hub, stack: Stack, kafka: KafkaProducer, offered: dict[str, Any]
) -> None:
    topic, url = f"notifications.{hub.code}", stack.place.url("scheduling")
    for number in range(60):
        send(kafka, topic, forged(topic, "participant.answered.v1", number + 1, {"person": offered["participant"]}))
    eventually(lambda: httpx.get(f"{url}/workersz").json()["halted"] == [topic])
    assert httpx.get(f"{url}/workersz").status_code == 503
    assert httpx.get(f"{url}/readyz").json()["halted"] == [topic], "shown, and the API is ready"
    assert f'topic_halted{{consumer="consumer:all",topic="{topic}"}} 1.0' in httpx.get(f"{url}/metrics").text
    another_hub.group()
    body = person()
    theirs = another_hub.refer_and_accept(body)
    another_hub.answer(body["person"]["email"], "accept")
    another_hub.until(theirs["referral"], "placed")
    hub.answer(offered["email"], "accept")
    assert hub.status(offered["referral"]) == "offered"
    assert topic in operate(stack, "scheduling", "resume")
    hub.until(offered["referral"], "placed")
    assert httpx.get(f"{url}/workersz").json()["halted"] == [], "it does not halt again"


def test_a_genuine_record_copied_to_another_hub_is_set_aside_there(
    hub: Hub, another_hub: Hub, stack: Stack, kafka: KafkaProducer, offered: dict[str, Any]
) -> None:
    for family, readers in (("scheduling", ("referral", "notifications")), ("referral", ("scheduling", "notifications"))):
        send(kafka, f"{family}.{another_hub.code}", first_of(stack, f"{family}.{hub.code}", offered["participant"]))
        for reader in readers:
            (row,) = eventually(lambda family=family, reader=reader: of_family(family, parked(stack, reader, another_hub)))
            assert row["detail"] == f"its signature is not {family}'s: it was altered, or copied from another topic"
    assert hub.status(offered["referral"]) == "offered"


def of_family(family: str, rows: list[Doc]) -> list[Doc]:
    return [row for row in rows if row["_id"].startswith(f"{family}.")]


def first_of(stack: Stack, topic: str, subject: str) -> Record:
    """The first record about the subject."""
    reader = KafkaConsumer(topic, **stack.place.operator.options, auto_offset_reset="earliest", consumer_timeout_ms=20_000)
    try:
        found = next(record for record in reader if record.key == subject.encode())
    finally:
        reader.close()
    return Record(found.key, found.value, tuple(found.headers))
