"""Handles each event once, in the order of its subject, with its effects in one transaction.

A whole batch shares a transaction; when that fails, each record gets one of its own, so that only the poisoned event
is parked.
"""

import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from logging import INFO, WARNING

from marshmallow import ValidationError
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared import contracts
from shared.errors import Poison, Retryable
from shared.events import offsets, parking
from shared.events.arrivals import Arrival, Readable, Unreadable, read_all
from shared.events.envelope import Envelope
from shared.events.ordering import Batch, Tally, is_final, may_skip, subject_of
from shared.events.positions import Positions, Subject
from shared.events.sealing import Seals
from shared.events.signing import Publishers
from shared.events.subscriptions import Heard, Subscriptions
from shared.events.tracing import Cause
from shared.process.logs import log
from shared.store.mongo import Doc
from shared.store.transactions import OpenUnit, R
from shared.store.use_cases import UseCases

TRIES = 3


class NotParked(LookupError):
    """There is no such parked event, or it is not its turn."""


Done = tuple[Tally, list[Envelope]]  # the tally of a batch, and its events that were handled


class Inbox:
    """`subscriptions` maps each event to its use case. publishers: whose signatures are believed."""

    def __init__(self, use_cases: UseCases, subscriptions: Subscriptions, seals: Seals, publishers: Publishers) -> None:
        self._use_cases, self._store, self._seals, self._publishers = use_cases, use_cases.store, seals, publishers
        self._handlers = {contracts.described(shape).type: on for shape, on in subscriptions.items()}
        heard = [contracts.EVENTS[name] for name in self._handlers]
        self._histories = {(event.service, event.family, event.subject) for event in heard}

    @property
    def db(self) -> Database[Doc]:
        """The store that contains its offsets."""
        return self._store.db

    def can_wait(self, arrival: Arrival) -> bool:
        """Whether no use case of ours handles its type: then it only moves a position, which need not be done at once."""
        return arrival.type in contracts.EVENTS and arrival.type not in self._handlers

    def take(self, arrivals: Sequence[Arrival]) -> Tally:
        """Handle or park each. Raises Retryable when the store is unavailable: then retry the same batch."""
        readable, unreadable = read_all(arrivals, self._publishers)
        for each in unreadable:
            self._park_unreadable(each)
        concerning = [each for each in readable if self._concerns_us(each[0])]
        parked = Counter(each.arrival.topic for each in unreadable)
        tally = Tally(ignored=len(readable) - len(concerning), parked_on=parked)
        return tally + self._handled(concerning, [arrival.read for arrival in arrivals])

    def _handled(self, concerning: Sequence[Readable], read: Sequence[tuple[str, int]]) -> Tally:
        if concerning:
            try:
                return self._together(concerning, read)
            except Retryable:
                raise
            except Exception as error:  # noqa: BLE001 - handled one by one, only the faulty event is parked
                log().warning("batch_failed", error=type(error).__name__, size=len(concerning))
        tally = sum((self._alone(*each) for each in concerning), Tally())
        self._store.transact(lambda open_unit: _advance(open_unit, read))
        return tally

    def redrive(self, event: str) -> Tally:
        """Try the parked events of this one's subject again, in order, until one fails. Raises NotParked."""
        row = self._parked_row(event)
        return self._reread(row) if row["reason"] == parking.UNREADABLE else self._redrive(_subject_in(row))

    def _reread(self, row: Doc) -> Tally:
        """Handle a record that could not be read, if it can be now: its key may have been added since. Raises NotParked."""
        readable, unreadable = read_all([parking.arrival(row)], self._publishers)
        if unreadable:
            raise NotParked(f"{row['_id']} still cannot be read ({unreadable[0].why}); all that can be done is to drop it")
        envelope = readable[0][0]
        tally = self._alone(envelope, is_repeat=False) if self._concerns_us(envelope) else Tally(ignored=1)
        self._store.transact(lambda open_unit: parking.unpark(open_unit(row["hub"], envelope.cause), row["_id"]))
        return tally

    def _redrive(self, subject: Subject) -> Tally:
        with self._store.client.start_session() as session:
            rows = parking.parked_behind(self._store.db, session, [subject]).get(subject, [])
        tally = Tally()
        for row in rows:
            tally += self._alone(row.envelope, is_repeat=False, redriven=True)
        return tally

    def redrive_all(self) -> Tally:
        """Try all readable parked events again, subject by subject."""
        rows = parking.listed(self.db, {"reason": {"$ne": parking.UNREADABLE}})
        return sum((self._redrive(subject) for subject in dict.fromkeys(map(_subject_in, rows))), Tally())

    def drop(self, event: str, why: str) -> None:
        """Drop one parked event and handle those behind it. Raises NotParked, also if it is not the next one."""
        row = self._parked_row(event)

        def do(open_unit: OpenUnit) -> None:
            parking.drop(open_unit(row["hub"], Cause(event, event, "")), row, why)
            if row["reason"] != parking.UNREADABLE:
                self._skip(row, open_unit)

        self._store.transact(do)
        if row["reason"] != parking.UNREADABLE:
            self._redrive(_subject_in(row))

    def _skip(self, row: Doc, open_unit: OpenUnit) -> None:
        """Move the position past a dropped event now, or once the earlier ones have arrived. Raises NotParked."""
        subject, sequence = _subject_in(row), row["sequence"]
        batch = self._batch(open_unit, [subject])
        waits_for_others = any(parked.envelope.sequence < sequence for parked in batch.parked.get(subject, []))
        if waits_for_others and not (may_skip(row["type"]) or is_final(row["type"])):
            raise NotParked(f"{row['_id']} is not the next event of {subject[-1]}; drop or redrive the ones before it first")
        batch.due(subject)
        batch.positions.write()

    def _parked_row(self, event: str) -> Doc:
        found = self._store.db[parking.COLLECTION].find_one({"_id": event})
        if found is None:
            raise NotParked(f"{event} is not parked; `parked list` shows what is")
        return found

    def _park_unreadable(self, record: Unreadable) -> None:
        place = record.arrival.place
        self._store.transact(lambda open_unit: parking.park_unreadable(open_unit(record.arrival.hub, Cause(place, place, "")), record))
        log().error("record_parked", place=place, reason=record.why)

    def _concerns_us(self, envelope: Envelope) -> bool:
        """Whether we subscribe to anything in its history; an unknown name, newer than us, may be of any."""
        known = contracts.EVENTS.get(envelope.type)
        return known is None or (known.service, known.family, known.subject) in self._histories

    def _subjects_of(self, envelope: Envelope) -> list[Subject]:
        """Its own; a final event concerns every history of its subject, from whichever service."""
        if not is_final(envelope.type):
            return [subject_of(envelope)]
        kind = contracts.EVENTS[envelope.type].subject
        return [(service, family, envelope.subject) for service, family, about in sorted(self._histories) if about == kind]

    def _together(self, envelopes: Sequence[Readable], read: Sequence[tuple[str, int]]) -> Tally:
        def do(open_unit: OpenUnit) -> Done:
            batch = self._batch(open_unit, [subject for envelope, _ in envelopes for subject in self._subjects_of(envelope)])
            tally = sum((batch.take(*each) for each in envelopes), Tally())
            batch.positions.write()
            _advance(open_unit, read)
            return tally, batch.handled

        return self._committed(do)

    def _alone(self, envelope: Envelope, is_repeat: bool, *, redriven: bool = False) -> Tally:  # noqa: FBT001 - a pair is unpacked into it
        """Handle it in its own transaction, TRIES times; then park it with the traceback of its last failure."""

        def do(open_unit: OpenUnit) -> Done:
            batch = self._batch(open_unit, self._subjects_of(envelope))
            tally = batch.retake(envelope) if redriven else batch.take(envelope, is_repeat)
            batch.positions.write()
            return tally, batch.handled

        failure = ""
        for attempt in range(1, TRIES + 1):
            try:
                return self._committed(do)
            except (Poison, ValidationError) as error:
                return self._park(envelope, f"{type(error).__name__}: {error}", attempt)
            except Retryable:
                raise
            except Exception:  # noqa: BLE001 - whatever a handler raises, its event is parked and other subjects go on
                failure = traceback.format_exc()
        return self._park(envelope, failure, TRIES)

    def _committed(self, do: Callable[[OpenUnit], Done]) -> Tally:
        tally, handled = self._transacted(do)
        for each in handled:  # only now, because a transaction may be retried
            known = each.type in contracts.EVENTS
            log().log(
                INFO if known else WARNING,
                "event_handled" if known else "event_of_unknown_type",
                id=each.id,
                type=each.type,
                subject=each.subject,
                sequence=each.sequence,
            )
        return tally

    def _transacted(self, do: Callable[[OpenUnit], R]) -> R:
        try:
            return self._store.transact(do)
        except DuplicateKeyError as error:
            if "inbox" in str(error):
                raise Retryable("another worker has handled these events") from error
            raise

    def _park(self, envelope: Envelope, failure: str, attempts: int) -> Tally:
        def do(open_unit: OpenUnit) -> Tally:
            batch = self._batch(open_unit, [subject_of(envelope)])
            tally = batch.set_aside(envelope, failure, attempts)
            batch.positions.write()
            return tally

        tally = self._transacted(do)
        if tally.parked:
            log().error("event_parked", id=envelope.id, type=envelope.type, subject=envelope.subject)
        return tally

    def _batch(self, open_unit: OpenUnit, subjects: Sequence[Subject]) -> Batch:
        probe = open_unit("", Cause("", "", ""))
        positions = Positions(probe.db, probe.session, subjects)
        parked = parking.parked_behind(probe.db, probe.session, positions.with_some_aside)
        dropped = parking.dropped(probe.db, probe.session, positions.with_some_aside)
        return Batch(self.handle, open_unit, positions, parked, dropped)

    def handle(self, envelope: Envelope, open_unit: OpenUnit, *, is_repeat: bool) -> None:
        """Run the use case of an event, if it has one, with this event as the cause of its effects."""
        on = self._handlers.get(envelope.type)
        if on is None:
            return
        fact = contracts.load(envelope.type, envelope.subject, envelope.data or {})
        command = on.command(Heard(fact, envelope, self._seals, is_repeat))
        if command is not None:
            cause = replace(envelope.cause, causation=envelope.id)
            self._use_cases.within(open_unit(envelope.hub, cause, is_catching_up=is_repeat), on.use_case, command)


def _advance(open_unit: OpenUnit, read: Sequence[tuple[str, int]]) -> None:
    unit = open_unit("", Cause("", "", ""))
    offsets.advance(unit.db, unit.session, read)


def _subject_in(row: Doc) -> Subject:
    return row["service"], row["family"], row["subject"]
