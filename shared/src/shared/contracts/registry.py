"""How an event is declared, found by its wire name, written and read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

import marshmallow
import marshmallow_dataclass


class Fact:
    """The base of everything that one service publishes to the others."""


T = TypeVar("T")
F = TypeVar("F", bound=Fact)
JsonObject = dict[str, Any]
Shape = type[Fact]


@dataclass(frozen=True, slots=True)
class Sealing:
    """The reader for whom a field is sealed, its purpose, and the shape of its content."""

    reader: str
    purpose: str
    shape: type


@dataclass(frozen=True, slots=True)
class Event:
    """An event's entry in the registry.

    family: the family of topics it travels on; only contacts have one of their own, which scheduling may not read.
    subject: the field that bears the subject's id. It travels as the envelope's subject and is not repeated in the data.
    is_state: it contains all that its service publishes about the subject, and so may skip a gap (docs/architecture.md, Order).
    is_final: no later event about the subject is handled (docs/architecture.md, Order).
    is_tombstone: it travels without a value, so that a compacted topic forgets the subject.
    """

    type: str
    service: str
    family: str
    subject: str
    shape: "Shape"
    is_state: bool
    is_final: bool
    is_tombstone: bool
    sealed: Mapping[str, Sealing]


class UnknownEvent(ValueError):
    """A wire name, or a major version of one, that this release does not know."""


EVENTS: dict[str, Event] = {}
_BY_SHAPE: dict[type, Event] = {}
_SCHEMAS: dict[type, marshmallow.Schema] = {}


def sealed_for(reader: str, shape: type) -> Any:
    """A field that only `reader` can open, to `shape`. On the wire it is text: see shared/events/sealing.py."""
    return field(metadata={"metadata": {"sealed_for": reader, "holds": shape}})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field, sealed_for))
def event(  # noqa: PLR0913 - one for each property of an event in the registry
    wire_name: str,
    *,
    subject: str = "person",
    family: str = "",
    is_state: bool = False,
    is_final: bool = False,
    is_tombstone: bool = False,
) -> Callable[[type[T]], type[T]]:
    """Mark a subclass of Fact as the event called `wire_name`, a literal with its version that never changes.

    The module it is declared in names the service that publishes it.
    """

    def register(cls: type[T]) -> type[T]:
        service = cls.__module__.rpartition(".")[2]
        shape: Any = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        declared = Event(wire_name, service, family or service, subject, shape, is_state, is_final, is_tombstone, _sealed(shape, wire_name))
        EVENTS[wire_name] = declared
        _BY_SHAPE[shape] = declared
        return shape  # type: ignore[no-any-return]

    return register


def _sealed(shape: type, wire_name: str) -> dict[str, Sealing]:
    about = {each.name: each.metadata.get("metadata", {}) for each in fields(shape)}
    subject_kind = wire_name.partition(".")[0]
    return {
        name: Sealing(told["sealed_for"], f"{subject_kind}.{name}", told["holds"]) for name, told in about.items() if "sealed_for" in told
    }


def described(fact: Fact | type[Fact]) -> Event:
    """The registry's entry for an event or its class."""
    return _BY_SHAPE[fact if isinstance(fact, type) else type(fact)]


def subject_of(fact: Fact) -> str:
    """The id of the person, group or code that the event is about."""
    found: str = getattr(fact, described(fact).subject)
    return found


def schema_of(shape: type) -> marshmallow.Schema:
    """The marshmallow schema of a contract's dataclass."""
    if shape not in _SCHEMAS:
        _SCHEMAS[shape] = marshmallow_dataclass.class_schema(shape)()
    return _SCHEMAS[shape]


def serialised(fact: Fact) -> JsonObject:
    """The event's data as JSON, checked on the way out: a producer never publishes what it could not read.

    Raises marshmallow.ValidationError if a field has a value that its type does not allow.
    """
    declared = described(fact)
    schema = schema_of(declared.shape)
    written: JsonObject = schema.dump(fact)
    schema.load(written)
    del written[declared.subject]
    return written


def load(wire_name: str, subject: str, data: Mapping[str, object]) -> Fact:
    """The event about `subject` in `data`; fields that this release does not know are ignored.

    Raises UnknownEvent for an undeclared name, marshmallow.ValidationError for invalid data.
    """
    if wire_name not in EVENTS:
        raise UnknownEvent(f"{wire_name} is not an event this release knows")
    declared = EVENTS[wire_name]
    found: Fact = schema_of(declared.shape).load({**data, declared.subject: subject}, unknown=marshmallow.EXCLUDE)
    return found
