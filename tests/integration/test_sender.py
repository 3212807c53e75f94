"""What becomes of a message, whoever dies on the way: the sender and its claims on a real store, a server that plays a part."""

import base64
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise
from threading import Barrier, Lock
from typing import Any

import pytest

from notifications.adapters import mongo, notification_files
from notifications.adapters.claims import CLAIMED, SUBMITTED, MongoClaims
from notifications.application.ports import Work
from notifications.application.sending import CannotBuild, NoContact, Outcome, Sender
from notifications.bootstrap import DATA
from notifications.domain.contact import Contact
from notifications.domain.message import MOST_TRIES, Message, message_id
from notifications.domain.standing import Offer, Standing
from notifications.messaging.outbound import published
from shared import ids, indexes
from shared.errors import Stale
from shared.hubs import Hub
from shared.mongo import Doc
from shared.store import Store
from shared.tracing import Cause
from shared.unit import Unit

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
CAUSE = Cause("c", "c", "t")
LEEDS = Hub("leeds", "Leeds", "ENG", "Europe/London", "0113 496 0000", "hello@leeds.example")
CATALOGUE = notification_files.load(DATA)
ONCE, AGAIN = "offer-expired", "referral-received"  # both are true always; only the second is resent when unsure

Step = Callable[[], None]
Part = Callable[[Step], Outcome]  # what a server does with one mail


class Killed(BaseException):
    """kill -9, as far as a test can."""


def answers(kind: str, reason: str = "") -> Part:
    """All of it is taken, and the dot too; then this is the answer."""

    def play(before_dot: Step) -> Outcome:
        before_dot()
        return Outcome(kind, reason)

    return play


def refuses(kind: str, reason: str) -> Part:
    """Nothing is taken, and the dot is never sent."""
    return lambda _before_dot: Outcome(kind, reason)


def dies_before_the_dot(_before_dot: Step) -> Outcome:
    raise Killed


def dies_after_the_dot(before_dot: Step) -> Outcome:
    before_dot()
    raise Killed


ACCEPTS = answers("accepted")


@dataclass
class PlayedServer:
    """parts: one for each mail; when none is left, it accepts.  dots: the Message-IDs it may hold, in their order."""

    parts: list[Part] = field(default_factory=list)
    dots: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=Lock)

    def deliver(self, mail: EmailMessage, before_dot: Step) -> Outcome:
        def dotted() -> None:
            before_dot()
            with self.lock:
                self.dots.append(mail["Message-ID"])

        with self.lock:
            part = self.parts.pop(0) if self.parts else ACCEPTS
        return part(dotted)


class PlainPost:
    def build(self, message: Message, work: Work) -> EmailMessage:
        if work.contacts.find(message.participant) is None:
            raise NoContact(message.participant)
        if message.data.get("unfit"):
            raise CannotBuild("UnsafeHeader")
        mail = EmailMessage()
        mail["Message-ID"] = message.id
        return mail


@dataclass
class World:
    """One hub's messages at an hour that the test sets."""

    store: Store
    now: datetime = START

    def __post_init__(self) -> None:
        self.store.clock = lambda: self.now
        indexes.ensure(self.store.db, *mongo.COLLECTIONS)
        mongo.ensure_indexes(self.store.db)
        self.do(lambda work: work.contacts.keep(Contact("P", LEEDS.code, b"sealed")))

    def work(self, unit: Unit) -> Work:
        messages, standings = mongo.Messages(unit, published), mongo.Standings(unit, published)
        kept = (messages, standings, mongo.Contacts(unit), mongo.Answers(unit, published))
        return Work(LEEDS, unit.now, unit.cause.causation, *kept, CATALOGUE, ids.new_id)

    def do(self, use_case: Callable[[Work], None]) -> None:
        self.store.perform(LEEDS.code, CAUSE, lambda unit: use_case(self.work(unit)))

    def plan(self, template: str, number: int = 1, participant: str = "P", **data: Any) -> str:
        identity = message_id(f"event-{number}", template)
        at = self.now
        planned = Message(identity, LEEDS.code, participant, "R", template, f"event-{number}", "t.v1", data, at, at)
        self.do(lambda work: work.messages.plan(planned))
        return identity

    def sender(self, server: PlayedServer, name: str = "one") -> Sender:
        return Sender(MongoClaims(self.store, [LEEDS.code], name, self.work), PlainPost(), server)

    def message(self, identity: str) -> Doc:
        found = self.store.db["messages"].find_one({"_id": identity})
        assert found
        return found

    def state(self, identity: str) -> tuple[str, str]:
        found = self.message(identity)
        return found["state"], found["reason"]

    def said(self) -> list[str]:
        return [row["type"] for row in self.store.db["outbox"].find().sort("sequence", 1)]

    def wait(self, span: timedelta) -> None:
        self.now += span

    def outlive(self, span: timedelta) -> None:
        self.now += span + timedelta(milliseconds=1)


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def dies(sender: Sender) -> None:
    with pytest.raises(Killed):
        sender.send_due()
