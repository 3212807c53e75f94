"""Runs a use case for a route, which passes a command and gets the view of the result.

The unit of work and the Idempotency-Key wrap the use case, which depends on neither.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import current_app, request

from shared.store import idempotency
from shared.store.unit import Unit
from shared.store.use_cases import TwoSteps, UseCase, UseCases
from shared.validation.problems import FieldProblem
from shared.web.access import cause, principal
from shared.web.problems import invalid

C = TypeVar("C")
W = TypeVar("W")
R = TypeVar("R")

Body = dict[str, Any]
View = Callable[[R], Body]

LONGEST_KEY = 200
LONGEST_WORK = timedelta(seconds=70)  # more than the deadline of an import


def run(use_case: "UseCase[C, W, R]", command: C, view: "View[R]") -> Body:
    """The view of a use case's result, run in one transaction and once only for each Idempotency-Key."""
    asked = _asked()
    if isinstance(use_case, TwoSteps) and (before := _answered(asked)) is not None:
        return before  # without preparing again: a change since the first answer must not refuse its repetition

    def once(unit: Unit, decide: Callable[[], R]) -> Body:
        answered = idempotency.recall(unit, asked)
        return answered if answered is not None else idempotency.keep(unit, asked, view(decide()))

    answer: Body = _use_cases().around(use_case, command, principal().hub, cause(), once)
    return answer


def run_each(do: Callable[[], Body]) -> Body:
    """Run `do`, work of many transactions each safe to repeat, unless the Idempotency-Key has been answered. Requests with the same key
    that come at once wait for the first, and get its answer."""
    asked = _asked()
    if (before := _answered(asked)) is not None:
        return before
    db = _use_cases().store.read(principal().hub, cause(), lambda unit: unit.db)
    with idempotency.alone(db, asked, LONGEST_WORK):
        if (before := _answered(asked)) is not None:
            return before
        done = do()
        keep = lambda unit: idempotency.recall(unit, asked) or idempotency.keep(unit, asked, done)
        return _use_cases().store.run(principal().hub, cause(), keep)


def run_one(use_case: "UseCase[C, W, R]", command: C) -> R:
    """One of the transactions of `run_each`."""
    return _use_cases().run(use_case, command, principal().hub, cause())


def in_store(do: Callable[[Unit], R]) -> R:
    """What belongs to the answer and not to a use case, such as a long report, in a transaction of its own."""
    return _use_cases().store.run(principal().hub, cause(), do)


def read(use_case: Callable[[C, W], R], query: C) -> R:
    """The result of a use case that only reads, for the principal's hub."""
    return _use_cases().read(use_case, query, principal().hub, cause())


def _use_cases() -> UseCases:
    found: UseCases = current_app.extensions["use_cases"]
    return found


def _answered(asked: idempotency.Request | None) -> idempotency.Answer | None:
    """The earlier answer to this request, if any, read outside any transaction."""
    return _use_cases().store.read(principal().hub, cause(), lambda unit: idempotency.recall(unit, asked))


def _asked() -> idempotency.Request | None:
    """The digests under which the request is stored; None without an Idempotency-Key."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise invalid(
            [FieldProblem("Idempotency-Key", "is empty, too long or contains unprintable characters", f"use 1 to {LONGEST_KEY} characters")]
        )
    identity = f"{principal().hub}|{principal().key}|{request.method}|{request.path}|{key}"
    return idempotency.Request(_digest(identity.encode()), _digest(request.get_data(cache=True)))


def _digest(of: bytes) -> str:
    """Neither a key, which a caller may derive from a name, nor a body is stored in the clear."""
    return hashlib.sha256(of).hexdigest()
