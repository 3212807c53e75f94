"""Kafka lets in its users only, and each service does on it what the picture in docs/architecture.md has an arrow for, and nothing else."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, KafkaAdminClient, MemberToRemove
from kafka.admin import UserScramCredentialUpsertion as Credential
from kafka.errors import KafkaError, TopicAuthorizationFailedError
from kafka.structs import TopicPartition

from embedded.stack import Stack
from shared.errors import Retryable
from shared.events.access import Grant, all_of, give_access, grants
from shared.events.account import PLAIN, SCRAM, Account
from shared.events.kafka import ensure_topics, is_reachable
from shared.events.topics import FAMILIES, SERVICES, heard_by, owned_by, topic
from shared.process.hubs import read_hubs
from support.hub import fresh_hub

TOPIC_REFUSED = 29  # https://kafka.apache.org/protocol.html#protocol_error_codes
Forbidden = Callable[[KafkaAdminClient, str, str], object]

MEMBER = MemberToRemove(group_instance_id="1")
PAIRS = [(service, family) for service in SERVICES for family in FAMILIES]


@pytest.fixture(scope="module")
def hub(stack: Stack) -> str:
    """A hub whose topics only these tests use."""
    return fresh_hub(stack).code


@pytest.fixture
def account(stack: Stack) -> Callable[[str], Account]:
    return stack.place.account


def write(account: Account, topic: str) -> None:
    """Write what no consumer believes. Raises the broker's refusal."""
    producer = KafkaProducer(**account.options, max_block_ms=5000)
    try:
        producer.send(topic, key=b"nobody", value=b"nothing", partition=0).get(timeout=10)
    finally:
        producer.close(timeout=1)


def read(account: Account, topic: str) -> int:
    """How many records the first partition contains. Raises the broker's refusal."""
    consumer = KafkaConsumer(**account.options, auto_offset_reset="earliest", consumer_timeout_ms=5000)
    try:
        consumer.assign([TopicPartition(topic, 0)])
        end = consumer.end_offsets([TopicPartition(topic, 0)])[TopicPartition(topic, 0)]
        if end:
            next(consumer)
        return int(end)
    finally:
        consumer.close(autocommit=False)


@pytest.mark.parametrize(("service", "family"), PAIRS)
def test_a_service_writes_to_its_own_topics_only(account: Callable[[str], Account], hub: str, service: str, family: str) -> None:
    if family in owned_by(service):
        write(account(service), topic(family, hub))
    else:
        with pytest.raises(TopicAuthorizationFailedError):
            write(account(service), topic(family, hub))


@pytest.mark.parametrize(("service", "family"), PAIRS)
def test_a_service_reads_what_it_hears_and_what_it_has_published(stack: Stack, hub: str, service: str, family: str) -> None:
    write(stack.place.operator, topic(family, hub))
    if family in {*owned_by(service), *heard_by(service)}:
        assert read(stack.place.account(service), topic(family, hub))
    else:
        with pytest.raises(TopicAuthorizationFailedError):
            read(stack.place.account(service), topic(family, hub))


def as_admin(account: Account, ask: Callable[[KafkaAdminClient], Any]) -> Any:
    with closing(KafkaAdminClient(**account.options)) as admin:
        return ask(admin)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_makes_no_topic_of_anothers_and_none_beside_the_picture(stack: Stack, service: str) -> None:
    others = [family for family in FAMILIES if family not in owned_by(service)]
    names = [f"{family}.made-{uuid4().hex[:8]}" for family in (*others, "anything")]
    made = as_admin(stack.place.account(service), lambda admin: refusals(admin, names))
    assert made == dict.fromkeys(names, TOPIC_REFUSED)


def refusals(admin: KafkaAdminClient, names: list[str]) -> dict[str, int]:
    options = {"num_partitions": 1, "replication_factor": 1}
    answer = admin.create_topics({name: dict(options) for name in names}, raise_errors=False)
    return {row["name"]: row["error_code"] for row in answer["topics"]}


