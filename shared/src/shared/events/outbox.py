"""Facts leave: written beside the state they follow from, in the same transaction; the relay publishes them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo.database import Database
from ulid import ULID

from shared import contracts
from shared.events import parking, positions
from shared.events.envelope import Envelope, as_json
from shared.events.tracing import Cause
from shared.process.clock import utc_now
from shared.store.mongo import Doc
from shared.store.unit import Unit

COLLECTION = "outbox"
KEPT = timedelta(days=30)


class NotItsSubject(ValueError):
    """A fact was to be published under another subject than the one it is about."""


def add(unit: Unit, subject: str, hub: str, last_sequence: int, facts: Sequence[contracts.Fact]) -> int:
    """Write `facts` about `subject` as rows, numbered on from `last_sequence`, on the topic of the subject's own hub. The last number.

    Raises marshmallow.ValidationError for a fact that does not fit, NotItsSubject for one that is about somebody else.
    """
    rows = []
    for fact in facts:
        last_sequence = _next(last_sequence, contracts.described(fact))
        rows.append(_row(unit, subject, hub, last_sequence, fact))
        _end_histories(unit, subject, contracts.described(fact))
    if rows:
        unit.db[COLLECTION].insert_many(rows, session=unit.session)
    return last_sequence


def _end_histories(unit: Unit, subject: str, event: contracts.Event) -> None:
    """Whoever says the last of a subject hears no more of it either, and keeps nothing of what was set aside."""
    if event.is_final:
        positions.end(unit, subject, event)
        parking.forget(unit, subject)


def _next(last_sequence: int, event: contracts.Event) -> int:
    """The number after the last; what may skip a gap takes the real time in milliseconds, if that is more.

    A store that was restored has forgotten numbers that readers have heard of, and what it then says under them is taken for what came
    before: what says all there is must lie above all of them, and whatever follows it lies above it.
    """
    may_skip = event.is_state or event.family == "contacts"
    return max(last_sequence + 1, int(utc_now().timestamp() * 1000) if may_skip else 0)


def _row(unit: Unit, subject: str, hub: str, sequence: int, fact: contracts.Fact) -> Doc:
    event = contracts.described(fact)
    if contracts.subject_of(fact) != subject:
        raise NotItsSubject(f"{event.type} is not about {subject}")
    return {
        "_id": str(ULID()),
        "hub": hub,
        "service": event.service,
        "family": event.family,
        "topic": f"{event.family}.{hub}",
        "type": event.type,
        "subject": subject,
        "sequence": sequence,
        "time": utc_now(),  # the wire's clock is real, whatever the domain calls now
        "correlation": unit.cause.correlation,
        "causation": unit.cause.causation,
        "traceparent": unit.cause.traceparent,
        "data": None if event.is_tombstone else as_json(contracts.serialised(fact)),
        "unpublished": True,
    }


def ids_among(db: Database[Doc], ids: Sequence[str]) -> set[str]:
    """Those of these events that this store has written and still keeps."""
    return {row["_id"] for row in db[COLLECTION].find({"_id": {"$in": list(ids)}}, {"_id": 1})}


def oldest(db: Database[Doc]) -> datetime | None:
    """When the oldest event was written that this store still keeps."""
    row = db[COLLECTION].find_one({}, {"time": 1}, sort=[("_id", 1)])  # ULIDs go by time
    return row["time"] if row else None


def envelope(row: Doc) -> Envelope:
    """The event of an outbox row; the same row gives the same event, with the same id, however often it is sent."""
    cause = Cause(row["correlation"], row["causation"], row["traceparent"])
    data = None if row["data"] is None else json.loads(row["data"])
    what = (row["type"], row["subject"], row["sequence"], row["time"], cause, data)
    return Envelope(row["_id"], row["service"], row["hub"], *what)
