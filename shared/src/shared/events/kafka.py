"""kafka-python clients, set up as measured (docs/adr/0018), and the hubs' topics."""

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from shared.errors import Retryable
from shared.process.hubs import Hub, Hubs

_EXISTS = 36  # TOPIC_ALREADY_EXISTS: https://kafka.apache.org/protocol.html#protocol_error_codes

RECONNECT_WITHIN_MS = 1000  # the longest pause between two tries; kafka-python's is 30 s, for as long nobody sees a broker that is back
FAMILIES = ("referral", "scheduling", "notifications", "contacts")


class TopicsNotMade(RuntimeError):
    """The broker refused to make a topic; the message names each with Kafka's error code."""


def topic(family: str, hub: str) -> str:
    return f"{family}.{hub}"


def producer(address: str) -> KafkaProducer:
    """An idempotent producer. It is unusable after a fatal error: close it and make another; the outbox loses nothing."""
    return KafkaProducer(
        bootstrap_servers=address,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_request_size=1024 * 1024,
        request_timeout_ms=5000,
        delivery_timeout_ms=10000,
        max_block_ms=5000,
        reconnect_backoff_max_ms=RECONNECT_WITHIN_MS,
    )


def ensure_topics(address: str, hubs: Hubs) -> None:
    """Create the missing topics of every family for every hub. Contacts are compacted: erasure is a tombstone.

    Raises TopicsNotMade; Retryable while the broker is unavailable. A topic that another service has just made is no error.
    """
    try:
        admin = KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=3000)
    except KafkaError as error:
        raise Retryable(f"no broker answers at {address} ({type(error).__name__})") from error
    try:
        there = set(admin.list_topics())
        wanted = {topic(family, hub.code): _options(family, hub) for hub in hubs.values() for family in FAMILIES}
        missing = {name: options for name, options in wanted.items() if name not in there}
        made = admin.create_topics(missing, raise_errors=False)["topics"] if missing else []
        failed = [f"{row['name']}: error {row['error_code']}" for row in made if row["error_code"] not in {0, _EXISTS}]
        if failed:
            raise TopicsNotMade("; ".join(failed))
        admin.wait_for_topics(list(wanted))
    finally:
        admin.close()


def _options(family: str, hub: Hub) -> dict[str, object]:
    settings = {"cleanup.policy": "compact"} if family == "contacts" else {"retention.ms": str(30 * 24 * 3600 * 1000)}
    return {"num_partitions": hub.partitions, "replication_factor": -1, "configs": settings}


def is_reachable(address: str, timeout_ms: int = 2000) -> bool:
    """Whether the broker answers a request for metadata in time."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=address, request_timeout_ms=timeout_ms, bootstrap_timeout_ms=timeout_ms)
    except KafkaError:
        return False
    admin.close()
    return True
