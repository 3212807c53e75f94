"""Events to be published: written with the state they follow from, in one transaction; the relay publishes them."""

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
    """Write `facts` about `subject` as rows for its own hub's topic, numbered after `last_sequence`. Returns the last number.

    Raises marshmallow.ValidationError for an invalid fact, NotItsSubject for one about another subject.
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
    """A service that publishes a final event handles no more about its subject, and deletes what was parked of it."""
    if event.is_final:
        positions.end(unit, subject, event)
        parking.forget(unit, subject)


def _next(last_sequence: int, event: contracts.Event) -> int:
    """The number after the last; an event that may skip a gap takes the real time in milliseconds, if that is more.

    A restored store has lost numbers that consumers have handled, and an event published under one of them counts as a duplicate.
    A state event must therefore be above all of them, and so is every event after it.
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
        "time": utc_now(),  # real time on the wire, whatever the domain's clock shows
        "correlation": unit.cause.correlation,
        "causation": unit.cause.causation,
        "traceparent": unit.cause.traceparent,
        "data": None if event.is_tombstone else as_json(contracts.serialised(fact)),
        "unpublished": True,
    }


def ids_among(db: Database[Doc], ids: Sequence[str]) -> set[str]:
    """The ids of those events that this store has written and still keeps."""
    return {row["_id"] for row in db[COLLECTION].find({"_id": {"$in": list(ids)}}, {"_id": 1})}


def oldest(db: Database[Doc]) -> datetime | None:
    """When the oldest event in the outbox was written; None if it is empty."""
    row = db[COLLECTION].find_one({}, {"time": 1}, sort=[("_id", 1)])  # ULIDs sort by time
    return row["time"] if row else None


def envelope(row: Doc) -> Envelope:
    """The event of an outbox row; the same row gives the same event, with the same id, however often it is sent."""
    cause = Cause(row["correlation"], row["causation"], row["traceparent"])
    data = None if row["data"] is None else json.loads(row["data"])
    what = (row["type"], row["subject"], row["sequence"], row["time"], cause, data)
    return Envelope(row["_id"], row["service"], row["hub"], *what)
