"""What MongoDB does with one document: updates, projections, the order of values."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions

Doc = dict[str, Any]
Query = Mapping[str, Any]

CODEC: CodecOptions[Doc] = CodecOptions(tz_aware=True)


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A version of a document. doc: for looking only, never handed out.  raw: as BSON, so that what is read is what a driver would read."""

    doc: Doc
    raw: bytes

    def fresh(self) -> Doc:
        return bson.decode(self.raw, CODEC)


def stored(doc: Query) -> Stored:
    """Raises bson.errors.InvalidDocument for what BSON cannot hold."""
    raw = bson.encode(doc)
    return Stored(bson.decode(raw, CODEC), raw)


def at(doc: Any, path: str, default: Any = None) -> Any:
    """The value at a dotted path."""
    for step in path.split("."):
        if not isinstance(doc, Mapping) or step not in doc:
            return default
        doc = doc[step]
    return doc


def updated(doc: Doc, update: Query, *, is_new: bool = False) -> Doc:
    """The document after an update with operators; one that is new hears of $setOnInsert too."""
    for operator, changes in update.items():
        if is_new or operator != "$setOnInsert":
            for path, value in changes.items():
                OPERATORS[operator](*_inside(doc, path), value)
    return doc


def _inside(doc: Doc, path: str) -> tuple[Doc, str]:
    *parents, last = path.split(".")
    for step in parents:
        doc = doc.setdefault(step, {})
    return doc, last


def _set(doc: Doc, name: str, value: Any) -> None:
    doc[name] = value


def _unset(doc: Doc, name: str, _value: Any) -> None:
    doc.pop(name, None)


def _inc(doc: Doc, name: str, value: Any) -> None:
    doc[name] = doc.get(name, 0) + value


def _max(doc: Doc, name: str, value: Any) -> None:
    doc[name] = max(doc.get(name, value), value)


OPERATORS: Mapping[str, Callable[[Doc, str, Any], None]] = {
    "$set": _set,
    "$setOnInsert": _set,
    "$unset": _unset,
    "$inc": _inc,
    "$max": _max,
}


def begun_from(query: Query) -> Doc:
    """What an upsert's new document takes from its query: the fields that must equal a value."""
    return {name: value for name, value in query.items() if not name.startswith("$") and not _is_operator(value)}


def _is_operator(value: Any) -> bool:
    return isinstance(value, Mapping) and any(key.startswith("$") for key in value)


def projected(row: Stored, projection: Mapping[str, int] | Sequence[str] | None) -> Doc:
    """Fields of the first level only: ours are no deeper."""
    if not projection:
        return row.fresh()
    wanted = projection if isinstance(projection, Mapping) else dict.fromkeys(projection, 1)
    if any(wanted.values()):
        return {name: deepcopy(value) for name, value in row.doc.items() if name in wanted or name == "_id"}
    return {name: value for name, value in row.fresh().items() if name not in wanted}


def in_order(found: list[Stored], order: Sequence[tuple[str, int]]) -> list[Stored]:
    for path, direction in reversed(order):
        found = sorted(found, key=lambda each: _rank(at(each.doc, path)), reverse=direction < 0)
    return found


def _rank(value: Any) -> tuple[int, Any]:
    """BSON's order of types, as far as ours go: null, numbers, text, bytes, truth, time."""
    kinds: list[tuple[type | tuple[type, ...], int]] = [(bool, 5), ((int, float), 2), (str, 3), (bytes, 4), (datetime, 6)]
    if value is None:
        return 1, 0
    return next(((rank, value) for kind, rank in kinds if isinstance(value, kind)), (7, str(value)))


def grouped(docs: Sequence[Doc], group: Query) -> list[Doc]:
    """$group by one field, with counts: {"_id": "$reason", "n": {"$sum": 1}}."""
    path, (count,) = group["_id"].removeprefix("$"), [name for name in group if name != "_id"]
    found: dict[Any, int] = {}
    for doc in docs:
        key = at(doc, path)
        found[key] = found.get(key, 0) + group[count]["$sum"]
    return [{"_id": key, count: number} for key, number in found.items()]
