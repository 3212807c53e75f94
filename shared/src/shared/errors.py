"""The vocabulary of failure that every process knows. What is wrong with a request is in each service's own words."""

from typing import TypeVar

T = TypeVar("T")


class Retryable(Exception):
    """The store or the broker is away, or somebody else was quicker: nothing was committed; the same again may succeed."""


class Stale(Retryable):
    """What was to be saved has changed since it was read."""


class NoReplicaSet(Retryable):
    """The store is a lone server, which has no transactions."""

    def __init__(self) -> None:
        super().__init__("the store is no replica set, and has no transactions: start mongod with --replSet, then run rs.initiate()")


class Poison(Exception):
    """An event that can never be handled; it is set aside with this reason, and other subjects go on."""


class Misconfigured(SystemExit):
    """A process cannot start: names what is missing or malformed, what was expected, and an example."""


class ChangedSinceRead(Exception):
    """The caller decided on an older version than there is."""


def theirs(what: str, found: T | None, owner: str | None, person: str) -> T:
    """What an event names. Raises Poison where it is not here, or is not of the person that the event is about.

    what: what it is, and its id, as in "referral R-1".
    """
    if found is None:
        raise Poison(f"this hub has no {what}: it was never made here, or this store was restored to before it was")
    if owner != person:
        raise Poison(f"{what} is {owner}'s, and the event is about {person}")
    return found


def expect(version: int, read: int | None) -> None:
    """Raises ChangedSinceRead unless the caller read this version, or did not ask for the comparison."""
    if read not in {None, version}:
        raise ChangedSinceRead("fetch it again, check what has changed, then send the new ETag")
