"""Several things at once, for a worker that mostly waits for its store and the network."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

A = TypeVar("A")
R = TypeVar("R")


class InFlight(Protocol):
    """Does something to each, as `map` does; an error is raised when its result is asked for."""

    def __call__(self, do: Callable[[A], R], each: Iterable[A], /) -> Iterable[R]: ...


def in_flight(most: int, name: str) -> InFlight:
    """Up to `most` at once, in threads of that name; one after the other where that is 1."""
    return map if most == 1 else ThreadPoolExecutor(most, thread_name_prefix=name).map
