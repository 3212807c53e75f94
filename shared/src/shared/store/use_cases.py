"""Runs use cases: each gets a fresh Work of the type in its signature, in a unit of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar, get_type_hints

from shared.errors import Stale
from shared.events.tracing import Cause
from shared.store.transactions import TRIES, Store
from shared.store.unit import Unit

C = TypeVar("C")  # a command or query: a frozen dataclass
P = TypeVar("P")  # what was prepared
W = TypeVar("W")  # the Work of a family of use cases
R = TypeVar("R")
A = TypeVar("A")  # what is answered

WorkFactories = Mapping[type, Callable[[Unit], Any]]


@dataclass(frozen=True, slots=True)
class TwoSteps(Generic[C, P, W, R]):
    """A use case with remote calls: `prepare` reads and seals outside any transaction; `decide` writes, and calls nothing remote.

    If the preparation no longer fits, `decide` raises Stale, and both are run again.
    """

    prepare: Callable[[C, W], P]
    decide: Callable[[C, P, W], R]


UseCase = Callable[[C, W], R] | TwoSteps[C, Any, W, R]


@dataclass(frozen=True, slots=True)
class UseCases:
    """works: makes each kind of Work from a Unit; the service's bootstrap lists them."""

    store: Store
    works: WorkFactories

    def run(self, use_case: "UseCase[C, W, R]", command: C, hub: str, cause: Cause) -> R:
        """Run a use case in one transaction; decide again if the data has changed meanwhile."""
        done: R = self.around(use_case, command, hub, cause, lambda _unit, decide: decide())
        return done

    def around(self, use_case: "UseCase[C, W, R]", command: C, hub: str, cause: Cause, wrap: Callable[[Unit, Callable[[], R]], A]) -> A:
        """The same with `wrap` inside the transaction: it gets the unit and the decision, and may answer without deciding."""
        if not isinstance(use_case, TwoSteps):
            return self.store.run(hub, cause, lambda unit: wrap(unit, lambda: self.within(unit, use_case, command)))
        for _attempt in range(TRIES - 1):
            try:
                return self._in_two_steps(use_case, command, hub, cause, wrap)
            except Stale:
                continue
        return self._in_two_steps(use_case, command, hub, cause, wrap)

    def read(self, use_case: Callable[[C, W], R], query: C, hub: str, cause: Cause) -> R:
        """Run a use case that only reads, outside any transaction."""
        return self.store.read(hub, cause, lambda unit: self.within(unit, use_case, query))

    def within(self, unit: Unit, use_case: Callable[[C, W], R], command: C) -> R:
        """Run a use case in a unit that is already open."""
        return use_case(command, self._work(use_case, unit))

    def _in_two_steps(
        self, steps: TwoSteps[C, Any, W, R], command: C, hub: str, cause: Cause, wrap: Callable[[Unit, Callable[[], R]], A]
    ) -> A:
        prepared = self.store.read(hub, cause, lambda unit: steps.prepare(command, self._work(steps.prepare, unit)))

        def decide(unit: Unit) -> A:
            return wrap(unit, lambda: steps.decide(command, prepared, self._work(steps.decide, unit)))

        return self.store.run(hub, cause, decide, tries=1)

    def _work(self, use_case: Callable[..., object], unit: Unit) -> Any:
        return self.works[_kind_of_work(use_case)](unit)


@cache
def _kind_of_work(use_case: Callable[..., object]) -> type:
    """The type of the parameter `work`."""
    kind: type = get_type_hints(use_case)["work"]
    return kind
