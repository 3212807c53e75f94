"""pymongo's client, database and collection in memory, as far as our adapters use them: they run on it as they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Self

from bson import ObjectId
from mongomock.filtering import filter_applies
from pymongo import ASCENDING, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.process.clock import Clock, utc_now
from shared.store.transactions import Store
from world.documents import Doc, Query, Stored, begun_from, grouped, in_order, projected, stored, updated
from world.sessions import MemorySession
from world.transactions import Faults, Index, Server, Transaction, duplicate

Order = Sequence[tuple[str, int]]


@dataclass
class Result:
    """What a write says of itself."""

    matched_count: int = 0
    modified_count: int = 0
    deleted_count: int = 0
    upserted_id: Any = None
    inserted_ids: list[Any] = field(default_factory=list)

    @property
    def inserted_id(self) -> Any:
        return self.inserted_ids[0]


class MemoryCursor:
    """Nothing is read before the first document is asked for."""

    def __init__(self, collection: "MemoryCollection", query: Query, projection: Any, session: MemorySession | None) -> None:
        self._collection, self._query, self._projection, self._session = collection, query, projection, session
        self._order: Order = ()
        self._limit = 0

    def sort(self, key: str | Order, direction: int = ASCENDING) -> Self:
        self._order = [(key, direction)] if isinstance(key, str) else key
        return self

    def limit(self, limit: int) -> Self:
        self._limit = limit
        return self

    def __iter__(self) -> Iterator[Doc]:
        found = in_order(self._collection.matching(self._query, self._session), self._order)
        for each in found[: self._limit] if self._limit else found:
            yield projected(each, self._projection)


class MemoryCollection:
    def __init__(self, server: Server, table: str) -> None:
        self._server, self._table = server, table
        self.name = table.partition(".")[2]

    # reading

    def find(
        self, query: Query | None = None, projection: Any = None, *, session: MemorySession | None = None, sort: Order = (), limit: int = 0
    ) -> MemoryCursor:
        return MemoryCursor(self, query or {}, projection, session).sort(sort).limit(limit)

    def find_one(
        self, query: Query | None = None, projection: Any = None, *, session: MemorySession | None = None, sort: Order = ()
    ) -> Doc | None:
        return next(iter(self.find(query, projection, session=session, sort=sort, limit=1)), None)

    def count_documents(self, query: Query, *, session: MemorySession | None = None) -> int:
        return len(self.matching(query, session))

    def distinct(self, path: str, query: Query | None = None) -> list[Any]:
        return list(dict.fromkeys(row.doc[path] for row in self.matching(query or {}, None) if path in row.doc))

    def aggregate(self, pipeline: Sequence[Query]) -> list[Doc]:
        """[$match,] $group with a count."""
        *matches, last = pipeline
        query = matches[0]["$match"] if matches else {}
        return grouped([row.doc for row in self.matching(query, None)], last["$group"])

    def matching(self, query: Query, session: MemorySession | None, operation: str = "find") -> list[Stored]:
        self._server.faults.before(operation, self._table)
        return _matching(self._rows(session), query)

    def _rows(self, session: MemorySession | None) -> Mapping[Any, Stored]:
        transaction = session.transaction if session else None
        return transaction.rows(self._table) if transaction else self._server.tables.get(self._table, {})

    # writing

    def insert_one(self, doc: Doc, *, session: MemorySession | None = None) -> Result:
        self._server.faults.before("insert", self._table)
        return Result(inserted_ids=[self._insert(doc, session)])

    def insert_many(self, docs: Iterable[Doc], *, session: MemorySession | None = None) -> Result:
        self._server.faults.before("insert", self._table)
        try:
            return Result(inserted_ids=[self._insert(doc, session) for doc in docs])
        except DuplicateKeyError as error:
            raise BulkWriteError({"writeErrors": [{"code": 11000, "errmsg": str(error)}]}) from error

    def replace_one(self, query: Query, doc: Doc, *, upsert: bool = False, session: MemorySession | None = None) -> Result:
        found = self._to_write(query, session, "replace")[:1]
        for row in found:
            self._write(row.doc["_id"], stored({"_id": row.doc["_id"], **doc}), session)
        if upsert and not found:
            return Result(upserted_id=self._insert({**begun_from(query), **doc}, session))
        return Result(len(found), len(found))

    def update_one(self, query: Query, update: Query, *, upsert: bool = False, session: MemorySession | None = None) -> Result:
        found = self._to_write(query, session, "update")[:1]
        if upsert and not found:
            return Result(upserted_id=self._insert(updated(begun_from(query), update, is_new=True), session))
        return self._update(found, update, session)

    def update_many(self, query: Query, update: Query, *, session: MemorySession | None = None) -> Result:
        return self._update(self._to_write(query, session, "update"), update, session)

    def bulk_write(self, requests: Iterable[UpdateOne], *, session: MemorySession | None = None) -> Result:
        total = Result()
        for asked in requests:
            found = self.update_one(asked._filter, asked._doc, upsert=bool(asked._upsert), session=session)
            total.matched_count += found.matched_count
        return total

    def delete_one(self, query: Query, *, session: MemorySession | None = None) -> Result:
        return self._delete(self._to_write(query, session, "delete")[:1], session)

    def delete_many(self, query: Query, *, session: MemorySession | None = None) -> Result:
        return self._delete(self._to_write(query, session, "delete"), session)

    def create_index(self, keys: str | Order, *, unique: bool = False, name: str = "", **options: Any) -> str:
        """Only what makes a difference to what may be written is kept."""
        paths = (keys,) if isinstance(keys, str) else tuple(path for path, _ in keys)
        name = name or "_".join(paths)
        if unique:
            self._server.add_index(self._table, Index(name, paths, options.get("partialFilterExpression")))
        return name

    def _to_write(self, query: Query, session: MemorySession | None, operation: str) -> list[Stored]:
        """Outside a transaction one waits for those that have written the same documents, then looks again."""
        found = self.matching(query, session, operation)
        while not (session and session.transaction) and any((self._table, row.doc["_id"]) in self._server.locks for row in found):
            self._server.faults.blocked(self._table)
            found = _matching(self._rows(session), query)
        return found

    def _insert(self, doc: Doc, session: MemorySession | None) -> Any:
        identity = doc.setdefault("_id", ObjectId(f"{next(self._server.numbers):024x}"))
        if identity in self._rows(session):
            if session and session.transaction:
                session.transaction.end()
            raise duplicate(self._table, "_id_", identity)
        self._write(identity, stored(doc), session)
        return identity

    def _update(self, found: list[Stored], update: Query, session: MemorySession | None) -> Result:
        for row in found:
            self._write(row.doc["_id"], stored(updated(row.fresh(), update)), session)
        return Result(len(found), len(found))

    def _delete(self, found: list[Stored], session: MemorySession | None) -> Result:
        for row in found:
            self._write(row.doc["_id"], None, session)
        return Result(deleted_count=len(found))

    def _write(self, identity: Any, after: Stored | None, session: MemorySession | None) -> None:
        if session and session.transaction:
            session.transaction.write(self._table, identity, after)
            return
        alone = Transaction(self._server)
        alone.write(self._table, identity, after)
        self._server.faults.committed(alone.commit())


def _matching(rows: Mapping[Any, Stored], query: Query) -> list[Stored]:
    """By _id at once where the query names it, as every store does; and no further look at what differs in plain text or truth."""
    if not query:
        return list(rows.values())
    plain = [(name, value) for name, value in query.items() if isinstance(value, str | bool) and "." not in name]
    found = [row for row in _candidates(rows, query.get("_id")) if all(_may_be(row.doc.get(name), value) for name, value in plain)]
    if len(plain) == len(query) and not any(isinstance(row.doc.get(name), list) for row in found for name, _ in plain):
        return found
    return [row for row in found if filter_applies(query, row.doc)]


def _candidates(rows: Mapping[Any, Stored], wanted: Any) -> Iterable[Stored]:
    if isinstance(wanted, str | ObjectId):
        return [rows[wanted]] if wanted in rows else []
    if isinstance(wanted, Mapping) and "$in" in wanted:
        among = set(wanted["$in"])
        return [row for identity, row in rows.items() if identity in among]
    return rows.values()


def _may_be(found: Any, wanted: Any) -> bool:
    return found == wanted or isinstance(found, list)


class MemoryDatabase:
    def __init__(self, client: "MemoryClient", name: str) -> None:
        self.client, self.name = client, name
        self._collections: dict[str, MemoryCollection] = {}

    def __getitem__(self, name: str) -> MemoryCollection:
        if name not in self._collections:
            self._collections[name] = MemoryCollection(self.client.server, f"{self.name}.{name}")
        return self._collections[name]

    def get_collection(self, name: str, **_options: Any) -> MemoryCollection:
        """Every write is as durable as any."""
        return self[name]

    def create_collection(self, name: str) -> MemoryCollection:
        self.client.server.tables.setdefault(f"{self.name}.{name}", {})
        return self[name]

    def list_collection_names(self) -> list[str]:
        return [table.partition(".")[2] for table in self.client.server.tables if table.startswith(f"{self.name}.")]


class MemoryClient:
    def __init__(self, server: Server | None = None) -> None:
        self.server = server or Server(Faults())
        self.options = SimpleNamespace(timeout=None)
        self._databases: dict[str, MemoryDatabase] = {}

    def __getitem__(self, name: str) -> MemoryDatabase:
        if name not in self._databases:
            self._databases[name] = MemoryDatabase(self, name)
        return self._databases[name]

    def start_session(self) -> MemorySession:
        return MemorySession(self.server)


def memory_store(server: Server | None = None, name: str = "test", clock: Clock = utc_now) -> Store:
    """The services' own Store, on a client in memory."""
    return Store(MemoryClient(server), name, clock)  # type: ignore[arg-type]
