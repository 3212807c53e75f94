"""MongoDB clients, set up as measured (docs/adr/0018): they fail fast, and every write is safe to repeat."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import AutoReconnect, ExecutionTimeout, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

Doc = dict[str, Any]

_SOON = 0.001  # seconds, for a deadline that has passed: to pymongo, 0 means no timeout

MAJORITY = WriteConcern(w="majority", j=True)
SNAPSHOT = ReadConcern("snapshot")


def connect(url: str, timeout_ms: int | None = 3000) -> "MongoClient[Doc]":
    """A client that fails within `timeout_ms` instead of pymongo's 30 s, and notices a new primary within 500 ms.

    Open it after a fork, never before. No timeout is for change streams only, which wait by design.
    """
    return MongoClient(
        url,
        tz_aware=True,
        timeoutMS=timeout_ms,
        serverSelectionTimeoutMS=timeout_ms or 3000,
        heartbeatFrequencyMS=500,
        retryWrites=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        maxPoolSize=20,
    )


@contextmanager
def until(deadline: float) -> Iterator[None]:
    """Bound everything that is done with any store by a deadline of `time.monotonic`, transactions and their retries included.

    A client's own timeout bounds an operation; a request has many. Of timeouts inside each other the earliest counts.
    """
    with pymongo.timeout(max(deadline - time.monotonic(), _SOON)):
        yield


def unwaited(db: Database[Doc], name: str) -> Collection[Doc]:
    """A collection for what may be lost with a killed store: no write waits until it lies on the disk, and a read sees what
    was written a moment ago, whether or not it does already."""
    return db.get_collection(name, write_concern=WriteConcern(w=1), read_concern=ReadConcern("local"))


def is_away(error: BaseException) -> bool:
    """Whether the store, not the work, was at fault: trying the same again later may succeed."""
    if isinstance(error, AutoReconnect | ExecutionTimeout):
        return True
    labels = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")
    return isinstance(error, PyMongoError) and (error.timeout or any(map(error.has_error_label, labels)))


class Wakeup:
    """Signals, by a change stream, that some collections were written to; a hint only: the caller also polls."""

    def __init__(self, url: str, database: str, collections: Sequence[str], operations: Sequence[str] = ("insert",)) -> None:
        self._url, self._database, self._rang = url, database, Event()
        self._pipeline: list[Doc] = [
            {"$match": {"ns.coll": {"$in": list(collections)}, "operationType": {"$in": list(operations)}}},
            {"$project": {"_id": 1}},
        ]
        Thread(target=self._listen, daemon=True, name="wakeup").start()

    def wait(self, seconds: float) -> None:
        """Return as soon as something was written since the last call, at the latest after `seconds`."""
        self._rang.wait(seconds)
        self._rang.clear()

    def ring(self) -> None:
        self._rang.set()

    def _listen(self) -> None:
        client = connect(self._url, timeout_ms=None)
        pause = Event()
        while True:
            try:
                with client[self._database].watch(self._pipeline, max_await_time_ms=1000) as stream:
                    for _ in stream:
                        self._rang.set()
            except PyMongoError:  # the stream is a hint; polling goes on without it until it is back
                pause.wait(0.5)
