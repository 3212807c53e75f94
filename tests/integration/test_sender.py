"""What becomes of a message, whoever dies on the way: the sender and its claims on a real store, a server that plays a part."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier
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
from shared import ids
from shared.errors import Stale
from shared.events.tracing import Cause
from shared.process.hubs import Hub
from shared.store.documents import Store, indexes
from shared.store.unit import Unit
from support.smtp import ACCEPTS, Killed, Part, PlayedServer, Step, answers, dies_after_the_dot, dies_before_the_dot, refuses

START, MOMENT = datetime(2026, 11, 2, 9, tzinfo=UTC), timedelta(milliseconds=1)
LEEDS = Hub("leeds", "Leeds", "ENG", "Europe/London", "0113 496 0000", "hello@leeds.example")
CATALOGUE = notification_files.load(DATA)
ONCE, AGAIN = "open-access-times", "referral-received"  # both are true always; only the second is resent when unsure


class PlainPost:
    def build(self, message: Message, work: Work) -> dict[str, str]:
        if work.contacts.find(message.participant) is None:
            raise NoContact(message.participant)
        if message.data.get("unfit"):
            raise CannotBuild("UnsafeHeader")
        return {"Message-ID": message.id}  # all that a played server reads


@dataclass
class World:
    store: Store
    now: datetime = START  # as the test sets it

    def __post_init__(self) -> None:
        self.store.clock = lambda: self.now
        indexes.ensure(self.store.db, *mongo.COLLECTIONS)
        self.do(lambda work: work.contacts.keep(Contact("P", LEEDS.code, b"sealed")))

    def work(self, unit: Unit) -> Work:
        kept = (mongo.Messages(unit, published), mongo.Standings(unit, published), mongo.Contacts(unit), mongo.Answers(unit, published))
        return Work(LEEDS, unit.now, unit.cause.causation, *kept, CATALOGUE, ids.new_id)

    def do(self, use_case: Callable[[Work], None]) -> None:
        self.store.perform(LEEDS.code, Cause("c", "c", "t"), lambda unit: use_case(self.work(unit)))

    def plan(self, template: str, number: int = 1, participant: str = "P", **data: Any) -> str:
        identity = message_id(f"event-{number}", template)
        planned = Message(identity, LEEDS.code, participant, "R", template, f"event-{number}", "t.v1", data, self.now, self.now)
        self.do(lambda work: work.messages.plan(planned))
        return identity

    def sender(self, server: PlayedServer, name: str = "one") -> Sender:
        return Sender(MongoClaims(self.store, [LEEDS.code], name, self.work), PlainPost(), server)

    def state(self, identity: str) -> tuple[str, str]:
        found = self.store.db["messages"].find_one({"_id": identity})
        return found["state"], found["reason"]

    def said(self) -> list[str]:
        return [row["type"] for row in self.store.db["outbox"].find().sort("sequence", 1)]


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


OUTCOMES = [
    (answers("accepted"), "accepted", "", "message.accepted.v1"),
    (answers("rejected", "SMTP 554"), "rejected", "SMTP 554", "message.bounced.v1"),
    (refuses("rejected", "SMTP 550"), "rejected", "SMTP 550", "message.bounced.v1"),
    (answers("unsure", "TimeoutError"), "ambiguous", "the link died between the last dot and the server's answer", "message.ambiguous.v1"),
]


@pytest.mark.parametrize(("part", "state", "reason", "event"), OUTCOMES)
def test_what_the_server_did_is_what_the_message_becomes_and_says(world: World, part: Part, state: str, reason: str, event: str) -> None:
    identity, sender = world.plan(ONCE), world.sender(PlayedServer([part]))
    assert [sender.send_due() for _ in range(2)] == [1, 0]
    assert (world.state(identity), world.said()) == ((state, reason), [event])
    row = world.store.db["outbox"].find_one()
    told = {"message": identity, "participant": "P", "template": ONCE, "cause": "event-1"} | ({"reason": reason} if reason else {})
    assert (row["type"], row["subject"], row["causation"], json.loads(row["data"])) == (event, identity, "event-1", told)


def test_what_is_deferred_says_nothing_waits_and_then_goes(world: World) -> None:
    identity, sender = world.plan(ONCE), world.sender(PlayedServer([refuses("deferred", "SMTP 451"), answers("deferred", "SMTP 452")]))
    for reason, wait in ("SMTP 451", 0.5), ("SMTP 452", 1):
        assert [sender.send_due() for _ in range(2)] == [1, 0]
        assert (world.state(identity), world.said()) == (("planned", reason), [])
        world.now += timedelta(seconds=wait)
    assert (sender.send_due(), world.state(identity), world.said()) == (1, ("accepted", ""), ["message.accepted.v1"])


def test_what_is_always_deferred_is_tried_later_each_time_and_given_up_in_the_end(world: World) -> None:
    identity, server = world.plan(ONCE), PlayedServer([refuses("deferred", "SMTP 451")] * (MOST_TRIES + 1))
    sender, tried = world.sender(server), [world.now]
    while sender.send_due() and world.state(identity)[0] == "planned":
        due = world.store.db["messages"].find_one({"_id": identity})["due"]
        world.now = due - MOMENT
        assert sender.send_due() == 0
        world.now = due
        tried.append(due)
    assert (world.state(identity), world.said()) == (("suppressed", "given up: SMTP 451"), ["message.suppressed.v1"])
    assert (len(tried), server.dots) == (MOST_TRIES, [])
    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert waits == sorted(waits)
    assert (waits[0], waits[1], waits[-1]) == (timedelta(seconds=0.5), timedelta(seconds=1), timedelta(hours=1))
    assert timedelta(days=2.5) < sum(waits, timedelta()) < timedelta(days=3.5)


@pytest.mark.parametrize(("name", "span"), [("one", timedelta()), ("two", CLAIMED)], ids=["its-successor", "another"])
def test_a_sender_that_dies_between_claim_and_dot_loses_nothing_and_it_is_sent_once(world: World, name: str, span: timedelta) -> None:
    planned, server = [world.plan(ONCE, number) for number in range(3)], PlayedServer([ACCEPTS, dies_before_the_dot])
    heir = world.sender(server, name)
    with pytest.raises(Killed):
        world.sender(server).send_due()
    world.now += span + MOMENT
    heir.recover(is_start=True)
    assert heir.send_due() == 2
    assert Counter(server.dots) == Counter(planned)
    assert ({world.state(identity) for identity in planned}, world.said()) == ({("accepted", "")}, ["message.accepted.v1"] * 3)


@pytest.mark.parametrize(("part", "span"), [(dies_before_the_dot, CLAIMED), (dies_after_the_dot, SUBMITTED)], ids=["claimed", "submitted"])
def test_what_another_has_in_hand_is_nobodys_until_the_claim_lapses(world: World, part: Part, span: timedelta) -> None:
    identity, server = world.plan(AGAIN), PlayedServer([part])
    with pytest.raises(Killed):
        world.sender(server).send_due()
    heir = world.sender(server, "two")
    world.now += span
    heir.recover(is_start=True)
    assert heir.send_due() == 0
    world.now += MOMENT
    heir.recover(is_start=False)
    assert (heir.send_due(), world.state(identity)) == (1, ("accepted", ""))


@pytest.mark.parametrize("part", [dies_after_the_dot, answers("unsure")], ids=["killed", "link-lost"])
@pytest.mark.parametrize(("template", "doubts", "state"), [(ONCE, 1, "ambiguous"), (AGAIN, 1, "accepted"), (AGAIN, 2, "ambiguous")])
def test_what_is_lost_after_the_dot_is_sent_again_once_if_it_may_be_and_else_is_ambiguous(
    world: World, template: str, doubts: int, state: str, part: Part
) -> None:
    identity, server = world.plan(template), PlayedServer([part] * doubts)
    for _ in range(doubts):
        with suppress(Killed):
            assert world.sender(server).send_due() == 1
        world.sender(server).recover(is_start=True)
    world.sender(server).send_due()
    world.now += timedelta(days=4)
    assert world.sender(server).send_due() == 0
    assert (world.state(identity)[0], world.said()) == (state, [f"message.{state}.v1"])
    assert server.dots == [identity] * (1 if template == ONCE else 2)


def test_a_sender_that_slept_through_its_claim_does_not_send_what_another_took(world: World) -> None:
    identity, server = world.plan(ONCE), PlayedServer()

    def sleeps(before_dot: Step) -> Outcome:
        world.now += CLAIMED + MOMENT
        world.sender(server, "two").recover(is_start=True)
        assert world.sender(server, "two").send_due() == 1
        return ACCEPTS(before_dot)

    server.parts.append(sleeps)
    with pytest.raises(Stale):
        world.sender(server).send_due()
    assert (server.dots, world.said()) == ([identity], ["message.accepted.v1"])


def test_an_answer_that_comes_after_the_claim_has_gone_to_another_decides_nothing(world: World) -> None:
    identity, server = world.plan(ONCE), PlayedServer()

    def answers_late(before_dot: Step) -> Outcome:
        before_dot()
        world.now += SUBMITTED + MOMENT
        world.sender(server, "two").recover(is_start=True)
        return Outcome("accepted")

    server.parts.append(answers_late)
    world.sender(server).send_due()
    assert world.state(identity)[0] == "ambiguous"
    assert (server.dots, world.said()) == ([identity], ["message.ambiguous.v1"])


def test_several_senders_at_once_send_every_message_once(world: World) -> None:
    planned, server, together = [world.plan(ONCE, number) for number in range(40)], PlayedServer(), Barrier(4)

    def sends(name: str) -> None:
        sender = world.sender(server, name)
        together.wait(20)
        while sender.send_due(most=3):
            sender.recover(is_start=False)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sends, ["one", "two", "three", "four"]))
    assert Counter(server.dots) == Counter(planned)
    assert ({world.state(identity) for identity in planned}, world.said()) == ({("accepted", "")}, ["message.accepted.v1"] * 40)


TRUTHS = [
    (("O", "open"), timedelta(0), "accepted", ""),
    (("O", "cancelled"), timedelta(0), "suppressed", "no longer true: the offer is cancelled"),
    (("another", "open"), timedelta(0), "suppressed", "no longer true: another offer stands"),
    (("O", "open"), timedelta(days=3), "suppressed", "no longer true: the offer's deadline has passed"),
]


@pytest.mark.parametrize(("offer", "later", "state", "reason"), TRUTHS)
def test_what_is_no_longer_true_when_it_is_sent_is_suppressed_and_says_why(
    world: World, offer: tuple[str, str], later: timedelta, state: str, reason: str
) -> None:
    identity, server = world.plan("offer", offer="O"), PlayedServer()
    made = Offer(*offer, START + timedelta(days=3), {}, {})
    world.do(lambda work: work.standings.save(Standing("R", LEEDS.code, "P", made)))
    world.now += later
    world.sender(server).send_due()
    assert (world.state(identity), world.said()) == ((state, reason), [f"message.{state}.v1"])
    assert bool(server.dots) == (state == "accepted")


def test_one_without_a_contact_waits_one_that_fits_no_mail_is_suppressed_and_neither_holds_up_the_rest(world: World) -> None:
    early, unfit, fit = world.plan(ONCE, 1, "P-new"), world.plan(ONCE, 2, unfit=True), world.plan(ONCE, 3)
    sender = world.sender(PlayedServer())
    sender.send_due()
    assert world.state(early) == ("planned", "no contact yet")
    assert [world.state(unfit), world.state(fit)] == [("suppressed", "UnsafeHeader"), ("accepted", "")]
    world.do(lambda work: work.contacts.keep(Contact("P-new", LEEDS.code, b"sealed")))
    world.now += timedelta(seconds=30)
    assert (sender.send_due(), world.state(early)) == (1, ("accepted", ""))


def test_a_sender_that_is_told_to_stop_gives_back_what_it_has_not_sent(world: World) -> None:
    planned, asked = [world.plan(ONCE, number) for number in range(3)], iter([False, True])
    assert world.sender(PlayedServer()).send_due(told_to_stop=lambda: next(asked, True), most=3) == 1
    assert sorted(world.state(identity)[0] for identity in planned) == ["accepted", "planned", "planned"]
    assert world.sender(PlayedServer(), "two").send_due() == 2, "others may have them at once"
