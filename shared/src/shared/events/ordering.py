"""The rule of order: how an event is treated, depending on how far its subject has been handled."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from shared import contracts
from shared.events import parking
from shared.events.envelope import Envelope
from shared.events.parking import Parked
from shared.events.positions import FOREVER, Positions, Subject
from shared.store.transactions import OpenUnit


@dataclass(slots=True)
class Tally:
    """How many arrivals were handled, duplicates, parked or ignored. unknown: of those handled, events of types that this release
    does not know.  parked_on: how many were parked, by topic."""

    handled: int = 0
    duplicates: int = 0
    ignored: int = 0
    unknown: int = 0
    parked_on: Counter[str] = field(default_factory=Counter)

    @property
    def parked(self) -> int:
        return self.parked_on.total()

    def __add__(self, other: "Tally") -> "Tally":
        added = (self.handled + other.handled, self.duplicates + other.duplicates, self.ignored + other.ignored)
        return Tally(*added, self.unknown + other.unknown, self.parked_on + other.parked_on)


def parked_one(topic: str) -> Tally:
    return Tally(parked_on=Counter({topic: 1}))


class Handle(Protocol):
    def __call__(self, envelope: Envelope, open_unit: OpenUnit, *, is_repeat: bool) -> None: ...


class Batch:
    """Events that share a transaction, and the state of their subjects in the store when it began."""

    def __init__(
        self,
        handle: Handle,
        open_unit: OpenUnit,
        positions: Positions,
        parked: dict[Subject, list[Parked]],
        dropped: Mapping[Subject, set[int]],
    ) -> None:
        self._handle_event, self._open_unit, self.positions, self.parked, self._dropped = handle, open_unit, positions, parked, dropped
        self.handled: list[Envelope] = []

    def due(self, subject: Subject) -> int:
        """The next sequence number; those that were dropped are skipped."""
        while (due := self.positions[subject] + 1) in self._dropped.get(subject, ()):
            self.positions.move(subject, due)
        return due

    def take(self, envelope: Envelope, is_repeat: bool = False) -> Tally:  # noqa: FBT001, FBT002 - a pair is unpacked into it
        """Skip an event that was handled or dropped, handle the next, park one that came too early or is behind another."""
        subject, due = subject_of(envelope), self.due(subject_of(envelope))
        waiting = self.parked.get(subject, [])
        if is_final(envelope.type) and due <= FOREVER and not self._is_dropped(envelope):
            return self._handle_last(envelope, is_repeat=is_repeat)
        if envelope.sequence < due or self._is_dropped(envelope) or any(row.envelope.id == envelope.id for row in waiting):
            return Tally(duplicates=1)
        if envelope.sequence > due and not may_skip(envelope.type):
            return self._park(envelope, parking.BEHIND if waiting else parking.GAP)
        return self._handle(envelope, is_repeat=is_repeat) + self._close_gap(subject)

    def retake(self, envelope: Envelope) -> Tally:
        """Handle a parked event if it is its turn; unpark one whose turn has passed."""
        due = self.due(subject_of(envelope))
        if is_final(envelope.type) and due <= FOREVER:
            return self._handle_last(envelope, is_repeat=False)
        if envelope.sequence < due:
            self._unpark(envelope)
            return Tally(duplicates=1)
        if envelope.sequence > due and not may_skip(envelope.type):
            return Tally()
        self._unpark(envelope)
        return self._handle(envelope) + self._close_gap(subject_of(envelope))

    def set_aside(self, envelope: Envelope, failure: str, attempts: int) -> Tally:
        """Park an event that its handler refused, unless its turn has passed meanwhile."""
        due = self.due(subject_of(envelope))
        if envelope.sequence < due and not (is_final(envelope.type) and due <= FOREVER):
            return Tally(duplicates=1)
        parking.park(self._open_unit(envelope.hub, envelope.cause), envelope, parking.POISON, failure, attempts)
        self.positions.hold(subject_of(envelope))
        return parked_one(envelope.topic)

    def _is_dropped(self, envelope: Envelope) -> bool:
        return envelope.sequence in self._dropped.get(subject_of(envelope), ())

    def _handle(self, envelope: Envelope, *, is_repeat: bool = False) -> Tally:
        self._handle_event(envelope, self._open_unit, is_repeat=is_repeat)
        self.positions.move(subject_of(envelope), envelope.sequence)
        self._forget_up_to(subject_of(envelope), envelope.sequence)
        self.handled.append(envelope)
        return Tally(handled=1, unknown=int(envelope.type not in contracts.EVENTS))

    def _handle_last(self, envelope: Envelope, *, is_repeat: bool) -> Tally:
        """Handle a final event at any position: no service's later events about the subject are handled; parked ones are deleted."""
        self._handle_event(envelope, self._open_unit, is_repeat=is_repeat)
        for subject in self.positions.about(envelope.subject):
            self.positions.move(subject, FOREVER)
            self.parked.pop(subject, None)
        parking.forget(self._open_unit(envelope.hub, envelope.cause), envelope.subject)
        self.handled.append(envelope)
        return Tally(handled=1)

    def _close_gap(self, subject: Subject) -> Tally:
        tally = Tally()
        while (row := next(iter(self.parked.get(subject, [])), None)) and row.envelope.sequence == self.due(subject):
            self._unpark(row.envelope)
            tally += self._handle(row.envelope)
        return tally

    def _forget_up_to(self, subject: Subject, position: int) -> None:
        """Unpark the events up to the position: the event just handled includes them."""
        for row in self.parked.get(subject, []):
            if row.envelope.sequence <= position:
                self._unpark(row.envelope)

    def _park(self, envelope: Envelope, reason: str) -> Tally:
        parking.park(self._open_unit(envelope.hub, envelope.cause), envelope, reason)
        self.positions.hold(subject_of(envelope))
        rows = [*self.parked.get(subject_of(envelope), []), Parked(envelope, reason, "")]
        self.parked[subject_of(envelope)] = sorted(rows, key=lambda row: row.envelope.sequence)
        return parked_one(envelope.topic)

    def _unpark(self, envelope: Envelope) -> None:
        parking.unpark(self._open_unit(envelope.hub, envelope.cause), envelope.id)
        rows = self.parked.get(subject_of(envelope), [])
        self.parked[subject_of(envelope)] = [row for row in rows if row.envelope.id != envelope.id]


def subject_of(envelope: Envelope) -> Subject:
    return envelope.service, envelope.family, envelope.subject


def may_skip(type: str) -> bool:
    """Whether it may skip a gap: a state event is complete. So is a contact, and compaction may have removed earlier ones."""
    known = contracts.EVENTS.get(type)
    return known is not None and (known.is_state or known.family == "contacts")


def is_final(type: str) -> bool:
    """Whether no later event about its subject is handled."""
    known = contracts.EVENTS.get(type)
    return known is not None and known.is_final