FORBIDDEN: dict[str, Forbidden] = {
    "delete its topic": lambda admin, own, _service: admin.delete_topics([own]),
    "delete its records": lambda admin, own, _service: admin.delete_records({TopicPartition(own, 0): 1}),
    "add partitions": lambda admin, own, _service: admin.create_partitions({own: 9}),
    "change its retention": lambda admin, own, _service: admin.alter_configs(
        [ConfigResource("TOPIC", own, {"retention.ms": "1"})], raise_on_unknown=False
    ),
    "change a user": lambda admin, _own, service: admin.alter_user_scram_credentials([Credential(service, SCRAM, "another")]),
    "change an ACL": lambda admin, _own, service: admin.create_acls([Grant("TOPIC", "contacts.", "READ").to(service)]),
    "see the ACLs": lambda admin, _own, service: admin.describe_acls(all_of(service)),
    "see how far another has read": lambda admin, _own, service: admin.list_group_offsets(f"{another(service)}.all"),
    "remove another's members": lambda admin, _own, service: admin.remove_group_members(f"{another(service)}.all", [MEMBER]),
    "delete another's group": lambda admin, _own, service: admin.delete_groups([f"{another(service)}.all"]),
}


def another(service: str) -> str:
    return SERVICES[SERVICES.index(service) - 1]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_only_the_operator_does_is_refused_to_a_service(stack: Stack, hub: str, service: str, what: str) -> None:
    own = topic(owned_by(service)[0], hub)
    write(stack.place.operator, own)
    assert re.search(r"AuthorizationFailed|needs ALTER permission", said(stack.place.account(service), FORBIDDEN[what], own, service))
    assert is_reachable(stack.place.account(service)), "it has its user still"


def said(account: Account, ask: Forbidden, own: str, service: str) -> str:
    """The error that was raised, or the answer: some requests are refused in it."""
    try:
        return str(as_admin(account, lambda admin: ask(admin, own, service)))
    except KafkaError as error:
        return type(error).__name__


def test_nobody_is_let_in_without_a_user_and_its_password(stack: Stack) -> None:
    service = stack.place.account("scheduling")
    assert is_reachable(service)
    for other in (
        replace(service, password="wrong"),
        replace(service, user="nobody"),
        replace(service, user="contacts"),
        replace(service, mechanism=PLAIN),
        replace(service, user=stack.place.operator.user),
        replace(service, user=stack.place.operator.user, mechanism=PLAIN),
    ):
        assert not is_reachable(other), other


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
def test_a_client_that_does_not_say_who_it_is_learns_nothing(stack: Stack, protocol: str) -> None:
    with pytest.raises(KafkaError):
        KafkaAdminClient(bootstrap_servers=stack.place.kafka, security_protocol=protocol, bootstrap_timeout_ms=2000)


def test_a_service_whose_password_is_wrong_says_who_was_not_let_in_and_where(stack: Stack) -> None:
    wrong = replace(stack.place.account("scheduling"), password="wrong")
    with pytest.raises(Retryable, match=rf"the broker at {stack.place.kafka} does not let scheduling in .* KAFKA_USER, KAFKA_PASSWORD"):
        ensure_topics(wrong, read_hubs(stack.place.hubs_file), owned_by("scheduling"))


def test_what_was_given_beside_the_grants_is_taken_back(stack: Stack) -> None:
    reads_contacts = Grant("TOPIC", "contacts.", "READ").to("scheduling")
    as_admin(stack.place.operator, lambda admin: admin.create_acls([reads_contacts]))
    give_access(stack.place.operator, {service: stack.place.password(service) for service in SERVICES})
    (found, _) = as_admin(stack.place.operator, lambda admin: admin.describe_acls(all_of("scheduling")))
    assert {(each.resource_pattern.resource_name, each.operation.name) for each in found} == {
        (grant.prefix, grant.operation) for grant in grants("scheduling")
    }
