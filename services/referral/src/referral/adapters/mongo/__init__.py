"""The service's own store, behind the ports: a repository for each kind of aggregate."""

from collections.abc import Iterable

from pymongo import ASCENDING
from pymongo.database import Database

from shared.store import reports
from shared.store.mongo import Doc

COLLECTIONS = ("referrals", "participants", "contacts", "staff", "modalities", reports.COLLECTION)


def ensure_indexes(db: Database[Doc]) -> None:
    """Safe to repeat. The unique ones prevent what concurrent transactions cannot see: two open referrals or participants for a person."""
    one_open, known = {"is_open": True}, {"state": "known"}
    db["referrals"].create_index(_up("hub", "index"), unique=True, partialFilterExpression=one_open, name="one_open")
    db["referrals"].create_index(_up("hub", "shown_status", "_id"))
    db["referrals"].create_index(_up("hub", "_id"))
    db["referrals"].create_index(_up("hub", "participant"))
    db["participants"].create_index(_up("hub", "index"), unique=True, partialFilterExpression=known, name="one_known")
    db["participants"].create_index(_up("hub", "state", "_id"))
    db["staff"].create_index(_up("hub", "index"), unique=True)
    db["modalities"].create_index(_up("hub", "code"))
    db[reports.COLLECTION].create_index("at", expireAfterSeconds=int(reports.KEPT.total_seconds()))


def hubs_without_catalogue(db: Database[Doc], hubs: Iterable[str]) -> list[str]:
    """The hubs for which scheduling has not listed its catalogue yet."""
    listed = set(db["modalities"].distinct("hub"))
    return [hub for hub in hubs if hub not in listed]


def unfinished_erasures(db: Database[Doc]) -> int:
    """The number of erased participants whose key has still to be destroyed."""
    return db["participants"].count_documents({"state": "erasing"})


def _up(*names: str) -> list[tuple[str, int]]:
    return [(name, ASCENDING) for name in names]
