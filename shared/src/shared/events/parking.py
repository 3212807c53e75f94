"""Events that could not be handled, set aside in the consumer's own store with their reason until somebody decides."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared.events.arrivals import Arrival, Unreadable
from shared.events.envelope import (
    LARGEST_RECORD,
    LONGEST_HEADER,
    BadEnvelope,
    Envelope,
    Record,
    from_record,
    read_headers,
    to_record,
)
from shared.events.positions import Subject
from shared.process.clock import utc_now
from shared.store.mongo import Doc
from shared.store.unit import Unit

COLLECTION = "parked_events"
DROPPED = "dropped_events"
MOST_HEADERS = 40

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
    row = row_of(envelope) | {"reason": reason, "detail": detail[:4000], "attempts": attempts, "parked_at": utc_now()}
    identity = {"_id": row.pop("_id")}
    unit.db[COLLECTION].update_one(identity, {"$setOnInsert": row}, upsert=True, session=unit.session)


def park_unreadable(unit: Unit, record: Unreadable) -> None:
    """Set aside a record that is not an event, by its place. One that was dropped stays dropped. Nothing of it is parsed here."""
    arrival = record.arrival
    if _is_dropped(unit, arrival.place):
        return
    row = {"reason": UNREADABLE, "detail": record.why[:4000], "parked_at": utc_now(), "hub": unit.hub}
    row |= bytes_of(arrival.record)
    unit.db[COLLECTION].update_one({"_id": arrival.place}, {"$setOnInsert": row}, upsert=True, session=unit.session)


def arrival(row: Doc) -> Arrival:
    """A record that could not be read, as it arrived."""
    record = _record(row)
    return Arrival(row["_id"], row["hub"], record.key, record.value, record.headers)


def parked_behind(db: Database[Doc], session: ClientSession | None, subjects: Sequence[Subject]) -> dict[Subject, list[Parked]]:
    """The parked events of each subject, in order."""
    found: dict[Subject, list[Parked]] = {}
    if not subjects:
        return found
    wanted = {"subject": {"$in": [subject for _, _, subject in subjects]}}
    for row in db[COLLECTION].find(wanted, session=session).sort("sequence", 1):
        with suppress(BadEnvelope):  # by the rules of a later release: it stays parked, and what is behind it waits
            found.setdefault((row["service"], row["family"], row["subject"]), []).append(parked(row))
    return found


def unpark(unit: Unit, identity: str) -> None:
    """identity: of the event, or the place of a record that could not be read."""
    unit.db[COLLECTION].delete_one({"_id": identity}, session=unit.session)


def drop(unit: Unit, row: Doc, why: str) -> None:
    """Drop a parked event, with a written reason; its row moves to the dropped events."""
    unit.db[DROPPED].replace_one({"_id": row["_id"]}, row | {"why": why, "dropped_at": utc_now()}, upsert=True, session=unit.session)
    unit.db[COLLECTION].delete_one({"_id": row["_id"]}, session=unit.session)


def forget(unit: Unit, subject: str) -> None:
    """Delete all parked and dropped events of a subject, whichever service published them; also records that could not be read, whose
    key alone says whom they are about."""
    for name in (COLLECTION, DROPPED):
        for theirs in ({"subject": subject}, {"reason": UNREADABLE, "key": subject.encode()}):
            unit.db[name].delete_many(theirs, session=unit.session)


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
    return list(db[COLLECTION].find(dict(query or {}), {"key": 0, "value": 0, "headers": 0}).sort("parked_at", 1))


def counts(db: Database[Doc]) -> dict[str, int]:
    """The number of parked events, by reason."""
    return {row["_id"]: row["n"] for row in db[COLLECTION].aggregate([{"$group": {"_id": "$reason", "n": {"$sum": 1}}}])}


def oldest(db: Database[Doc]) -> datetime | None:
    """When the oldest parked event was set aside."""
    row = db[COLLECTION].find_one({}, {"parked_at": 1}, sort=[("parked_at", 1)])
    return row["parked_at"] if row else None


def row_of(envelope: Envelope) -> Doc:
    return {
        "_id": envelope.id,
        "service": envelope.service,
        "family": envelope.family,
        "hub": envelope.hub,
        "type": envelope.type,
        "subject": envelope.subject,
        "sequence": envelope.sequence,
        **bytes_of(envelope.record or to_record(envelope)),
    }


def bytes_of(record: Record) -> Doc:
    """The bytes as they came, within bounds: a store need not be able to hold what they mean."""
    headers = [[name[:LONGEST_HEADER], found[:LONGEST_HEADER]] for name, found in read_headers(record.headers).items()]
    kept = (None if found is None else found[:most] for found, most in ((record.key, LONGEST_HEADER), (record.value, LARGEST_RECORD)))
    return {**dict(zip(("key", "value"), kept, strict=True)), "headers": headers[:MOST_HEADERS]}


def _record(row: Doc) -> Record:
    return Record(row["key"], row["value"], tuple((name, found) for name, found in row["headers"]))


def parked(row: Doc) -> Parked:
    record = _record(row)
    envelope = replace(from_record(record.key, record.value, record.headers), family=row["family"])
    return Parked(envelope, row["reason"], row["detail"])
