"""A service's own store, and the one way to change it: state and outbox rows together, in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from cattrs.preconf.bson import make_converter
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from shared.contracts import Fact
from shared.errors import NoReplicaSet, Retryable, Stale
from shared.events import outbox
from shared.events.tracing import Cause
from shared.process.clock import Clock, utc_now
from shared.store.mongo import MAJORITY, SNAPSHOT, Doc, is_away
from shared.store.unit import Unit

_NO_REPLICA_SET = 20  # IllegalOperation: "Transaction numbers are only allowed on a replica set member or mongos"

R = TypeVar("R")

CONVERTER = make_converter()


class Aggregate(Protocol):
    """What the store asks of a thing it keeps. version: times saved.  said: events published so far."""

    id: str
    hub: str
    version: int
    said: int


A = TypeVar("A", bound=Aggregate)


class Store:
    """The database of one service. `transact` is the only way to write to it."""

    def __init__(self, client: "MongoClient[Doc]", name: str, clock: Clock = utc_now) -> None:
        self.client, self.db, self.clock = client, client[name], clock

    def transact(self, do: Callable[[Callable[[str, Cause], Unit]], R]) -> R:
        """Run `do` in a transaction; it gets a function that opens a Unit for a hub and a cause.

        Raises Retryable when the store is away or somebody else changed the same things first; then nothing was kept.
        """
        try:
            with self.client.start_session() as session:
                return session.with_transaction(
                    lambda s: do(lambda hub, cause: self._unit(s, hub, cause)), read_concern=SNAPSHOT, write_concern=MAJORITY
                )
        except Exception as error:
            if is_away(error):
                raise Retryable(type(error).__name__) from error
            if isinstance(error, OperationFailure) and error.code == _NO_REPLICA_SET:
                raise NoReplicaSet from error
            raise

    def perform(self, hub: str, cause: Cause, do: Callable[[Unit], R], tries: int = 8) -> R:
        """Run one use case; when others changed what it read, read again and decide anew, up to `tries` times."""
        for attempt in range(1, tries + 1):
            try:
                return self.transact(lambda unit: do(unit(hub, cause)))
            except Stale:
                if attempt == tries:
                    raise
        raise AssertionError("unreachable")  # the loop returns or raises

    def look(self, hub: str, cause: Cause, do: Callable[[Unit], R]) -> R:
        """Read, outside any transaction. Raises Retryable when the store is away."""
        try:
            return do(Unit(self.db, None, hub, self.clock(), cause))
        except Exception as error:
            if is_away(error):
                raise Retryable(type(error).__name__) from error
            raise

    def _unit(self, session: ClientSession, hub: str, cause: Cause) -> Unit:
        return Unit(self.db, session, hub, self.clock(), cause)


class Documents(Generic[A]):
    """A collection of aggregates of one shape. A hub's caller finds that hub's only.

    `publish` turns a domain event into the facts that leave: the service's `messaging/outbound.py`.
    """

    def __init__(self, unit: Unit, name: str, shape: type[A], publish: Callable[[Any], Iterable[Fact]]) -> None:
        self._unit, self._shape, self._publish = unit, shape, publish
        self.collection = unit.db[name]

    def find(self, query: Doc, order: Sequence[tuple[str, int]] = (), limit: int = 0) -> list[A]:
        return self.everywhere({"hub": self._unit.hub, **query}, order, limit)

    def everywhere(self, query: Doc, order: Sequence[tuple[str, int]] = (), limit: int = 0) -> list[A]:
        """Of all hubs: for what an event sets right, never for what a caller asks."""
        found = self.collection.find(query, session=self._unit.session)
        found = found.sort(list(order)) if order else found
        return [read(self._shape, doc) for doc in found.limit(limit)]

    def get(self, identity: str) -> A | None:
        """By its id alone, which every store finds at once. Another hub's is as one that is not there."""
        found = self.collection.find_one({"_id": identity}, session=self._unit.session)
        return read(self._shape, found) if found and found["hub"] == self._unit.hub else None

    def first(self, query: Doc) -> A | None:
        return next(iter(self.find(query, limit=1)), None)

    def save(self, aggregate: A, events: Iterable[Any] = ()) -> None:
        """Write the aggregate and what it has to say. Raises Stale if it changed since it was read."""
        facts = [fact for event in events for fact in self._publish(event)]
        outbox.add(self._unit, aggregate.id, aggregate.said, facts)
        aggregate.said += len(facts)
        read_version, aggregate.version = aggregate.version, aggregate.version + 1
        if read_version == 0:
            self.collection.insert_one(write(aggregate), session=self._unit.session)
        else:
            self._replace(aggregate, read_version)

    def _replace(self, aggregate: A, read_version: int) -> None:
        stored = {"_id": aggregate.id, "version": read_version}
        if not self.collection.replace_one(stored, write(aggregate), session=self._unit.session).matched_count:
            raise Stale(f"{aggregate.id} changed since version {read_version}")


def write(thing: Any) -> Doc:
    """A dataclass as a document; its `id` is the document's `_id`."""
    doc: Doc = CONVERTER.unstructure(thing)
    doc["_id"] = doc.pop("id")
    return doc


def read(shape: type[R], doc: Doc) -> R:
    """The dataclass in a document; fields that this release does not know are ignored."""
    return CONVERTER.structure({**doc, "id": doc["_id"]}, shape)
