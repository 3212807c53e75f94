"""Facts leave: written beside the state they follow from, in the same transaction; the relay publishes them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from ulid import ULID

from shared import contracts
from shared.events.envelope import Envelope, as_json
from shared.events.tracing import Cause
from shared.store.mongo import Doc
from shared.store.unit import Unit

COLLECTION = "outbox"
KEPT = timedelta(days=30)


def add(unit: Unit, subject: str, said: int, facts: Sequence[contracts.Fact]) -> None:
    """Write `facts` as rows, numbered on from `said`. Raises marshmallow.ValidationError for a fact that does not fit."""
    if facts:
        rows = [_row(unit, subject, said + number, fact) for number, fact in enumerate(facts, 1)]
        unit.db[COLLECTION].insert_many(rows, session=unit.session)


def _row(unit: Unit, subject: str, sequence: int, fact: contracts.Fact) -> Doc:
    event = contracts.described(fact)
    return {
        "_id": str(ULID()),
        "hub": unit.hub,
        "service": event.service,
        "topic": f"{event.topic}.{unit.hub}",
        "type": event.type,
        "subject": subject,
        "sequence": sequence,
        "time": unit.now,
        "correlation": unit.cause.correlation,
        "causation": unit.cause.causation,
        "traceparent": unit.cause.traceparent,
        "data": as_json(contracts.serialised(fact)),
        "unpublished": True,
    }


def envelope(row: Doc) -> Envelope:
    """The event of an outbox row; the same row gives the same event, with the same id, however often it is sent."""
    cause = Cause(row["correlation"], row["causation"], row["traceparent"])
    time: datetime = row["time"]
    return Envelope(
        row["_id"], row["service"], row["hub"], row["type"], row["subject"], row["sequence"], time, cause, json.loads(row["data"])
    )
