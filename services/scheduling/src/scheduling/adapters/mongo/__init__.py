"""The service's own store, behind the ports. It contains pseudonyms and blinded tokens, but no person's name in the clear."""

from pymongo import ASCENDING
from pymongo.database import Database

from scheduling.domain.memberships import LIVE
from shared.store.mongo import Doc

COLLECTIONS = ("people", "entries", "memberships", "groups", "sessions", "listings")

_LIVE = {"state": {"$in": list(LIVE)}}


def ensure_indexes(db: Database[Doc]) -> None:
    """Create the indexes, each for a frequent query; tests/system/test_indexes.py explains them."""
    db["people"].create_index("tokens.own")
    db["people"].create_index([("hub", ASCENDING), ("_id", ASCENDING)])
    db["entries"].create_index([("hub", ASCENDING), ("person", ASCENDING), ("_id", ASCENDING)])
    db["entries"].create_index("referral")
    db["entries"].create_index([("hub", ASCENDING), ("state", ASCENDING), ("rank", ASCENDING), ("clock", ASCENDING)])
    db["entries"].create_index(
        [("rank", ASCENDING), ("clock", ASCENDING), ("_id", ASCENDING)], partialFilterExpression={"state": "waiting"}
    )
    db["memberships"].create_index(
        [("group", ASCENDING), ("person", ASCENDING)], unique=True, partialFilterExpression=_LIVE, name="one_live"
    )
    db["memberships"].create_index([("person", ASCENDING), ("state", ASCENDING)])
    db["memberships"].create_index([("state", ASCENDING), ("deadline", ASCENDING)])
    db["groups"].create_index([("hub", ASCENDING), ("state", ASCENDING), ("is_full", ASCENDING)])
    db["groups"].create_index([("open_to", ASCENDING), ("state", ASCENDING)])
    db["groups"].create_index("roster.person")
    db["groups"].create_index([("state", ASCENDING), ("ends_at", ASCENDING)])
    db["sessions"].create_index([("group", ASCENDING), ("start", ASCENDING)])
