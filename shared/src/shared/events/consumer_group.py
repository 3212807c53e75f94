"""A worker's place in its consumer group: how it joins, which partitions are left out, and how it leaves.

Membership is static (ADR 0009): a worker that returns gets the partitions it had, without a new assignment. A partition left
out once (by an assignor without metadata, or because a hub is new) would therefore stay left out until the worker leaves.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient, MemberToRemove
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import UnknownTopicOrPartitionError

from shared.events.account import Account
from shared.events.kafka import RECONNECT_WITHIN_MS
from shared.process.logs import log

Described = dict[str, Any]  # a topic, or a member of a group, as kafka-python describes it

METADATA_WITHIN = 5.0  # seconds; a topic that is still unknown then does not exist


class PatientAssignor(RangePartitionAssignor):  # type: ignore[misc]  # kafka-python ships no types
    """Assigns nothing until the partitions of every topic are known: kafka-python's own assigns an unknown topic to nobody.

    kafka-python drops a request for metadata that is made while an older one is in flight, and asks again only after
    metadata_max_age_ms. It asks before each call of `assign`, whose error has the join repeated until the answer is there.
    """

    def __init__(self, within: float = METADATA_WITHIN) -> None:
        self._within, self._since = within, 0.0

    def assign(self, cluster: Any, members: Any) -> Any:
        topics = {topic for member in members for topic in member.metadata.topics}
        unknown = sorted(topic for topic in topics if not cluster.partitions_for_topic(topic))
        if unknown and self._is_early():
            raise UnknownTopicOrPartitionError(", ".join(unknown))
        self._since = 0.0
        if unknown:
            log().error("topics_not_there", topics=unknown, cure="run the indexes command")
        return super().assign(cluster, members)

    def _is_early(self) -> bool:
        self._since = self._since or time.monotonic()
        return time.monotonic() - self._since < self._within


class ConsumerGroup:
    """worker: the name of this process in the group; the same after a restart."""

    def __init__(self, account: Account, group: str, worker: str, topics: Iterable[str]) -> None:
        self._account, self._group, self._worker, self._topics = account, group, worker, list(topics)

    def join(self) -> KafkaConsumer:
        """A consumer that commits manually. Restarted under its name after a kill -9, it rejoins at once instead of
        after the session timeout."""
        made = KafkaConsumer(
            **self._account.options,
            group_id=self._group,
            group_instance_id=self._worker,
            partition_assignment_strategy=[PatientAssignor()],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=100,
            max_poll_interval_ms=600_000,
            session_timeout_ms=6000,
            heartbeat_interval_ms=1500,
            fetch_max_wait_ms=100,
            reconnect_backoff_max_ms=RECONNECT_WITHIN_MS,
            metadata_max_age_ms=30_000,
        )
        made.subscribe(topics=self._topics)
        return made

    def left_out(self) -> list[str]:
        """The partitions of our topics that no member has; none while the group is rebalancing.

        A member without partitions is no fault by itself: there may be more members than partitions.
        """
        with self._admin() as admin:
            described = admin.describe_groups([self._group])[self._group]
            if described["group_state"] != "Stable":
                return []
            return sorted(set(_partitions(admin.describe_topics(self._topics))) - set(_assigned(described["members"])))

    def leave(self) -> None:
        """End the static membership, so that joining anew brings a new assignment."""
        with self._admin() as admin:
            admin.remove_group_members(self._group, [MemberToRemove(group_instance_id=self._worker)])

    @contextmanager
    def _admin(self) -> Iterator[KafkaAdminClient]:
        admin = KafkaAdminClient(**self._account.options, request_timeout_ms=3000, bootstrap_timeout_ms=3000)
        try:
            yield admin
        finally:
            admin.close()


def _partitions(topics: Iterable[Described]) -> Iterator[str]:
    return (f"{topic['name']}/{each['partition_index']}" for topic in topics for each in topic["partitions"])


def _assigned(members: Iterable[Described]) -> Iterator[str]:
    for member in members:
        for assigned in (member["member_assignment"] or {}).get("assigned_partitions", []):
            yield from (f"{assigned['topic']}/{partition}" for partition in assigned["partitions"])
