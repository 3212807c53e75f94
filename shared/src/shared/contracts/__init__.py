"""The published language: every event the services say to each other, by its wire name.

An event is a frozen dataclass marked with `@event`; its marshmallow schema is derived from it, never written by hand.
`referral`, `scheduling` and `notifications` hold the events that service publishes.
"""

from shared.contracts import notifications, referral, scheduling
from shared.contracts.registry import EVENTS, Event, Fact, UnknownEvent, described, load, serialised

__all__ = [
    "EVENTS",
    "Event",
    "Fact",
    "UnknownEvent",
    "described",
    "load",
    "notifications",
    "referral",
    "scheduling",
    "serialised",
]
