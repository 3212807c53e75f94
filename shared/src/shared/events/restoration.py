"""A store that was restored from a backup is repaired before its service decides anything by itself.

Its consumers first read again the events it had read (`catching_up`). Then the service publishes everybody's state: an event after a
restore has a number that its consumers may have handled, and only a state event is above all of them (docs/architecture.md, Order).
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError
from kafka.structs import TopicPartition
from pymongo.database import Database

from shared.errors import Retryable
from shared.events import offsets
from shared.events.account import Account
from shared.events.kafka import admin_of
from shared.process.clock import utc_now
from shared.process.logs import log
from shared.store.mongo import Doc

LOOK_EVERY = timedelta(seconds=1)


class Restoration:
    """topics: those that one deployment of a service consumes."""

    def __init__(self, db: Database[Doc], topics: Iterable[str]) -> None:
        self._db, self._topics = db, tuple(topics)
        self._looked: datetime | None = None

    def find(self, account: Account, group: str) -> None:
        """Mark the partitions of which, by Kafka's offsets, this store or its predecessor had read more. Called by `indexes`, before
        any worker starts. A store that has never read a partition has nothing to catch up on. Raises Retryable while the broker is
        unavailable.
        """
        if offsets.is_new(self._db):
            return
        try:
            with admin_of(account) as admin:
                self._compare(admin, group)
        except KafkaError as error:
            raise Retryable(f"the broker does not say how far {group} has read ({type(error).__name__})") from error

    def _compare(self, admin: KafkaAdminClient, group: str) -> None:
        committed = {at: kept.offset for at, kept in admin.list_group_offsets(group).get(group, {}).items() if at.topic in self._topics}
        ahead = [at for at, offset in committed.items() if offsets.to_begin_from(self._db, _name(at), offset) < offset]
        for at, first, end in _kept(admin, ahead):
            offsets.catch_up(self._db, _name(at), first, end)
            log().warning("restored", partition=_name(at), committed=committed[at], until=end)

    def is_under_way(self) -> bool:
        """Whether records are still to be read again, or the store is to be corrected after that. Where not, it looks once a second."""
        now = utc_now()
        if self._looked and self._looked <= now < self._looked + LOOK_EVERY:
            return False
        is_under_way = bool(offsets.restored(self._db, self._topics))
        self._looked = None if is_under_way else now
        return is_under_way

    def settled(self, set_right: Callable[[], object]) -> bool:
        """Whether the repair is complete. Calls `set_right` once everything has been read again; that may be repeated."""
        rows = offsets.restored(self._db, self._topics)
        if not rows:
            return True
        if any(row.get("next", 0) < row["until"] for row in rows):
            return False
        set_right()
        offsets.settle(self._db, [row["_id"] for row in rows])
        log().warning("set_right_after_restore", partitions=len(rows))
        return True


def _kept(admin: KafkaAdminClient, partitions: list[TopicPartition]) -> Iterable[tuple[TopicPartition, int, int]]:
    """Each partition with the first offset that Kafka still keeps, and the end."""
    if not partitions:
        return []
    first, end = (admin.list_partition_offsets(dict.fromkeys(partitions, of)) for of in (OffsetSpec.EARLIEST, OffsetSpec.LATEST))
    return [(at, first[at].offset, end[at].offset) for at in partitions]


def _name(at: TopicPartition) -> str:
    return f"{at.topic}/{at.partition}"
