"""kafka-python clients, set up as measured (docs/adr/0018), and the hubs' topics."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from shared.errors import Retryable
from shared.events.account import Account
from shared.events.topics import topic
from shared.process.hubs import Hub, Hubs

_EXISTS = 36  # TOPIC_ALREADY_EXISTS: https://kafka.apache.org/protocol.html#protocol_error_codes

RECONNECT_WITHIN_MS = 1000  # the longest pause between two tries; kafka-python's is 30 s, for as long nobody sees a broker that is back


class TopicsNotMade(RuntimeError):
    """The broker refused to make a topic; the message names each with Kafka's error code."""


def producer(account: Account) -> KafkaProducer:
    """An idempotent producer. It is unusable after a fatal error: close it and make another; the outbox loses nothing."""
    return KafkaProducer(
        **account.options,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_request_size=1024 * 1024,
        request_timeout_ms=5000,
        delivery_timeout_ms=10000,
        max_block_ms=5000,
        reconnect_backoff_max_ms=RECONNECT_WITHIN_MS,
    )


@contextmanager
def admin_of(account: Account) -> Iterator[KafkaAdminClient]:
    """A client to ask or change something with. Raises Retryable while the broker is unavailable, or does not let this user in."""
    try:
        admin = KafkaAdminClient(**account.options, bootstrap_timeout_ms=3000)
    except KafkaError as error:
        raise Retryable(_why_not(account, error)) from error
    try:
        yield admin
    finally:
        admin.close()


def _why_not(account: Account, error: KafkaError) -> str:
    """kafka-python tries again whatever is wrong, and its error says only that time was up."""
    if not _listens(account.address):
        return f"no broker answers at {account.address} ({type(error).__name__})"
    cure = "check KAFKA_USER, KAFKA_PASSWORD and KAFKA_CA_FILE, and that the operator has given access (deploy/kafka_access.py)"
    return f"the broker at {account.address} does not let {account.user} in ({type(error).__name__}): {cure}"


def _listens(address: str) -> bool:
    host, _, port = address.partition(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except (OSError, ValueError):
        return False
    return True


def ensure_topics(account: Account, hubs: Hubs, families: Iterable[str]) -> None:
    """Create the missing topics of these families for every hub. Contacts are compacted: erasure is a tombstone.

    Raises TopicsNotMade; Retryable while the broker is unavailable. A topic that has just been made elsewhere is no error.
    """
    with admin_of(account) as admin:
        there = set(admin.list_topics())
        wanted = {topic(family, hub.code): _options(family, hub) for hub in hubs.values() for family in families}
        missing = {name: options for name, options in wanted.items() if name not in there}
        made = admin.create_topics(missing, raise_errors=False)["topics"] if missing else []
        failed = [f"{row['name']}: error {row['error_code']}" for row in made if row["error_code"] not in {0, _EXISTS}]
        if failed:
            raise TopicsNotMade("; ".join(failed))
        admin.wait_for_topics(list(wanted))


def _options(family: str, hub: Hub) -> dict[str, object]:
    settings = {"cleanup.policy": "compact"} if family == "contacts" else {"retention.ms": str(30 * 24 * 3600 * 1000)}
    return {"num_partitions": hub.partitions, "replication_factor": -1, "configs": settings}


def is_reachable(account: Account, timeout_ms: int = 2000) -> bool:
    """Whether the broker answers a request for metadata in time."""
    try:
        admin = KafkaAdminClient(**account.options, request_timeout_ms=timeout_ms, bootstrap_timeout_ms=timeout_ms)
    except KafkaError:
        return False
    admin.close()
    return True
