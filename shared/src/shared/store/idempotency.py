"""Idempotency keys: the same request sent twice has one effect and one answer.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.errors import Retryable, Stale
from shared.process.clock import utc_now
from shared.store.mongo import Doc
from shared.store.unit import Unit

COLLECTION = "idempotency"
KEPT = timedelta(hours=24)
UNDER_WAY = "under way: "  # before the id of the row of a request that is being answered
LOOK_EVERY = 0.1  # seconds

Answer = dict[str, Any]


class KeyReused(ValueError):
    """The key was used before for another request."""


@dataclass(frozen=True, slots=True)
class Request:
    """identity: a digest of the sender, the key and the route.  asked: one of the body."""

    identity: str
    asked: str


def recall(unit: Unit, request: Request | None) -> Answer | None:
    """The earlier answer to this request, if any. Raises KeyReused when its key came with another body."""
    kept = unit.db[COLLECTION].find_one({"_id": request.identity}, session=unit.session) if request else None
    if kept is None or request is None:
        return None
    if kept["asked"] != request.asked:
        raise KeyReused("use a new Idempotency-Key for each new request")
    answer: Answer = kept["answer"]
    return answer


@contextmanager
def alone(db: Database[Doc], request: Request | None, lasts: timedelta) -> Iterator[None]:
    """For work of several transactions: wait until no other request with this key is being answered, and hold up others meanwhile.
    A process that dies holds them up for `lasts`, which is to be more than the request's deadline.

    Raises Retryable when the other is neither answered nor given up within `lasts`.
    """
    if request is None:
        yield
        return
    claim, until = UNDER_WAY + request.identity, utc_now() + lasts
    while not _claimed(db, claim, lasts):
        if utc_now() >= until:
            raise Retryable("the same request is still being answered")
        time.sleep(LOOK_EVERY)
    try:
        yield
    finally:
        db[COLLECTION].delete_one({"_id": claim})


def _claimed(db: Database[Doc], claim: str, lasts: timedelta) -> bool:
    now = utc_now()
    db[COLLECTION].delete_one({"_id": claim, "at": {"$lt": now - lasts}})
    try:
        db[COLLECTION].insert_one({"_id": claim, "at": now})
    except DuplicateKeyError:
        return False
    return True


def keep(unit: Unit, request: Request | None, answer: Answer) -> Answer:
    """Store the answer, in the transaction of its effect. Raises Stale when the same request is being answered at this moment."""
    if request:
        row = {"_id": request.identity, "asked": request.asked, "answer": answer, "at": utc_now()}
        try:
            unit.db[COLLECTION].insert_one(row, session=unit.session)
        except DuplicateKeyError as error:
            raise Stale("sent twice at once") from error
    return answer
