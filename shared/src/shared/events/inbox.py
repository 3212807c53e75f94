"""Facts arrive: each once, in the order of its subject, with its effects in one transaction.

Up to a whole batch shares a transaction; when that fails, each record gets one of its own, so that a poisoned event
is set aside alone.
"""

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import ValidationError
from pymongo.errors import DuplicateKeyError

from shared import contracts
from shared.errors import Poison, Retryable
from shared.events import parking
from shared.events.envelope import BadEnvelope, Envelope, from_record
from shared.events.parking import Parked
from shared.events.positions import Positions, Subject
from shared.events.tracing import Cause
from shared.process.logs import log
from shared.store.documents import Store
from shared.store.mongo import Doc
from shared.store.unit import Unit

TRIES = 3

Handler = Callable[[Any, Any], None]  # (the fact, the service's Work)
Subscriptions = Mapping[type, Handler]
OpenUnit = Callable[[str, Cause], Unit]


class NotParked(LookupError):
    """There is no such parked event, or it is not its turn."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A Kafka record and where it lay: `place` is topic, partition and offset."""

    place: str
    hub: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(slots=True)
class Tally:
    """What became of some arrivals."""

    handled: int = 0
    duplicates: int = 0
    parked: int = 0
    ignored: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        added = (self.handled + other.handled, self.duplicates + other.duplicates, self.parked + other.parked)
        return Tally(*added, self.ignored + other.ignored)


