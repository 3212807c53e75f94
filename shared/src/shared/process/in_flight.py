"""Several things at once, for a worker that mostly waits for its store and the network."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

A = TypeVar("A")
R = TypeVar("R")


class InFlight(Protocol):
    """Does something to each, and returns the results in their order, as `map` does."""

    def __call__(self, do: Callable[[A], R], each: Iterable[A], /) -> Iterable[R]: ...


def in_flight(most: int, name: str) -> InFlight:
    """Up to `most` at once, in threads of that name; one after the other where that is 1.

    All are done, whatever one of them raises; then the first error is raised.
    """
    if most == 1:
        return map
    threads = ThreadPoolExecutor(most, thread_name_prefix=name)

    def do_all(do: Callable[[A], R], each: Iterable[A], /) -> list[R]:
        futures = [threads.submit(do, one) for one in each]
        wait(futures)
        return [future.result() for future in futures]

    return do_all
