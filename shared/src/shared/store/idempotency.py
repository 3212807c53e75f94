"""Idempotency keys: the same request sent twice has one effect and one answer.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from shared.errors import Stale
from shared.process.clock import utc_now
from shared.store.unit import Unit

COLLECTION = "idempotency"
KEPT = timedelta(hours=24)

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


def keep(unit: Unit, request: Request | None, answer: Answer) -> Answer:
    """Store the answer, in the transaction of its effect. Raises Stale when the same request is being answered at this moment."""
    if request:
        row = {"_id": request.identity, "asked": request.asked, "answer": answer, "at": utc_now()}
        try:
            unit.db[COLLECTION].insert_one(row, session=unit.session)
        except DuplicateKeyError as error:
            raise Stale("sent twice at once") from error
    return answer
