"""How an event is declared, found by its wire name, written and read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, dataclass_transform

import marshmallow
import marshmallow_dataclass

Fact = Any  # an instance of a class marked with @event; the registry knows which
T = TypeVar("T")
Shape = type[Any]


@dataclass(frozen=True, slots=True)
class Event:
    """What the registry knows of one event.

    `aggregate` names the kind of thing the event is about: one numbered history (`ce_sequence`) per aggregate and id.
    `topic` is the family of topics it travels on; only contacts have one of their own, which scheduling may not read.
    """

    type: str
    service: str
    aggregate: str
    topic: str
    shape: Shape


class UnknownEvent(ValueError):
    """A wire name, or a major version of one, that this release does not know."""


EVENTS: dict[str, Event] = {}
_BY_SHAPE: dict[Shape, Event] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(wire_name: str, *, aggregate: str, topic: str = "") -> Callable[[type[T]], type[T]]:
    """Mark a class as the event called `wire_name`, a literal with its version that never changes.

    The module it stands in names the service that publishes it.
    """

    def register(cls: type[T]) -> type[T]:
        service = cls.__module__.rpartition(".")[2]
        shape = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        declared = Event(wire_name, service, aggregate, topic or service, shape)
        EVENTS[wire_name] = declared
        _BY_SHAPE[shape] = declared
        return shape

    return register


def described(fact: Fact | Shape) -> Event:
    """The registry's entry for an event or its class."""
    return _BY_SHAPE[fact if isinstance(fact, type) else type(fact)]


@cache
def _schema(declared: Event) -> marshmallow.Schema:
    return marshmallow_dataclass.class_schema(declared.shape)()


def serialised(fact: Fact) -> dict[str, Any]:
    """The event's JSON form, checked on the way out: a producer never publishes what it could not read.

    Raises marshmallow.ValidationError if a field holds what its type does not allow.
    """
    schema = _schema(described(fact))
    written: dict[str, Any] = schema.dump(fact)
    schema.load(written)
    return written


def load(wire_name: str, data: Mapping[str, Any]) -> Fact:
    """The event in `data`; fields this release does not know are ignored.

    Raises UnknownEvent for a name nobody declared, marshmallow.ValidationError for data that does not fit.
    """
    if wire_name not in EVENTS:
        raise UnknownEvent(f"{wire_name} is not an event this release knows")
    return _schema(EVENTS[wire_name]).load(data, unknown=marshmallow.EXCLUDE)
