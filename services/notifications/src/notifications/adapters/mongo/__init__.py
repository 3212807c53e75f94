"""The service's own store, behind the ports."""

from pymongo import ASCENDING
from pymongo.database import Database

from shared.store.mongo import Doc

MESSAGES, STANDINGS, CONTACTS = "messages", "standings", "contacts"
COLLECTIONS = (MESSAGES, STANDINGS, CONTACTS)


def ensure_indexes(db: Database[Doc]) -> None:
    """Create one for each frequent query; safe to repeat."""
    db[MESSAGES].create_index([("state", ASCENDING), ("due", ASCENDING)])
    db[MESSAGES].create_index([("hub", ASCENDING), ("person", ASCENDING), ("_id", ASCENDING)])
    db[MESSAGES].create_index([("hub", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)])
    db[STANDINGS].create_index([("hub", ASCENDING), ("newest.state", ASCENDING), ("_id", ASCENDING)])
    db[STANDINGS].create_index([("hub", ASCENDING), ("_id", ASCENDING)])
    ahead = {"remind_from": {"$type": "date"}}
    db[STANDINGS].create_index([("hub", ASCENDING), ("remind_from", ASCENDING)], partialFilterExpression=ahead)
