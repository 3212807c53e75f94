"""Events that could not be handled, set aside in the consumer's own store with their reason until somebody decides."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared.events.envelope import Envelope, Signature
from shared.events.positions import Subject
from shared.events.tracing import Cause
from shared.process.clock import utc_now
from shared.store.mongo import Doc
from shared.store.unit import Unit

COLLECTION = "parked_events"
DROPPED = "dropped_events"

GAP = "gap"  # an earlier event of its subject has not arrived
BEHIND = "behind"  # an earlier event of its subject is parked
POISON = "poison"  # its handler refused it, or failed its retries
UNREADABLE = "unreadable"  # not an event of ours


@dataclass(frozen=True, slots=True)
class Parked:
    """One event set aside; `reason` is one of the four above, `detail` explains it."""

    envelope: Envelope
    reason: str
    detail: str


def park(unit: Unit, envelope: Envelope, reason: str, detail: str = "", attempts: int = 0) -> None:
    """Set an event aside, once, however often it arrives; one that was dropped stays dropped."""
    if _is_dropped(unit, envelope.id):
        return
    row = _row(envelope) | {"reason": reason, "detail": detail[:4000], "attempts": attempts, "parked_at": utc_now()}
    identity = {"_id": row.pop("_id")}
    unit.db[COLLECTION].update_one(identity, {"$setOnInsert": row}, upsert=True, session=unit.session)


def park_unreadable(unit: Unit, place: str, value: bytes | None, detail: str) -> None:
    """Set aside a record that is not an event, by its place, with the start of its value. One that was dropped stays dropped."""
    if _is_dropped(unit, place):
        return
    row = {"reason": UNREADABLE, "detail": detail, "value": (value or b"")[:4096], "parked_at": utc_now(), "hub": unit.hub}
    unit.db[COLLECTION].update_one({"_id": place}, {"$setOnInsert": row}, upsert=True, session=unit.session)


def parked_behind(db: Database[Doc], session: ClientSession | None, subjects: Sequence[Subject]) -> dict[Subject, list[Parked]]:
    """The parked events of each subject, in order."""
    found: dict[Subject, list[Parked]] = {}
    if not subjects:
        return found
    wanted = {"subject": {"$in": [subject for _, _, subject in subjects]}}
    for row in db[COLLECTION].find(wanted, session=session).sort("sequence", 1):
        found.setdefault((row["service"], row["family"], row["subject"]), []).append(_parked(row))
    return found


def unpark(unit: Unit, envelope: Envelope) -> None:
    unit.db[COLLECTION].delete_one({"_id": envelope.id}, session=unit.session)


def drop(unit: Unit, row: Doc, why: str) -> None:
    """Drop a parked event, with a written reason; its row moves to the dropped events."""
    unit.db[DROPPED].replace_one({"_id": row["_id"]}, row | {"why": why, "dropped_at": utc_now()}, upsert=True, session=unit.session)
    unit.db[COLLECTION].delete_one({"_id": row["_id"]}, session=unit.session)


def forget(unit: Unit, subject: str) -> None:
    """Delete all parked and dropped events of a subject, whichever service published them."""
    for name in (COLLECTION, DROPPED):
        unit.db[name].delete_many({"subject": subject}, session=unit.session)


def dropped(db: Database[Doc], session: ClientSession | None, subjects: Sequence[Subject]) -> dict[Subject, set[int]]:
    """The dropped sequence numbers of each subject: they count as handled when their turn comes."""
    found: dict[Subject, set[int]] = {}
    if not subjects:
        return found
    wanted = {"subject": {"$in": [subject for _, _, subject in subjects]}}
    for row in db[DROPPED].find(wanted, {"service": 1, "family": 1, "subject": 1, "sequence": 1}, session=session):
        found.setdefault((row["service"], row["family"], row["subject"]), set()).add(row["sequence"])
    return found


def _is_dropped(unit: Unit, identity: str) -> bool:
    return unit.db[DROPPED].find_one({"_id": identity}, {"_id": 1}, session=unit.session) is not None


def listed(db: Database[Doc], query: Mapping[str, object] | None = None) -> list[Doc]:
    """The parked events, oldest first, without the data."""
    return list(db[COLLECTION].find(dict(query or {}), {"data": 0, "value": 0}).sort("parked_at", 1))


def counts(db: Database[Doc]) -> dict[str, int]:
    """The number of parked events, by reason."""
    return {row["_id"]: row["n"] for row in db[COLLECTION].aggregate([{"$group": {"_id": "$reason", "n": {"$sum": 1}}}])}


def oldest(db: Database[Doc]) -> datetime | None:
    """When the oldest parked event was set aside."""
    row = db[COLLECTION].find_one({}, {"parked_at": 1}, sort=[("parked_at", 1)])
    return row["parked_at"] if row else None


def _row(envelope: Envelope) -> Doc:
    return {
        "_id": envelope.id,
        "service": envelope.service,
        "family": envelope.family,
        "hub": envelope.hub,
        "type": envelope.type,
        "subject": envelope.subject,
        "sequence": envelope.sequence,
        "time": envelope.time,
        "correlation": envelope.cause.correlation,
        "causation": envelope.cause.causation,
        "traceparent": envelope.cause.traceparent,
        "signature": {"key_id": envelope.signature.key_id, "value": envelope.signature.value} if envelope.signature else None,
        "data": None
        if envelope.data is None
        else json.dumps(envelope.data),  # as text, because JSON may contain what BSON cannot: large numbers, lone surrogates
    }


def _parked(row: Doc) -> Parked:
    cause = Cause(row["correlation"], row["causation"], row["traceparent"])
    data = None if row["data"] is None else json.loads(row["data"])
    what = (row["type"], row["subject"], row["sequence"], row["time"], cause, data)
    signature = Signature(**row["signature"]) if row["signature"] else None
    envelope = Envelope(row["_id"], row["service"], row["hub"], *what, signature, row["family"])
    return Parked(envelope, row["reason"], row["detail"])
