"""How far this store has read each partition: saved with the effects, so that a restored store detects that Kafka is ahead.

Kafka's own offset is committed after the effects, so it is never ahead of ours unless the store was restored from a backup. Then the
consumer reads again from ours, and catches up to the end that the partition had when it started (docs/architecture.md, Order).
"""

from collections.abc import Iterable

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared.store.mongo import Doc

COLLECTION = "offsets"


def advance(db: Database[Doc], session: ClientSession | None, read: Iterable[tuple[str, int]]) -> None:
    """read: partitions (`topic/number`) with the offset after the last record taken from each."""
    further: dict[str, int] = {}
    for partition, offset in read:
        further[partition] = max(offset, further.get(partition, 0))
    if further:
        moves = [UpdateOne({"_id": name}, {"$max": {"next": offset}}, upsert=True) for name, offset in further.items()]
        db[COLLECTION].bulk_write(moves, session=session)


def is_new(db: Database[Doc]) -> bool:
    """Whether no partition has ever been assigned to this store."""
    return db[COLLECTION].find_one() is None


def to_begin_from(db: Database[Doc], partition: str, committed: int) -> int:
    """The offset from which a consumer reads the partition. A store that has never read it has nothing to catch up on: it
    starts from the committed offset."""
    rows = db[COLLECTION]
    rows.update_one({"_id": partition}, {"$setOnInsert": {"next": committed}}, upsert=True)
    row = rows.find_one({"_id": partition})
    return min(row["next"] if row else committed, committed)


def catch_up(db: Database[Doc], partition: str, first: int, end: int) -> int:
    """Store and return the offset up to which the partition is read a second time. Kafka's own no longer shows it once we
    commit. first, end: the range that Kafka still keeps; of an empty one nothing is read again."""
    ours = db[COLLECTION].find_one({"_id": partition}) or {"next": 0}
    until = end if first < end else ours["next"]
    db[COLLECTION].update_one({"_id": partition}, {"$max": {"until": until}}, upsert=True)
    return int(until)


def catching_up_until(db: Database[Doc], partition: str) -> int:
    """The first offset that is not a repeat; 0 for a store that was never restored."""
    row = db[COLLECTION].find_one({"_id": partition})
    return int(row.get("until", 0)) if row else 0


def restored(db: Database[Doc], topics: Iterable[str]) -> list[Doc]:
    """The rows of these topics' partitions that are or were read a second time, until `settle` is called."""
    chosen = set(topics)
    return [row for row in db[COLLECTION].find({"until": {"$exists": True}}) if row["_id"].rpartition("/")[0] in chosen]


def settle(db: Database[Doc], partitions: Iterable[str]) -> None:
    """Note that these have been read again and repaired."""
    for partition in partitions:
        db[COLLECTION].update_one({"_id": partition}, {"$unset": {"until": ""}})
