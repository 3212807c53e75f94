"""What is attacked with broken values. Each attack is decided by its number alone, so that one that succeeds can be repeated."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import bson
from fuzz import odd
from unit.notifications import fakes
from unit.notifications.test_sending import Mails

from notifications.adapters.links import SignedLinks
from notifications.application.ports import Link
from notifications.domain.answers import LinkGone
from notifications.domain.ids import MembershipId, PersonId
from notifications.domain.messages import STATES
from shared import contracts
from shared.contracts import referral
from shared.events import parking
from shared.events.arrivals import Arrival, read_all
from shared.events.envelope import Envelope, to_record
from shared.events.ordering import subject_of
from shared.events.tracing import Cause
from support.signing import PUBLISHERS, signed

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
ANSWERED = {"person": "P-1", "to": "S-1", "answer": "accept", "answered_at": "2026-11-25T09:00:00+00:00"}
TOPICS = ("notifications.london", "scheduling.london", "referral.london", "contacts.london")


@cache
def _genuine() -> Arrival:
    event = Envelope("01JD", "notifications", "london", "participant.answered.v1", "P-1", 4, AT, Cause("c", "c", "t"), ANSWERED)
    record = to_record(event)
    return Arrival("notifications.london/0/7", "london", record.key, record.value, record.headers)


def decoder(chance: Random) -> None:
    """A broken record, signed or not, is an event or set aside, and a store can hold it either way."""
    arrival = _broken_record(chance)
    readable, unreadable = read_all([arrival], PUBLISHERS)
    assert len(readable) + len(unreadable) == 1
    for each in unreadable:
        bson.encode({"_id": arrival.place, "why": each.why, **parking.bytes_of(arrival.record)})
        assert len(each.why) < 2000
    for envelope, _ in readable:
        row = parking.row_of(envelope)
        bson.encode(row | {"at": envelope.time})
        assert parking.parked({**row, "reason": "gap", "detail": ""}).envelope == envelope
        subject_of(envelope)
        _load(envelope)


def _load(envelope: Envelope) -> None:
    """A handler's first step: whatever it raises, the inbox parks the event; it must raise, not hang or exit."""
    try:
        contracts.load(envelope.type, envelope.subject, envelope.data or {})
    except Exception as error:  # noqa: BLE001 - see above
        str(error).encode(errors="replace")


def _broken_record(chance: Random) -> Arrival:
    genuine = _genuine()
    headers = dict(genuine.headers)
    for _ in range(chance.randrange(3)):
        name = chance.choice(sorted(headers))
        headers[name] = chance.choice((odd.text(chance).encode(errors="surrogatepass"), odd.changed(chance, headers[name])))
    if chance.random() < 0.2:
        headers.pop(chance.choice(sorted(headers)))
    topic = chance.choice(TOPICS) if chance.random() < 0.2 else TOPICS[0]
    key = headers.get("ce_subject", b"P-1") if chance.random() < 0.8 else chance.choice((None, b"", odd.changed(chance, b"P-1")))
    broken = Arrival(f"{topic}/0/7", "london", key, _broken_value(chance), tuple(headers.items()))
    if chance.random() < 0.85:
        return signed(broken)
    return replace(broken, headers=(*broken.headers, ("ce_keyid", chance.randbytes(8)), ("ce_signature", chance.randbytes(9))))


def _broken_value(chance: Random) -> bytes | None:
    data: dict[str, object] = dict(ANSWERED)
    for _ in range(chance.randrange(3)):
        data[chance.choice([*ANSWERED, odd.text(chance)])] = odd.value(chance)
    text = json.dumps(data).encode()
    return chance.choice((text, text, text, odd.changed(chance, text), None, chance.randbytes(chance.randrange(40))))


LINKS = SignedLinks(b"k" * 32)
ANSWER = Link(PersonId("P-1"), MembershipId("S-1"))
TOKEN = LINKS.sign(ANSWER)


def link(chance: Random) -> None:
    """A damaged token is refused, or is the very link that was signed."""
    token = odd.changed(chance, TOKEN.encode()).decode(errors="replace") if chance.random() < 0.8 else odd.text(chance)
    try:
        assert LINKS.read(token) == ANSWER
    except LinkGone:
        assert token != TOKEN


class BrokenVault:
    """Opens P-1's contact as something broken, everybody else's as it should be."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def open(self, participant: str, _purpose: str, _sealed: bytes) -> Any:
        opened: dict[str, object] = {"known_as": "Sam", "email": "sam@home.example"}
        if participant == "P-1":
            for _ in range(self.chance.randrange(3)):
                opened[self.chance.choice(sorted(opened))] = odd.value(self.chance)
        return opened


def sender(chance: Random) -> None:
    """A message that is broken in any way ends in a state that there is; the next person's goes out."""
    world: Any = fakes.World()
    for person in ("P-1", "P-2"):
        world.hear(referral.ContactChanged(person=person, sealed="c2VhbGVk"))
    world.offered(_broken_place(chance))
    for doc in world.messages.docs.values():
        if chance.random() < 0.3:
            doc["place"] = odd.text(chance)
        if chance.random() < 0.1:
            doc["template"] = chance.choice(("offer", "seat-confirmed", "session-reminder", odd.text(chance)))
    world.offered(person="P-2", membership="S-2")
    mails: Any = Mails(BrokenVault(chance))
    world.send(mails)
    states = {message.person: message.state for message in world.messages.all()}
    assert states["P-2"] == "accepted"
    assert states["P-1"] in STATES
    for mail in mails.built:
        assert len(mail["To"].addresses) == 1
        assert mail["Bcc"] is None


def _broken_place(chance: Random) -> Any:
    changes: dict[str, Any] = {}
    for name in ("name", "venue", "cadence"):
        if chance.random() < 0.3:
            changes[name] = odd.text(chance).encode(errors="replace").decode()
    if chance.random() < 0.3:
        changes["deadline"] = chance.choice(odd.TIMES)
    if chance.random() < 0.3:
        broken = replace(fakes.meeting(), start=chance.choice(odd.TIMES), zone=chance.choice(("Europe/London", "Mars/Base", "")))
        changes["meetings"] = (fakes.meeting(), broken)
    if chance.random() < 0.1:
        changes["revision"] = chance.choice((-1, 0, 2**40))
    return fakes.place(**changes)


TARGETS: Mapping[str, Callable[[Random], None]] = {"decoder": decoder, "link": link, "sender": sender}


def attack(target: str, number: int) -> None:
    """Raises whatever the attack broke."""
    TARGETS[target](Random(f"{target} {number}"))
