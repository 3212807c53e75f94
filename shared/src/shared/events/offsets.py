"""How far this store has read each partition: kept with the effects, so that a restored store knows that Kafka is ahead of it.

Kafka's own offset is committed after the effects, so it is never ahead of ours unless the store was restored from a backup. Then the
consumer reads again from ours, and is catching up until what was the end of the partition at its start (docs/architecture.md, Order).
"""

from collections.abc import Iterable

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared.store.mongo import Doc

COLLECTION = "offsets"


def advance(db: Database[Doc], session: ClientSession | None, read: Iterable[tuple[str, int]]) -> None:
    """read: partitions (`topic/number`) with the offset after the last record that was taken of each."""
    further: dict[str, int] = {}
    for partition, offset in read:
        further[partition] = max(offset, further.get(partition, 0))
    if further:
        moves = [UpdateOne({"_id": name}, {"$max": {"next": offset}}, upsert=True) for name, offset in further.items()]
        db[COLLECTION].bulk_write(moves, session=session)


def is_new(db: Database[Doc]) -> bool:
    """Whether this store has never been given a partition to read."""
    return db[COLLECTION].find_one() is None


def to_begin_from(db: Database[Doc], partition: str, committed: int) -> int:
    """Where a consumer that gets the partition reads from. A store that has never had it has nothing to catch up: it goes on from
    what Kafka keeps."""
    rows = db[COLLECTION]
    rows.update_one({"_id": partition}, {"$setOnInsert": {"next": committed}}, upsert=True)
    row = rows.find_one({"_id": partition})
    return min(row["next"] if row else committed, committed)


def catch_up(db: Database[Doc], partition: str, first: int, end: int) -> int:
    """Remember up to which offset the partition is read for the second time, and that offset. Kafka's own no longer says so once we
    commit. first, end: what Kafka still keeps; nothing is read again of a partition of which it keeps nothing."""
    ours = db[COLLECTION].find_one({"_id": partition}) or {"next": 0}
    until = end if first < end else ours["next"]
    db[COLLECTION].update_one({"_id": partition}, {"$max": {"until": until}}, upsert=True)
    return int(until)


def catching_up_until(db: Database[Doc], partition: str) -> int:
    """The offset from which nothing is a repeat; 0 for a store that was never restored."""
    row = db[COLLECTION].find_one({"_id": partition})
    return int(row.get("until", 0)) if row else 0


def restored(db: Database[Doc], topics: Iterable[str]) -> list[Doc]:
    """The partitions of these topics that are, or were, read for the second time, until they are `settled`."""
    chosen = set(topics)
    return [row for row in db[COLLECTION].find({"until": {"$exists": True}}) if row["_id"].rpartition("/")[0] in chosen]


def settle(db: Database[Doc], partitions: Iterable[str]) -> None:
    """What these were read again for has been set right."""
    for partition in partitions:
        db[COLLECTION].update_one({"_id": partition}, {"$unset": {"until": ""}})
