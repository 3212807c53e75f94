"""What an event looks like, made up from its shape: so that a template is tried before anybody gets it."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, get_args, get_origin, get_type_hints

from notifications.application.telling import REMINDER
from notifications.domain.notification import Notification
from shared.contracts import EVENTS
from shared.contracts.parts import SessionTimes
from shared.contracts.scheduling import SeatTaken

Sample = dict[str, Any]

_INSTANT = "2027-01-12T18:30:00+00:00"


def event_data(on: str) -> Sample:
    """The data of the event `on`; for "reminder", what is known when a reminder is planned."""
    if on == REMINDER:
        seat = _shape(SeatTaken)
        return {"seat": seat["seat"], "series": seat["series"]}
    return _shape(EVENTS[on].shape)


def context(notification: Notification) -> Sample:
    """All that a template may use: a link only where it takes answers, a session only in a reminder."""
    return {
        "known_as": "Sam",
        "hub": {"name": "London", "phone": "020 7946 0000", "email": "hello@circlework.example"},
        "event": event_data(notification.on),
        "preheader": notification.preheader,
        **({"session": _shape(SessionTimes)} if notification.on == REMINDER else {}),
        **({"link": "https://circlework.example/answer/sample"} if notification.answers else {}),
    }


def _shape(shape: type) -> Sample:
    kinds = get_type_hints(shape)
    return {field.name: _value(kinds[field.name], field.name) for field in fields(shape)}


def _value(kind: Any, name: str) -> Any:
    if get_origin(kind) is tuple:
        return [_value(get_args(kind)[0], name)] * 2
    if is_dataclass(kind):
        return _shape(kind)  # type: ignore[arg-type]
    if name == "zone":
        return "Europe/London"
    return _INSTANT if kind is datetime else kind() if kind in (int, bool) else f"A {name}"
