"""The catalogue of notifications: which event causes which message, and what must still be true when it goes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CALENDARS = ("none", "series")


class NoSuchNotification(LookupError):
    """The catalogue has no entry of this code."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One entry; its subject and bodies are three templates of the same code.

    on: wire name of the causing event, or "reminder" for what time causes.  only_if: values that fields of the event must have.
    still_true: the check made at the moment of sending.  answers: what its signed link takes; empty means no link.
    calendar: "series" adds the sessions as a calendar entry.  resend_when_unsure: whether a second copy does less harm than none.
    preheader: what a mailbox shows beside the subject.
    """

    code: str
    on: str
    still_true: str
    preheader: str
    only_if: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    calendar: str = "none"
    resend_when_unsure: bool = False

    def is_caused_by(self, event: str, data: Mapping[str, Any]) -> bool:
        return self.on == event and all(data.get(name) == value for name, value in self.only_if.items())


@dataclass(frozen=True, slots=True)
class Notifications:
    """entries: by code."""

    entries: Mapping[str, Notification]

    @property
    def events(self) -> frozenset[str]:
        """The wire names that cause anything, "reminder" among them."""
        return frozenset(entry.on for entry in self.entries.values())

    def get(self, code: str) -> Notification:
        """Raises NoSuchNotification."""
        if code not in self.entries:
            raise NoSuchNotification(f"{code!r} is not in the catalogue of notifications")
        return self.entries[code]

    def caused_by(self, event: str, data: Mapping[str, Any]) -> tuple[Notification, ...]:
        """Every notification that this event causes, in the catalogue's order."""
        return tuple(entry for entry in self.entries.values() if entry.is_caused_by(event, data))
