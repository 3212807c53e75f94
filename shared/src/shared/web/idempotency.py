"""Idempotency-Key: the same request sent twice has one effect and one answer.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import request
from pymongo.errors import DuplicateKeyError

from shared.errors import Stale
from shared.store.unit import Unit
from shared.web.callers import caller
from shared.web.problems import FieldProblem, Problem, invalid

COLLECTION = "idempotency"
KEPT = timedelta(hours=24)
LONGEST_KEY = 200

Answer = dict[str, Any]


def once(unit: Unit, do: Callable[[], Answer]) -> Answer:
    """`do`, unless this caller's key has been used: then the answer it gave. Kept in the transaction of the effect.

    Raises Problem 422 when the key came with another request before.
    """
    said = recall(unit)
    return said if said is not None else keep(unit, do())


def recall(unit: Unit) -> Answer | None:
    """What this caller's key was answered before, if it was used. Raises Problem 422 when that was for another request."""
    key = request.headers.get("Idempotency-Key")
    kept = unit.db[COLLECTION].find_one({"_id": _identity(key)}, session=unit.session) if key is not None else None
    if kept is None:
        return None
    if kept["asked"] != _asked():
        title = "This Idempotency-Key was used for another request"
        raise Problem(422, "idempotency-key-reused", title, "send a new key with a new request")
    said: Answer = kept["answer"]
    return said


def keep(unit: Unit, answer: Answer) -> Answer:
    """Remember the answer for this caller's key, if there is one; the answer itself."""
    key = request.headers.get("Idempotency-Key")
    if key is not None:
        row = {"_id": _identity(key), "asked": _asked(), "answer": answer, "at": unit.now}
        try:
            unit.db[COLLECTION].insert_one(row, session=unit.session)
        except DuplicateKeyError as error:  # the same request is being answered at this moment
            raise Stale("sent twice at once") from error
    return answer


def _asked() -> str:
    return hashlib.sha256(request.get_data(cache=True)).hexdigest()


def _identity(key: str) -> str:
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise invalid([FieldProblem("Idempotency-Key", "empty, too long or unprintable", f"use 1 to {LONGEST_KEY} characters")])
    return f"{caller().hub}|{caller().id}|{request.method}|{request.path}|{key}"
