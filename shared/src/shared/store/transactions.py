"""A service's own store, and the one way to change it: state and outbox rows together, in one transaction."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import pymongo
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from shared.errors import NoReplicaSet, Retryable, Stale
from shared.events.tracing import Cause
from shared.process.clock import Clock, utc_now
from shared.store.mongo import MAJORITY, SNAPSHOT, Doc, is_away
from shared.store.unit import Unit

_NO_REPLICA_SET = 20  # IllegalOperation: "Transaction numbers are only allowed on a replica set member or mongos"
TRIES = 8  # times that a use case decides in all when the data it read keeps changing

R = TypeVar("R")


class OpenUnit(Protocol):
    """Opens a Unit of the running transaction, for a hub and a cause."""

    def __call__(self, hub: str, cause: Cause, *, is_catching_up: bool = False) -> Unit: ...


class Store:
    """The database of one service. Only `transact` changes state and outbox. clock: the domain's."""

    def __init__(self, client: "MongoClient[Doc]", name: str, clock: Clock = utc_now) -> None:
        self.client, self.db, self.clock = client, client[name], clock

    def transact(self, do: Callable[[OpenUnit], R]) -> R:
        """Run `do` in a transaction; it gets a function that opens a Unit. The client's timeout covers all of it, retries included.

        Raises Retryable when the store is unavailable or the same documents were changed first; then nothing was committed.
        """
        try:
            # Without the outer timeout with_transaction goes on for two minutes, whatever the client's is.
            with pymongo.timeout(self.client.options.timeout), self.client.start_session() as session:
                return session.with_transaction(lambda s: do(self._opener(s)), read_concern=SNAPSHOT, write_concern=MAJORITY)
        except Exception as error:
            raise _meant(error) from error

    def run(self, hub: str, cause: Cause, do: Callable[[Unit], R], tries: int = TRIES) -> R:
        """Run one use case; when the data it read has changed meanwhile, read and decide again, up to `tries` times."""
        for _attempt in range(tries - 1):
            try:
                return self.transact(lambda open_unit: do(open_unit(hub, cause)))
            except Stale:
                continue
        return self.transact(lambda open_unit: do(open_unit(hub, cause)))

    def read(self, hub: str, cause: Cause, do: Callable[[Unit], R]) -> R:
        """Read, outside any transaction. Raises Retryable when the store is unavailable."""
        try:
            return do(Unit(self.db, None, hub, self.clock(), cause))
        except Exception as error:
            raise _meant(error) from error

    def _opener(self, session: ClientSession) -> OpenUnit:
        def open_unit(hub: str, cause: Cause, *, is_catching_up: bool = False) -> Unit:
            return Unit(self.db, session, hub, self.clock(), cause, is_catching_up)

        return open_unit


def _meant(error: Exception) -> Exception:
    """A failure of the driver as our own error; any other error as it is."""
    if is_away(error):
        return Retryable(type(error).__name__)
    if isinstance(error, OperationFailure) and error.code == _NO_REPLICA_SET:
        return NoReplicaSet()
    return error