class Inbox:
    """`subscriptions` says which event goes to which handler; `make_work` gives a handler its service's Work."""

    def __init__(self, store: Store, subscriptions: Subscriptions, make_work: Callable[[Unit], Any]) -> None:
        self._store, self._make_work = store, make_work
        self._handlers = {contracts.described(shape).type: handler for shape, handler in subscriptions.items()}
        self._aggregates = {contracts.EVENTS[name].aggregate for name in self._handlers}

    def take(self, arrivals: Sequence[Arrival]) -> Tally:
        """Handle or park each. Raises Retryable when the store is away: then take the same again later."""
        envelopes, tally = self._readable(arrivals)
        concerning = [envelope for envelope in envelopes if self._concerns_us(envelope)]
        tally.ignored += len(envelopes) - len(concerning)
        if not concerning:
            return tally
        try:
            return tally + self._together(concerning)
        except Retryable:
            raise
        except Exception as error:  # noqa: BLE001 - one by one finds out whose fault it is, and parks that one
            log().warning("batch_failed", error=type(error).__name__, size=len(concerning))
        return sum(map(self._alone, concerning), tally)

    def redrive(self, event: str) -> Tally:
        """Try the parked events of this one's subject again, in order, until one fails. Raises NotParked."""
        row = self._parked_row(event)
        if row["reason"] == parking.UNREADABLE:
            raise NotParked(f"{event} cannot be read; all that can be done is to drop it")
        return self._redrive(row["service"], row["subject"])

    def _redrive(self, service: str, subject: str) -> Tally:
        with self._store.client.start_session() as session:
            rows = parking.parked_behind(self._store.db, session, [(service, subject)]).get((service, subject), [])
        tally = Tally()
        for row in rows:
            tally += self._alone(row.envelope, redriven=True)
        return tally

    def drop(self, event: str, why: str) -> None:
        """Give one parked event up and let those behind it go on. Raises NotParked, also if it is not the next one."""
        row = self._parked_row(event)

        def do(open_unit: OpenUnit) -> None:
            parking.drop(open_unit(row["hub"], Cause(event, event, "")), row, why)
            if row["reason"] != parking.UNREADABLE:
                self._skip((row["service"], row["subject"]), row["sequence"], event, open_unit)

        self._store.transact(do)
        if row["reason"] != parking.UNREADABLE:
            self._redrive(row["service"], row["subject"])

    def _skip(self, subject: Subject, sequence: int, event: str, open_unit: OpenUnit) -> None:
        positions = self._batch(open_unit, [subject]).positions
        if sequence > positions[subject] + 1:
            raise NotParked(f"{event} is not the next event of {subject[1]}; drop or redrive the ones before it first")
        positions.move(subject, max(sequence, positions[subject]))
        positions.write()

    def _parked_row(self, event: str) -> Doc:
        found = self._store.db[parking.COLLECTION].find_one({"_id": event})
        if found is None:
            raise NotParked(f"{event} is not parked; `parked list` shows what is")
        return found

    def _readable(self, arrivals: Iterable[Arrival]) -> tuple[list[Envelope], Tally]:
        envelopes, tally = [], Tally()
        for arrival in arrivals:
            try:
                envelopes.append(_known(_in_its_place(from_record(arrival.key, arrival.value, arrival.headers), arrival)))
            except Exception as error:  # noqa: BLE001 - whatever is wrong with a record, the partition moves on
                told = str(error) if isinstance(error, BadEnvelope | contracts.UnknownEvent) else type(error).__name__
                self._park_unreadable(arrival, told)
                tally.parked += 1
        return envelopes, tally

    def _park_unreadable(self, arrival: Arrival, why: str) -> None:
        cause = Cause(arrival.place, arrival.place, "")
        self._store.transact(lambda open_unit: parking.park_unreadable(open_unit(arrival.hub, cause), arrival.place, arrival.value, why))
        log().error("record_parked", place=arrival.place, reason=why)

    def _concerns_us(self, envelope: Envelope) -> bool:
        """A whole aggregate that we subscribe to nothing of needs no position; a name newer than us may be of any."""
        known = contracts.EVENTS.get(envelope.type)
        return known is None or known.aggregate in self._aggregates

    def _together(self, envelopes: Sequence[Envelope]) -> Tally:
        def do(open_unit: OpenUnit) -> Tally:
            batch = self._batch(open_unit, [_subject(envelope) for envelope in envelopes])
            tally = sum(map(batch.take, envelopes), Tally())
            batch.positions.write()
            return tally

        return self._committed(do)

    def _alone(self, envelope: Envelope, *, redriven: bool = False) -> Tally:
        """Its own transaction, TRIES times; then it is parked with the trace of its last failure."""

        def do(open_unit: OpenUnit) -> Tally:
            batch = self._batch(open_unit, [_subject(envelope)])
            tally = batch.retake(envelope) if redriven else batch.take(envelope)
            batch.positions.write()
            return tally

        failure = ""
        for _attempt in range(TRIES):
            try:
                return self._committed(do)
            except (Poison, ValidationError) as error:
                failure = f"{type(error).__name__}: {error}"
                break
            except Retryable:
                raise
            except Exception:  # noqa: BLE001 - whatever a handler raises, its subject is set aside and the others go on
                failure = traceback.format_exc()
        return self._park(envelope, failure)

    def _committed(self, do: Callable[[OpenUnit], Tally]) -> Tally:
        try:
            return self._store.transact(do)
        except DuplicateKeyError as error:
            if "inbox" in str(error):
                raise Retryable("another worker has handled these events") from error
            raise

    def _park(self, envelope: Envelope, failure: str) -> Tally:
        def do(open_unit: OpenUnit) -> None:
            parking.park(open_unit(envelope.hub, envelope.cause), envelope, parking.POISON, failure, TRIES)

        self._store.transact(do)
        log().error("event_parked", id=envelope.id, type=envelope.type, subject=envelope.subject)
        return Tally(parked=1)

    def _batch(self, open_unit: OpenUnit, subjects: Sequence[Subject]) -> "_Batch":
        probe = open_unit("", Cause("", "", ""))
        positions = Positions(probe.db, probe.session, subjects)
        parked = parking.parked_behind(probe.db, probe.session, subjects)
        return _Batch(self, open_unit, positions, parked)

    def handle(self, envelope: Envelope, open_unit: OpenUnit) -> None:
        """Run the handler of an event, if it has one. What the handler says was caused by this event."""
        if handler := self._handlers.get(envelope.type):
            fact = contracts.load(envelope.type, envelope.data)
            cause = replace(envelope.cause, causation=envelope.id)
            handler(fact, self._make_work(open_unit(envelope.hub, cause)))


