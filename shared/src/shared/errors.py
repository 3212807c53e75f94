"""The failures that every process handles. Each service defines its own errors for what is wrong with a request."""

from collections.abc import Set as AbstractSet
from typing import TypeVar

T = TypeVar("T")


class Retryable(Exception):
    """The store or broker is unavailable, or the data changed meanwhile: nothing was committed; a retry may succeed."""


class Stale(Retryable):
    """A document to be saved has changed since it was read."""


class NoReplicaSet(Retryable):
    """The store is a standalone server, which has no transactions."""

    def __init__(self) -> None:
        super().__init__("the store is no replica set, and has no transactions: start mongod with --replSet, then run rs.initiate()")


class Poison(Exception):
    """An event that can never be handled; it is parked with this reason, and other subjects go on."""


class Misconfigured(SystemExit):
    """A process cannot start: names what is missing or malformed, what was expected, and an example."""


class ChangedSinceRead(Exception):
    """The caller decided on a version that is no longer current."""


def theirs(what: str, found: T | None, owner: str | None, person: str) -> T:
    """The entity that an event names. Raises Poison if it is not in this store, or belongs to somebody other than `person`.

    what: its kind and its id, as in "referral R-1".  person: the event's subject.
    """
    if found is None:
        raise Poison(f"this hub has no {what}: it was never made here, or this store was restored to before it was")
    if owner != person:
        raise Poison(f"{what} is {owner}'s, and the event is about {person}")
    return found


def expect(version: int, read: AbstractSet[int] | None) -> None:
    """Raises ChangedSinceRead unless this is one of the versions that the caller read, or they did not ask for the comparison."""
    if read is not None and version not in read:
        raise ChangedSinceRead("fetch it again, check what has changed, then send the new ETag")
