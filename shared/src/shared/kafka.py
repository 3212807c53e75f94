"""kafka-python clients, set up as measured in the design, and the hubs' topics."""

from collections.abc import Iterable, Mapping

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from shared.hubs import Hubs
from shared.logs import log

FAMILIES = ("referral", "scheduling", "notifications", "contacts")


def topic(family: str, hub: str) -> str:
    return f"{family}.{hub}"


def producer(address: str) -> KafkaProducer:
    """An idempotent producer. It is dead after a fatal error: close it and make another; the outbox is the record."""
    return KafkaProducer(
        bootstrap_servers=address,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_request_size=1024 * 1024,
        request_timeout_ms=5000,
        delivery_timeout_ms=10000,
        max_block_ms=5000,
    )


def consumer(address: str, group: str, worker: str, topics: Iterable[str]) -> KafkaConsumer:
    """A consumer that commits by hand. `worker` is its static membership: restarted under the same name after a
    kill -9, it is back at once instead of after the session time-out."""
    made = KafkaConsumer(
        bootstrap_servers=address,
        group_id=group,
        group_instance_id=worker,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=100,
        max_poll_interval_ms=600_000,
        session_timeout_ms=6000,
        heartbeat_interval_ms=1500,
        fetch_max_wait_ms=100,
        metadata_max_age_ms=30_000,
    )
    made.subscribe(topics=list(topics))
    return made


def ensure_topics(address: str, hubs: Hubs) -> None:
    """Make what is missing of every family's topic for every hub. Contacts are compacted: erasure is a tombstone."""
    admin = KafkaAdminClient(bootstrap_servers=address)
    try:
        for hub in hubs.values():
            for family in FAMILIES:
                _ensure_topic(admin, topic(family, hub.code), hub.partitions, _settings(family))
    finally:
        admin.close()


def _settings(family: str) -> Mapping[str, str]:
    return {"cleanup.policy": "compact"} if family == "contacts" else {"retention.ms": str(30 * 24 * 3600 * 1000)}


def _ensure_topic(admin: KafkaAdminClient, name: str, partitions: int, settings: Mapping[str, str]) -> None:
    try:
        admin.create_topics([NewTopic(name, partitions, -1, topic_configs=dict(settings))])
        log().info("topic_made", topic=name, partitions=partitions)
    except TopicAlreadyExistsError:
        pass  # idempotent by design


def is_reachable(address: str, timeout_ms: int = 2000) -> bool:
    """Whether the broker answers a request for metadata in time."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=address, request_timeout_ms=timeout_ms, bootstrap_timeout_ms=timeout_ms)
    except KafkaError:
        return False
    admin.close()
    return True
