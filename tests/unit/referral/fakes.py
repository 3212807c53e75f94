"""A hub in memory: the ports of referral as dicts that take and give copies, behind the real runner of use cases.

A transaction that raises leaves nothing behind, and what somebody else has saved in between is Stale, as in the store.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from referral.application.ports import (
    ModalityWork,
    NewIds,
    ParticipantWork,
    ReferralFilter,
    ReferralWork,
    Secrets,
    StaffWork,
    SubmissionWork,
)
from referral.domain.advice import Advice, DeclineReason, Signpost
from referral.domain.modalities import Modality
from referral.domain.values import Identity, Person
from referral.messaging.inbound import SUBSCRIPTIONS
from referral.messaging.outbound import publisher
from shared.contracts import Fact, described, subject_of
from shared.errors import Retryable, Stale
from shared.events.envelope import Envelope
from shared.events.sealing import SealingKey, Seals
from shared.events.subscriptions import Heard
from shared.events.tracing import Cause
from shared.store.unit import Unit
from shared.store.use_cases import UseCases
from shared.store.vault import Erased
from support.fake_store import FakeCollection

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CAUSE = Cause("Q-1", "Q-1", "")
ADVICE = Advice(
    {"not_eligible": DeclineReason("not_eligible", "Not open to this person", ("samaritans",))},
    {"samaritans": Signpost("Samaritans", "To talk to", "https://www.samaritans.org")},
    frozenset({"nhs.net"}),
)
KEYS = {
    pair: (SealingKey("k1", bytes([number]) * 32),)
    for number, pair in enumerate([("referral", "scheduling"), ("referral", "notifications")])
}
SEALS = Seals("referral", KEYS)
ANALYTIC = Modality("london|analytic", "london", "analytic", "referral", ("women",), (), 1)


@dataclass
class Kept:
    """rows: as they were saved last, by id."""

    hub: str = "london"
    rows: dict[str, Any] = field(default_factory=dict)

    def get(self, identity: str) -> Any:
        found = self.rows.get(identity)
        return deepcopy(found) if found and found.hub == self.hub else None

    def first(self, **wanted: Any) -> Any:
        return next(iter(self.all(**wanted)), None)

    def all(self, **wanted: Any) -> list[Any]:
        rows = [row for _, row in sorted(self.rows.items()) if row.hub == self.hub]
        return [deepcopy(row) for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]

    def save(self, aggregate: Any) -> None:
        stored = self.rows.get(aggregate.id)
        if aggregate.version != (stored.version if stored else 0):
            raise Stale(f"{aggregate.id} changed since version {aggregate.version}")
        aggregate.version += 1
        self.rows[aggregate.id] = deepcopy(aggregate)


@dataclass
class Subjects(Kept):
    """said: each event that was saved, with the number it got, in order."""

    said: list[tuple[str, int, Any]] = field(default_factory=list)

    def save(self, aggregate: Any, events: Iterable[Any] = ()) -> None:
        for event in events:
            aggregate.last_sequence += 1
            self.said.append((aggregate.id, aggregate.last_sequence, event))
        super().save(aggregate)

    @property
    def events(self) -> list[Any]:
        return [event for _, _, event in self.said]


class Referrals(Kept):
    def open_for(self, participant: str) -> Any:
        return self.first(participant=participant, is_open=True)

    def of(self, participant: str) -> list[Any]:
        return self.all(participant=participant)

    def listed(self, wanted: ReferralFilter, after: str, limit: int) -> list[Any]:
        named = {"shown_status": wanted.status, "urgency": wanted.urgency, "participant": wanted.participant}
        found = self.all(**{name: value for name, value in named.items() if value is not None})
        return [row for row in found if row.id > after][:limit]

    def save(self, aggregate: Any) -> None:
        same = [row for row in self.all(index=aggregate.index, is_open=True) if row.id != aggregate.id]
        if aggregate.is_open and same:
            raise Stale("somebody else has just submitted this person")
        super().save(aggregate)


class Participants(Subjects):
    def known_by(self, index: str) -> Any:
        return self.first(index=index, state="known")

    def in_state(self, state: str) -> Sequence[Any]:
        return [row.id for row in self.all(state=state)]

    def save(self, aggregate: Any, events: Iterable[Any] = ()) -> None:
        same = [row for row in self.all(index=aggregate.index, state="known") if row.id != aggregate.id]
        if aggregate.state == "known" and same:
            raise Stale("somebody else has just submitted this person")
        super().save(aggregate, events)


class Contacts(Subjects):
    def of(self, participant: str) -> Any:
        return self.get(participant)


class Staff(Subjects):
    def known_by(self, index: str) -> Any:
        return self.first(index=index)

    def active(self) -> list[str]:
        return [member.id for member in self.all() if member.state == "active"]


class Modalities(Kept):
    def catalogue(self) -> list[Any]:
        return self.all()


@dataclass
class Vault:
    """keys: participants who have one.  sealed: what each ciphertext contains, and whose it is.  in_transaction: it then refuses."""

    keys: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    sealed: dict[bytes, tuple[str, Any]] = field(default_factory=dict)
    is_away: bool = False
    in_transaction: bool = False

    def create_key(self, participant: str) -> None:
        self._reach()
        assert participant not in self.keys, "a participant has one key"
        self.keys.add(participant)

    def destroy_key(self, participant: str) -> None:
        self._reach()
        self.keys.discard(participant)
        self.lost.add(participant)

    def destroyed(self) -> frozenset[str]:
        self._reach()
        return frozenset(self.lost)

    def seal_identity(self, participant: str, identity: Identity) -> bytes:
        return self._seal(participant, identity)

    def open_identity(self, participant: str, sealed: bytes) -> Identity:
        found: Identity = self._open(participant, sealed)
        return found

    def seal_contact(self, participant: str, person: Person) -> bytes:
        return self._seal(participant, (person.name_to_use, person.email))

    def seal_note(self, participant: str, text: str) -> bytes:
        return self._seal(participant, text)

    def open_note(self, participant: str, sealed: bytes) -> str:
        return str(self._open(participant, sealed))

    def _seal(self, participant: str, what: Any) -> bytes:
        self._reach()
        if participant not in self.keys:
            raise Erased("no such key in the vault")
        cipher = f"sealed {len(self.sealed)}".encode()
        self.sealed[cipher] = (participant, deepcopy(what))
        return cipher

    def _open(self, participant: str, sealed: bytes) -> Any:
        self._reach()
        owner, what = self.sealed[sealed]
        assert owner == participant
        if participant not in self.keys:
            raise Erased("no such key in the vault")
        return what

    def _reach(self) -> None:
        assert not self.in_transaction, "the vault is remote: never within a transaction"
        if self.is_away:
            raise Retryable("the key store is away")


class Hub:
    """One hub: what is kept, and whoever runs use cases on it. Ids are R-1, P-2, F-3 … in the order in which they are made."""

    def __init__(self, code: str = "london") -> None:
        self.code, self.now, self._numbers = code, NOW, count(1)
        self.referrals, self.participants, self.contacts = Referrals(code), Participants(code), Contacts(code)
        self.reports = FakeCollection()
        self.staff, self.modalities, self.answers, self.vault = Staff(code), Modalities(code), FakeCollection(), Vault()
        self.modalities.rows[ANALYTIC.id] = deepcopy(ANALYTIC)
        self.before_commit: list[Callable[[], object]] = []
        self.use_cases = UseCases(self, self._works())  # type: ignore[arg-type]
        self.clock = lambda: self.now

    # As shared.store.transactions.Store

    def run(self, hub: str, cause: Cause, do: Callable[[Unit], Any], tries: int = 8) -> Any:
        for attempt in range(tries):
            try:
                return self._transact(hub, cause, do)
            except Stale:
                if attempt == tries - 1:
                    raise
        return None

    def read(self, hub: str, cause: Cause, do: Callable[[Unit], Any]) -> Any:
        found = do(self._unit(hub, cause))
        if self.before_commit:  # somebody else is quicker
            self.before_commit.pop(0)()
        return found

    def _transact(self, hub: str, cause: Cause, do: Callable[[Unit], Any]) -> Any:
        kept = (self.referrals, self.participants, self.contacts, self.staff, self.modalities)
        before = [(store, dict(store.rows), len(getattr(store, "said", ()))) for store in kept]
        self.vault.in_transaction = True
        try:
            return do(self._unit(hub, cause))
        except BaseException:
            for store, rows, said in before:
                store.rows = rows
                if isinstance(store, Subjects):
                    del store.said[said:]
            raise
        finally:
            self.vault.in_transaction = False

    def _unit(self, hub: str, cause: Cause) -> Unit:
        return Unit({"idempotency": self.answers, "reports": self.reports}, None, hub, self.now, cause)  # type: ignore[arg-type]

    def _works(self) -> dict[type, Callable[[Unit], Any]]:
        secrets = Secrets(b"b" * 32, b"c" * 32)
        new: Any = NewIds(lambda: self._new("R"), lambda: self._new("P"), lambda: self._new("F"))
        here = (self.referrals, self.participants, self.contacts, self.modalities, self.vault, secrets, ADVICE, new)
        return {
            SubmissionWork: lambda unit: SubmissionWork(unit.hub, unit.now, *here),
            ReferralWork: lambda unit: ReferralWork(unit.now, self.referrals, self.participants, self.vault, ADVICE),
            ParticipantWork: lambda unit: ParticipantWork(unit.now, self.participants, self.contacts, self.referrals, self.vault),
            StaffWork: lambda unit: StaffWork(unit.hub, self.staff, secrets, new),
            ModalityWork: lambda unit: ModalityWork(unit.hub, self.modalities),
        }

    def _new(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"

    # For tests

    def do(self, use_case: Any, command: Any) -> Any:
        return self.use_cases.run(use_case, command, self.code, CAUSE)

    def ask(self, use_case: Any, query: Any) -> Any:
        return self.use_cases.read(use_case, query, self.code, CAUSE)

    def hears(self, fact: Fact) -> None:
        """What the inbox does with an event that is due, in a transaction of its own."""
        event, on = described(fact), SUBSCRIPTIONS[type(fact)]
        envelope = Envelope("E-1", event.service, self.code, event.type, subject_of(fact), 1, NOW, CAUSE, {})
        command = on.command(Heard(fact, envelope, SEALS))
        if command is not None:
            self.do(on.use_case, command)

    def published(self) -> list[Fact]:
        """Everything that left so far, participants' first."""
        publish = publisher(SEALS)
        return [publish(event) for kept in (self.participants, self.contacts, self.staff) for event in kept.events]

    def said_of(self, participant: str) -> list[str]:
        """The names of the events about a participant, in order."""
        return [type(event).__name__ for subject, _, event in self.participants.said if subject == participant]
