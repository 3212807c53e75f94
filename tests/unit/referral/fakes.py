"""The ports of referral in memory: dicts that give and take copies, so that what nobody saved is not there."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from referral.application.ports import Secrets, Work
from referral.domain.advice import Advice, DeclineReason, Signpost
from referral.domain.facilitator import Facilitator
from referral.domain.participant import Participant
from referral.domain.referral import NoSuchReferral, Referral
from referral.domain.values import Wishes
from referral.domain.wishes import Listed, check
from shared.store.vault import Erased

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ADVICE = Advice(
    {"not_eligible": DeclineReason("not_eligible", "Not open to this person", ("samaritans",))},
    {"samaritans": Signpost("Samaritans", "To talk to", "https://www.samaritans.org")},
    frozenset({"nhs.net"}),
)


@dataclass
class Kept:
    """rows: as they were saved last, by id.  said: every event that was saved, in order."""

    rows: dict[str, Any] = field(default_factory=dict)
    said: list[Any] = field(default_factory=list)

    def save(self, thing: Any, events: Iterable[Any] = ()) -> None:
        thing.version += 1
        self.rows[thing.id] = deepcopy(thing)
        self.said += events

    def known_as(self, index: str) -> Any:
        return next((deepcopy(row) for row in self.rows.values() if row.index == index), None)


class Referrals(Kept):
    def get(self, referral: str) -> Referral:
        if referral not in self.rows:
            raise NoSuchReferral(f"{referral}: look it up with GET /v1/referrals")
        return deepcopy(self.rows[referral])

    def open_for(self, index: str) -> Referral | None:
        return next((deepcopy(row) for row in self.rows.values() if row.index == index and row.is_open), None)

    def listed(self, query: dict[str, Any], after: str, limit: int) -> Sequence[Referral]:
        found = [row for key, row in sorted(self.rows.items()) if key > after]
        return [row for row in found if all(getattr(row, name) == value for name, value in query.items())][:limit]


class Participants(Kept):
    def get(self, participant: str) -> Participant:
        return deepcopy(self.rows[participant])


class Facilitators(Kept):
    def only(self) -> Facilitator:
        (facilitator,) = self.rows.values()
        return facilitator


@dataclass
class Modalities:
    entries: dict[str, Listed] = field(default_factory=dict)

    def check(self, wishes: Wishes) -> None:
        check(wishes, list(self.entries.values()))

    def list(self, code: str, variants: tuple[str, ...], topics: tuple[str, ...]) -> None:
        self.entries[code] = Listed(code, variants, topics)


@dataclass
class Safe:
    """keys: participants who have one.  sealed: what each ciphertext holds, and whose it is."""

    keys: set[str] = field(default_factory=set)
    sealed: dict[bytes, tuple[str, dict[str, Any]]] = field(default_factory=dict)

    def create_key(self, participant: str) -> None:
        assert participant not in self.keys, "a participant has one key"
        self.keys.add(participant)

    def destroy_key(self, participant: str) -> None:
        self.keys.remove(participant)

    def seal(self, participant: str, what: dict[str, Any]) -> bytes:
        if participant not in self.keys:
            raise Erased("no such key in the vault")
        cipher = f"sealed {len(self.sealed)}".encode()
        self.sealed[cipher] = (participant, deepcopy(what))
        return cipher

    def open(self, sealed: bytes) -> dict[str, Any]:
        participant, what = self.sealed[sealed]
        if participant not in self.keys:
            raise Erased("no such key in the vault")
        return what


def work() -> Work:
    """An empty hub whose catalogue has arrived; ids are R-1, P-2, F-3 … in the order they are made."""
    numbers = count(1)
    return Work(
        hub="london",
        now=NOW,
        referrals=Referrals(),
        participants=Participants(),
        facilitators=Facilitators(),
        modalities=Modalities({"analytic": Listed("analytic", ("women",), ())}),
        safe=Safe(),
        secrets=Secrets(b"b" * 32, b"c" * 32),
        advice=ADVICE,
        new_id=lambda kind: f"{kind}-{next(numbers)}",
        new_pseudonym=lambda: f"P-{next(numbers)}",
    )
