"""Aggregates as documents: saved only if unchanged since they were read, together with their events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from cattrs.preconf.bson import make_converter

from shared.contracts import Fact
from shared.errors import Stale
from shared.events import outbox
from shared.store.mongo import Doc
from shared.store.unit import Unit

CONVERTER = make_converter()

Query = Mapping[str, Any]
Order = Sequence[tuple[str, int]]


class Aggregate(Protocol):
    """The interface of a stored aggregate. version: times saved."""

    version: int

    @property
    def id(self) -> str: ...
    @property
    def hub(self) -> str: ...


class Numbered(Aggregate, Protocol):
    """A subject of events. last_sequence: the number of the last one."""

    last_sequence: int


A = TypeVar("A", bound=Aggregate)
N = TypeVar("N", bound=Numbered)
E = TypeVar("E")
R = TypeVar("R")


class Repository(Generic[A]):
    """A collection of aggregates of one shape. A hub's caller finds that hub's only; an event may change those found `anywhere`.

    Within a unit each aggregate is read once, so that all changes are made to the same object.
    """

    def __init__(self, unit: Unit, name: str, shape: type[A]) -> None:
        self._unit, self._shape = unit, shape
        self.collection, self.hub = unit.db[name], unit.hub
        self._known: dict[str, A] = {}

    def here(self, query: Query, order: Order = (), limit: int = 0) -> list[A]:
        return self.anywhere({**query, "hub": self.hub}, order, limit)

    def anywhere(self, query: Query, order: Order = (), limit: int = 0) -> list[A]:
        """Those of all hubs: for events and the matcher, never for a caller's query."""
        found = self.collection.find(dict(query), session=self._unit.session)
        found = found.sort(list(order)) if order else found
        return [self._once(doc) for doc in found.limit(limit)]

    def get(self, identity: str) -> A | None:
        """By its id alone, which is always indexed. None if it is absent or another hub's."""
        found = self.get_anywhere(identity)
        return found if found and found.hub == self.hub else None

    def get_anywhere(self, identity: str) -> A | None:
        if identity in self._known:
            return self._known[identity]
        found = self.collection.find_one({"_id": identity}, session=self._unit.session)
        return self._once(found) if found else None

    def read(self, doc: Doc) -> A:
        return read(self._shape, doc)

    def _once(self, doc: Doc) -> A:
        identity: str = doc["_id"]
        if identity not in self._known:
            self._known[identity] = self.read(doc)
        return self._known[identity]

    def save(self, aggregate: A) -> None:
        """Write the aggregate. Raises Stale if it changed since it was read."""
        self._known[aggregate.id] = aggregate
        read_version, aggregate.version = aggregate.version, aggregate.version + 1
        if read_version == 0:
            self.collection.insert_one(write(aggregate), session=self._unit.session)
        else:
            self._replace(aggregate, read_version)

    def _replace(self, aggregate: A, read_version: int) -> None:
        stored = {"_id": aggregate.id, "version": read_version}
        if not self.collection.replace_one(stored, write(aggregate), session=self._unit.session).matched_count:
            raise Stale(f"{aggregate.id} changed since version {read_version}")


class Subjects(Repository[N], Generic[N, E]):
    """Aggregates that events are about: saved with their events, which are numbered on the document itself.

    `publish` turns a domain event into the fact to publish: the service's `messaging/outbound.py`.
    """

    def __init__(self, unit: Unit, name: str, shape: type[N], publish: Callable[[E], Fact]) -> None:
        super().__init__(unit, name, shape)
        self._publish = publish

    def save(self, aggregate: N, events: Iterable[E] = ()) -> None:
        """Write the aggregate and its events. Raises Stale if it changed since it was read."""
        facts = [self._publish(event) for event in events]
        aggregate.last_sequence = outbox.add(self._unit, aggregate.id, aggregate.hub, aggregate.last_sequence, facts)
        super().save(aggregate)


def write(thing: object) -> Doc:
    """A dataclass as a document; its `id` is the document's `_id`."""
    doc: Doc = CONVERTER.unstructure(thing)
    doc["_id"] = doc.pop("id")
    return doc


def read(shape: type[R], doc: Doc) -> R:
    """The dataclass in a document; fields that this release does not know are ignored."""
    return CONVERTER.structure({**doc, "id": doc["_id"]}, shape)
