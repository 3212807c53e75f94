"""A store in memory: as much of one as use cases and Idempotency-Keys need, with transactions that keep all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from pymongo.errors import DuplicateKeyError

from shared.errors import Stale
from shared.events.tracing import Cause
from shared.store.transactions import TRIES
from shared.store.unit import Unit

R = TypeVar("R")
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@dataclass
class FakeCollection:
    rows: dict[str, Any] = field(default_factory=dict)

    def find_one(self, query: dict[str, Any], **_: Any) -> Any:
        row = self.rows.get(query["_id"])
        return row if row and all(row.get(name) == value for name, value in query.items()) else None

    def insert_many(self, rows: list[dict[str, Any]], **_: Any) -> None:
        for row in rows:
            self.insert_one(row)

    def insert_one(self, row: dict[str, Any], **_: Any) -> None:
        if row["_id"] in self.rows:
            raise DuplicateKeyError("E11000")
        self.rows[row["_id"]] = row

    def delete_one(self, query: dict[str, Any], **_: Any) -> None:
        row = self.rows.get(query["_id"])
        if row is not None and ("at" not in query or row["at"] < query["at"]["$lt"]):
            del self.rows[query["_id"]]


class FakeStore:
    """db: collections by name.  transactions, reads: how many there were."""

    def __init__(self) -> None:
        self.db: Any = {"idempotency": FakeCollection(), "effects": FakeCollection()}
        self.transactions = self.reads = 0

    def run(self, hub: str, cause: Cause, do: Callable[[Unit], R], tries: int = TRIES) -> R:
        for attempt in range(1, tries + 1):
            before = {name: dict(collection.rows) for name, collection in self.db.items()}
            self.transactions += 1
            try:
                return do(Unit(self.db, object(), hub, NOW, cause))  # type: ignore[arg-type]
            except Exception as error:
                for name, rows in before.items():
                    self.db[name].rows = rows
                if not isinstance(error, Stale) or attempt == tries:
                    raise
        raise AssertionError("unreachable")

    def read(self, hub: str, cause: Cause, do: Callable[[Unit], R]) -> R:
        self.reads += 1
        return do(Unit(self.db, None, hub, NOW, cause))
