"""The published language: every event the services publish to each other, by its wire name.

An event is a frozen dataclass marked with `@event`; its marshmallow schema is derived from it, never written by hand.
`referral`, `scheduling` and `notifications` each declare the events of the service they are named after.
"""

from shared.contracts import notifications, referral, scheduling
from shared.contracts.registry import (
    EVENTS,
    Event,
    Fact,
    Sealing,
    UnknownEvent,
    described,
    load,
    schema_of,
    serialised,
    subject_of,
)

__all__ = [
    "EVENTS",
    "Event",
    "Fact",
    "Sealing",
    "UnknownEvent",
    "described",
    "load",
    "notifications",
    "referral",
    "scheduling",
    "schema_of",
    "serialised",
    "subject_of",
]
