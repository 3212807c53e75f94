"""Tables in memory, with transactions as MongoDB has them: a snapshot and one's own writes; whoever writes second, loses."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from mongomock.filtering import filter_applies
from pymongo.errors import AutoReconnect, DuplicateKeyError, ExecutionTimeout, OperationFailure

from world.documents import Query, Stored, at

Table = str  # database.collection
Key = tuple[Any, ...]
_WRITE_CONFLICT, _NO_SUCH_TRANSACTION = 112, 251
TRANSIENT = {"errorLabels": ["TransientTransactionError"]}


class Faults:
    """What may go wrong, and when another's turn may come. This one: nothing, and never."""

    def before(self, operation: str, table: Table) -> None:
        """Each operation on the store begins here. Whoever is killed leaves by an exception."""

    def blocked(self, table: Table) -> None:
        """Somebody waits for another's transaction."""
        raise ExecutionTimeout(f"{table}: another transaction has not ended", 50)

    def of_commit(self) -> str:
        """ "": it goes well.  lost: it is applied, and nobody hears of it.  failed: it is not applied."""
        return ""

    def committed(self, changes: "Changes") -> None:
        """Something was written."""


@dataclass(frozen=True, slots=True)
class Index:
    """A unique one."""

    name: str
    paths: tuple[str, ...]
    where: Query | None

    def key(self, doc: Mapping[str, Any]) -> Key | None:
        """None where the index does not hold the document."""
        if self.where is not None and not filter_applies(self.where, doc):
            return None
        return tuple(map(_hashable, (at(doc, path) for path in self.paths)))


def _hashable(value: Any) -> Any:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Changes:
    """What one commit wrote: (table, id) -> (before, after)."""

    rows: Mapping[tuple[Table, Any], tuple[Stored | None, Stored | None]]


@dataclass
class Server:
    """A replica set. tables: what is committed; a table is never changed, only replaced, so that a snapshot is free."""

    faults: Faults = field(default_factory=Faults)
    tables: dict[Table, dict[Any, Stored]] = field(default_factory=dict)
    indexes: dict[Table, dict[str, Index]] = field(default_factory=dict)
    keys: dict[tuple[Table, str, Key], Any] = field(default_factory=dict)
    locks: dict[tuple[Any, ...], "Transaction"] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def add_index(self, table: Table, index: Index) -> None:
        self.indexes.setdefault(table, {})[index.name] = index
        for identity, row in self.tables.get(table, {}).items():
            self._keep_keys(table, identity, None, row)

    def apply(self, writes: Mapping[tuple[Table, Any], Stored | None]) -> Changes:
        changed: dict[tuple[Table, Any], tuple[Stored | None, Stored | None]] = {}
        copies: dict[Table, dict[Any, Stored]] = {}
        for (table, identity), after in writes.items():
            rows = copies.setdefault(table, dict(self.tables.get(table, {})))
            before = rows.pop(identity, None) if after is None else rows.get(identity)
            if after is not None:
                rows[identity] = after
            self._keep_keys(table, identity, before, after)
            changed[table, identity] = before, after
        self.tables.update(copies)
        return Changes(changed)

    def _keep_keys(self, table: Table, identity: Any, before: Stored | None, after: Stored | None) -> None:
        for index in self.indexes.get(table, {}).values():
            if before is not None and (old := index.key(before.doc)) is not None:
                self.keys.pop((table, index.name, old), None)
            if after is not None and (new := index.key(after.doc)) is not None:
                self.keys[table, index.name, new] = identity


class Transaction:
    """Opened by the first operation in it. After an error it is over, and says so."""

    def __init__(self, server: Server) -> None:
        self._server, self._base = server, dict(server.tables)
        self._own: dict[tuple[Table, Any], Stored | None] = {}
        self._view: dict[Table, dict[Any, Stored]] = {}
        self.is_over = False

    def rows(self, table: Table) -> Mapping[Any, Stored]:
        return self._view[table] if table in self._view else self._base.get(table, {})

    def write(self, table: Table, identity: Any, after: Stored | None) -> None:
        """Raises WriteConflict, DuplicateKeyError; either ends the transaction."""
        with self.ending_on_error():
            self._claim((table, identity))
            if self._base.get(table, {}).get(identity) is not self._server.tables.get(table, {}).get(identity):
                raise write_conflict(table)
            if after is not None:
                self._claim_keys(table, identity, after)
            view = self._view.setdefault(table, dict(self._base.get(table, {})))
            self._own[table, identity] = after
            if after is None:
                view.pop(identity, None)
            else:
                view[identity] = after

    @contextmanager
    def ending_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.end()
            raise

    def _claim(self, what: tuple[Any, ...]) -> None:
        """For this transaction, until it ends."""
        if self._server.locks.setdefault(what, self) is not self:
            raise write_conflict(what[0])

    def _claim_keys(self, table: Table, identity: Any, after: Stored) -> None:
        for index in self._server.indexes.get(table, {}).values():
            key = index.key(after.doc)
            if key is not None:
                self._claim((table, index.name, key))
                self._check_free(table, index, key, identity)

    def _check_free(self, table: Table, index: Index, key: Key, identity: Any) -> None:
        rows = self.rows(table)
        has = self._server.keys.get((table, index.name, key))
        if has not in (None, identity) and has in rows and index.key(rows[has].doc) == key:
            raise duplicate(table, index.name, key)
        if has not in (None, identity) and has not in rows and (table, has) not in self._own:
            raise write_conflict(table)
        mine = (each for (name, each), row in self._own.items() if name == table and row and index.key(row.doc) == key)
        if any(each != identity for each in mine):
            raise duplicate(table, index.name, key)

    def commit(self) -> Changes:
        self.end()
        return self._server.apply(self._own)

    def end(self) -> None:
        """Committed or not, others may write now."""
        self.is_over = True
        for what in [what for what, holder in self._server.locks.items() if holder is self]:
            del self._server.locks[what]


def write_conflict(table: Table) -> OperationFailure:
    return OperationFailure(f"WriteConflict in {table}", _WRITE_CONFLICT, TRANSIENT)


def no_such_transaction() -> OperationFailure:
    return OperationFailure("the transaction has been aborted", _NO_SUCH_TRANSACTION, TRANSIENT)


def duplicate(table: Table, index: str, key: Any) -> DuplicateKeyError:
    return DuplicateKeyError(f"E11000 duplicate key error collection: {table} index: {index} dup key: {key}", 11000)


def lost_reply() -> AutoReconnect:
    """As the driver says it once its time for trying the commit again is over."""
    return AutoReconnect("the connection was lost", {"errorLabels": ["UnknownTransactionCommitResult"]})
