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
from shared.unit import Unit
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
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return do()
    identity, asked = _identity(key), hashlib.sha256(request.get_data(cache=True)).hexdigest()
    kept = unit.db[COLLECTION].find_one({"_id": identity}, session=unit.session)
    if kept is None:
        answer = do()
        row = {"_id": identity, "asked": asked, "answer": answer, "at": unit.now}
        try:
            unit.db[COLLECTION].insert_one(row, session=unit.session)
        except DuplicateKeyError as error:  # the same request is being answered at this moment
            raise Stale("sent twice at once") from error
        return answer
    if kept["asked"] != asked:
        title = "This Idempotency-Key was used for another request"
        raise Problem(422, "idempotency-key-reused", title, "send a new key with a new request")
    said: Answer = kept["answer"]
    return said


def _identity(key: str) -> str:
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise invalid([FieldProblem("Idempotency-Key", "empty, too long or unprintable", f"use 1 to {LONGEST_KEY} characters")])
    return f"{caller().hub}|{caller().id}|{request.method}|{request.path}|{key}"
