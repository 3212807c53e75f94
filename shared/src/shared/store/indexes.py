"""Indexes of the collections that every service has. Idempotent: run before each start of a release."""

from pymongo import ASCENDING
from pymongo.database import Database

from shared.events import offsets, outbox, parking
from shared.process.loop import BEATS
from shared.store import idempotency
from shared.store.mongo import Doc

# Not every store we run on lets a transaction create a collection implicitly, so all are made beforehand.
COLLECTIONS = (
    outbox.COLLECTION,
    "inbox",
    parking.COLLECTION,
    parking.DROPPED,
    idempotency.COLLECTION,
    BEATS,
    "leases",
    "consumer_halts",
    offsets.COLLECTION,
    "metrics",
)


def ensure(db: Database[Doc], *own: str) -> None:
    """Make the collections every service has and its `own`, and the shared indexes."""
    present = set(db.list_collection_names())
    for name in (*COLLECTIONS, *own):
        if name not in present:
            db.create_collection(name)
    waiting = {"unpublished": True}
    db[outbox.COLLECTION].create_index([("unpublished", ASCENDING), ("_id", ASCENDING)], partialFilterExpression=waiting)
    db[outbox.COLLECTION].create_index([("family", ASCENDING), ("subject", ASCENDING), ("sequence", ASCENDING)], unique=True)
    db[outbox.COLLECTION].create_index("published_at", expireAfterSeconds=int(outbox.KEPT.total_seconds()))
    db[parking.COLLECTION].create_index([("subject", ASCENDING), ("sequence", ASCENDING)])
    db[parking.DROPPED].create_index([("subject", ASCENDING), ("sequence", ASCENDING)])
    db[idempotency.COLLECTION].create_index("at", expireAfterSeconds=int(idempotency.KEPT.total_seconds()))
    db[offsets.COLLECTION].create_index("until", sparse=True)  # there is none, but after a restore