class _Batch:
    """Records that share a transaction, and what the store knew of their subjects when it began."""

    def __init__(self, inbox: Inbox, open_unit: OpenUnit, positions: Positions, parked: dict[Subject, list[Parked]]) -> None:
        self._inbox, self._open_unit, self.positions, self.parked = inbox, open_unit, positions, parked

    def take(self, envelope: Envelope) -> Tally:
        """The rule of order: skip what was handled, handle the next, park what came too early or stands behind another."""
        subject, due = _subject(envelope), self.positions[_subject(envelope)] + 1
        waiting = self.parked.get(subject, [])
        if envelope.sequence < due or any(row.envelope.id == envelope.id for row in waiting):
            return Tally(duplicates=1)
        if envelope.sequence > due and not _latest_wins(envelope):
            return self._park(envelope, parking.BEHIND if waiting else parking.GAP)
        return self._handle(envelope) + self._close_gap(subject)

    def retake(self, envelope: Envelope) -> Tally:
        """Handle a parked event if it is its turn; one whose turn has gone by is done with."""
        due = self.positions[_subject(envelope)] + 1
        if envelope.sequence < due:
            self._unpark(envelope)
            return Tally(duplicates=1)
        if envelope.sequence > due:
            return Tally()
        self._unpark(envelope)
        return self._handle(envelope) + self._close_gap(_subject(envelope))

    def _handle(self, envelope: Envelope) -> Tally:
        self._inbox.handle(envelope, self._open_unit)
        self.positions.move(_subject(envelope), envelope.sequence)
        return Tally(handled=1)

    def _close_gap(self, subject: Subject) -> Tally:
        tally = Tally()
        while (row := next(iter(self.parked.get(subject, [])), None)) and row.envelope.sequence == self.positions[subject] + 1:
            self._unpark(row.envelope)
            tally += self._handle(row.envelope)
        return tally

    def _park(self, envelope: Envelope, reason: str) -> Tally:
        parking.park(self._open_unit(envelope.hub, envelope.cause), envelope, reason)
        rows = [*self.parked.get(_subject(envelope), []), Parked(envelope, reason, "")]
        self.parked[_subject(envelope)] = sorted(rows, key=lambda row: row.envelope.sequence)
        return Tally(parked=1)

    def _unpark(self, envelope: Envelope) -> None:
        parking.unpark(self._open_unit(envelope.hub, envelope.cause), envelope)
        rows = self.parked.get(_subject(envelope), [])
        self.parked[_subject(envelope)] = [row for row in rows if row.envelope.id != envelope.id]


def _subject(envelope: Envelope) -> Subject:
    return envelope.service, envelope.subject


def _latest_wins(envelope: Envelope) -> bool:
    """Contacts are compacted: earlier ones may be gone for good, and the newest says all there is to know."""
    known = contracts.EVENTS.get(envelope.type)
    return known is not None and known.topic == "contacts"


def _in_its_place(envelope: Envelope, arrival: Arrival) -> Envelope:
    """Refuse an event that lies in a topic its service and hub do not write: it is misplaced or forged."""
    known = contracts.EVENTS.get(envelope.type)
    family = known.topic if known else envelope.service
    if (known and known.service != envelope.service) or not arrival.place.startswith(f"{family}.{envelope.hub}/"):
        raise BadEnvelope(f"{envelope.type} of {envelope.source} does not belong in this topic")
    return envelope


def _known(envelope: Envelope) -> Envelope:
    """Refuse a major version that this release does not know; let a name it has never heard of pass, to be ignored."""
    name, _, version = envelope.type.rpartition(".v")
    versions = [known for known in contracts.EVENTS if known.rpartition(".v")[0] == name]
    if not version.isdigit() or (versions and envelope.type not in versions):
        raise contracts.UnknownEvent(f"{envelope.type}: this release knows {', '.join(versions) or 'no such version'}")
    return envelope
