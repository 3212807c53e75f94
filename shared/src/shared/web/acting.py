"""How routes reach the use cases: `act` changes, `look` reads; both for the caller's hub only."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import current_app

from shared.store.documents import Store
from shared.store.unit import Unit
from shared.web import idempotency
from shared.web.callers import caller, cause

W = TypeVar("W")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Acting(Generic[W]):
    """make_work: the service's Work, fresh for each unit."""

    store: Store
    make_work: Callable[[Unit], W]

    def act(self, do: Callable[[W], R]) -> R:
        """Run a use case in one transaction; decide anew if somebody else was quicker."""
        return self.store.perform(caller().hub, cause(), lambda unit: do(self.make_work(unit)))

    def act_once(self, do: Callable[[W], idempotency.Answer]) -> idempotency.Answer:
        """The same, and once only for each Idempotency-Key."""

        def within(unit: Unit) -> idempotency.Answer:
            return idempotency.once(unit, lambda: do(self.make_work(unit)))

        return self.store.perform(caller().hub, cause(), within)

    def act_piecemeal(self, do: Callable[[], idempotency.Answer]) -> idempotency.Answer:
        """For work of many transactions, each safe to repeat: `do`, unless the Idempotency-Key has been answered."""
        hub, why = caller().hub, cause()
        said = self.store.look(hub, why, idempotency.recall)
        return said if said is not None else self._kept(do())

    def _kept(self, answer: idempotency.Answer) -> idempotency.Answer:
        return self.store.perform(caller().hub, cause(), lambda unit: idempotency.recall(unit) or idempotency.keep(unit, answer))

    def look(self, do: Callable[[W], R]) -> R:
        return self.store.look(caller().hub, cause(), lambda unit: do(self.make_work(unit)))


def acting() -> Acting[Any]:
    found: Acting[Any] = current_app.extensions["acting"]
    return found
