"""The catalogue of notifications: which event causes which message, and what must still be true when it goes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from notifications.domain.answers import AnswerWord

CalendarKind = Literal["none", "series"]
CALENDARS: tuple[CalendarKind, ...] = ("none", "series")

REMINDER = "reminder"  # the `on` of notifications that are planned by time, not caused by an event

NOBODY_TO_REACH = "runs"  # the membership kind of facilitators, whose contact is never published


class NoSuchNotification(LookupError):
    """The catalogue has no entry with this code."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """The values that `only_if` may test: the kind of the event's place, why something ended, the source of a referral."""

    kind: str | None = None
    reason: str | None = None
    source: str | None = None

    def named(self, name: str) -> str | None:
        """The value of one of CONDITIONS."""
        return {"kind": self.kind, "reason": self.reason, "source": self.source}[name]


CONDITIONS = ("kind", "reason", "source")


@dataclass(frozen=True, slots=True)
class Notification:
    """One entry; its subject and bodies are three templates of the same code.

    on: wire name of the causing event, or "reminder" if planned by time.  only_if: by the names in CONDITIONS, the values
    that each may have.
    still_true: the check made at the moment of sending.  answers: those its signed link accepts; empty means no link.
    calendar: "series" adds the sessions as a calendar entry.  resend_when_unsure: whether a second copy does less harm than none.
    preheader: the text that a mailbox shows next to the subject.
    """

    code: str
    on: str
    still_true: str
    preheader: str
    only_if: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: tuple[AnswerWord, ...] = ()
    calendar: CalendarKind = "none"
    resend_when_unsure: bool = False

    def is_caused_by(self, event: str, particulars: Particulars) -> bool:
        """Whether this event causes it, and the event satisfies its only_if."""
        return self.on == event and all(particulars.named(name) in values for name, values in self.only_if.items())


@dataclass(frozen=True, slots=True)
class Notifications:
    """entries: by code."""

    entries: Mapping[str, Notification]

    @property
    def events(self) -> frozenset[str]:
        """The wire names that cause a message, including "reminder"."""
        return frozenset(entry.on for entry in self.entries.values())

    def get(self, code: str) -> Notification:
        """Raises NoSuchNotification."""
        if code not in self.entries:
            raise NoSuchNotification(f"{code!r} is not in the catalogue of notifications")
        return self.entries[code]

    def caused_by(self, event: str, particulars: Particulars) -> tuple[Notification, ...]:
        """Every notification that this event causes, in the catalogue's order; none for facilitators."""
        if particulars.kind == NOBODY_TO_REACH:
            return ()
        return tuple(entry for entry in self.entries.values() if entry.is_caused_by(event, particulars))
