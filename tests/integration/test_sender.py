"""What becomes of a message, whoever dies on the way: the sender and its claims on a real store, a server that plays a part."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from structlog.testing import capture_logs

from notifications.adapters import mongo
from notifications.adapters.mongo.claims import CLAIMED, SUBMITTED, MongoClaims
from notifications.adapters.mongo.messages import perhaps_sent
from notifications.adapters.mongo.standings import known, reminders_due
from notifications.adapters.notification_files import load
from notifications.adapters.places import SealedPlaces
from notifications.application import contacts, standings
from notifications.application.answers import Give, give
from notifications.application.ports import HearingWork, Link, Page, SendingWork, StandingWork
from notifications.application.sending import CannotBuild, NoContact, Outcome, Sender
from notifications.bootstrap import DATA, works
from notifications.domain.contacts import Contact
from notifications.domain.happenings import Happened
from notifications.domain.messages import MOST_TRIES, Message, message_id
from notifications.domain.places import Place
from notifications.domain.standings import Membership, Standing
from notifications.messaging.inbound import SUBSCRIPTIONS
from shared import contracts
from shared.contracts import parts, scheduling
from shared.errors import Stale
from shared.events.envelope import Envelope, to_record
from shared.events.inbox import Arrival, Inbox
from shared.events.sealing import SealingKey, Seals
from shared.events.tracing import Cause
from shared.process.hubs import Hub
from shared.process.in_flight import in_flight
from shared.store import indexes
from shared.store.transactions import Store
from shared.store.unit import Unit
from shared.store.use_cases import UseCases
from support.signing import PUBLISHERS, signed
from support.smtp import ACCEPTS, Killed, Part, PlayedServer, Step, answers, dies_after_the_dot, dies_before_the_dot, refuses

START, MOMENT = datetime(2026, 11, 2, 9, tzinfo=UTC), timedelta(milliseconds=1)
LEEDS = Hub("leeds", "Leeds", "ENG", "Europe/London", "0113 496 0000", "hello@leeds.example")
CATALOGUE = load(DATA)
ONCE, AGAIN = "open-access-times", "referral-received"  # both are true always; only the second is resent when unsure
CAUSE = Cause("c", "c", "t")
KEYS = {("scheduling", "notifications"): [SealingKey("k", b"k" * 32)]}
PLACE = contracts.described(scheduling.MembershipTaken).sealed["place"]


def sealed(person: str = "P", kind: str = "seat") -> str:
    """A place as scheduling seals it; its deadline is in three days, its one session in ten."""
    begins = START + timedelta(days=10)
    meeting = parts.Meeting(session="X-1", start=begins, end=begins + timedelta(hours=1), zone="Europe/London", venue="Room 3")
    told = {"group": "G-secret", "kind": kind, "name": "Evening A", "venue": "Larch House", "cadence": "weekly", "revision": 1}
    return Seals("scheduling", KEYS).seal(PLACE, person, parts.Place(**told, meetings=(meeting,), deadline=START + timedelta(days=3)))


class PlainBuilder:
    """unfit: the persons of whom no mail can be made."""

    def __init__(self, unfit: tuple[str, ...] = ()) -> None:
        self.unfit = unfit

    def build(self, message: Message, _place: Place | None, work: SendingWork) -> dict[str, str]:
        if work.contacts.find(message.person) is None:
            raise NoContact(message.person)
        if message.person in self.unfit:
            raise CannotBuild("UnsafeHeader")
        return {"Message-ID": message.id}  # all that a played server reads


@dataclass
class World:
    store: Store
    now: datetime = START  # as the test sets it, for the domain and for claims
    use_cases: UseCases = field(init=False)

    def __post_init__(self) -> None:
        self.store.clock = lambda: self.now
        indexes.ensure(self.store.db, *mongo.COLLECTIONS)
        mongo.ensure_indexes(self.store.db)
        self.use_cases = UseCases(self.store, works({"leeds": LEEDS}, CATALOGUE, SealedPlaces(Seals("notifications", KEYS))))
        self.contact("P")

    def run(self, use_case: Callable[..., Any], command: object) -> Any:
        return self.use_cases.run(use_case, command, LEEDS.code, CAUSE)

    def contact(self, person: str) -> None:
        self.run(contacts.keep, contacts.Keep(Contact(person, LEEDS.code, b"sealed")))

    def within(self, work: type, do: Callable[[Any], Any]) -> Any:
        return self.store.run(LEEDS.code, CAUSE, lambda unit: do(self.use_cases.works[work](unit)))

    def plan(self, template: str, number: int = 1, person: str = "P", membership: str | None = None) -> str:
        identity = message_id(f"event-{number}", template)
        planned = Message(identity, LEEDS.code, person, template, (f"event-{number}",), "t.v1", self.now, self.now, membership)
        self.within(HearingWork, lambda work: work.messages.save(planned))
        return identity

    def sender(self, server: PlayedServer, name: str = "one", unfit: tuple[str, ...] = ()) -> Sender:
        claims = MongoClaims(self.use_cases, [LEEDS.code], name, lambda: self.now)
        return Sender(claims, PlainBuilder(unfit), server)

    def state(self, identity: str) -> tuple[str, str | None]:
        found = self.store.db["messages"].find_one({"_id": identity})
        return found["state"], found["reason"]

    def standing(self, person: str = "P") -> Standing:
        found: Standing = self.within(StandingWork, lambda work: work.standings.get_anywhere(person))
        return found

    def said(self) -> list[str]:
        return [row["type"] for row in self.store.db["outbox"].find().sort("sequence", 1)]


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


OUTCOMES = [
    (answers("accepted"), "accepted", None, "message.accepted.v1"),
    (answers("rejected", "SMTP 554"), "rejected", "SMTP 554", "message.bounced.v1"),
    (refuses("rejected", "SMTP 550"), "rejected", "SMTP 550", "message.bounced.v1"),
    (answers("unsure", "TimeoutError"), "ambiguous", "the link died between the last dot and the server's answer", "message.ambiguous.v1"),
]


@pytest.mark.parametrize(("part", "state", "reason", "event"), OUTCOMES)
def test_what_the_server_did_is_what_the_message_becomes_and_says(
    world: World, part: Part, state: str, reason: str | None, event: str
) -> None:
    identity, sender = world.plan(ONCE), world.sender(PlayedServer([part]))
    assert [sender.send_due() for _ in range(2)] == [1, 0]
    assert (world.state(identity), world.said()) == ((state, reason), [event])
    row = world.store.db["outbox"].find_one()
    told = {"message": identity, "template": ONCE, "causes": ["event-1"]} | ({"reason": reason} if reason else {})
    assert (row["type"], row["subject"], row["causation"], json.loads(row["data"])) == (event, "P", "event-1", told)
    assert (row["topic"], row["sequence"], world.standing().last_sequence) == ("notifications.leeds", 1, 1)


def test_what_is_deferred_says_nothing_waits_and_then_goes(world: World) -> None:
    identity, sender = world.plan(ONCE), world.sender(PlayedServer([refuses("deferred", "SMTP 451"), answers("deferred", "SMTP 452")]))
    for reason, wait in ("SMTP 451", 0.5), ("SMTP 452", 1):
        assert [sender.send_due() for _ in range(2)] == [1, 0]
        assert (world.state(identity), world.said()) == (("planned", reason), [])
        world.now += timedelta(seconds=wait)
    assert (sender.send_due(), world.state(identity), world.said()) == (1, ("accepted", None), ["message.accepted.v1"])


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
    assert ({world.state(identity) for identity in planned}, world.said()) == ({("accepted", None)}, ["message.accepted.v1"] * 3)


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
    assert (heir.send_due(), world.state(identity)) == (1, ("accepted", None))


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
    assert ({world.state(identity) for identity in planned}, world.said()) == ({("accepted", None)}, ["message.accepted.v1"] * 40)


def test_a_document_that_is_no_message_holds_up_no_other_and_raises_an_alarm(world: World) -> None:
    broken, other = world.plan(ONCE, 1), world.plan(ONCE, 2)
    world.store.db["messages"].update_one({"_id": broken}, {"$set": {"planned_at": "soon"}})
    with capture_logs() as lines:
        world.sender(PlayedServer()).send_due()
    assert world.state(other) == ("accepted", None)
    assert [line["message"] for line in lines if line["event"] == "message_unreadable"] == [broken]


def test_a_message_that_cannot_be_settled_is_not_sent_again_and_holds_up_no_other(world: World) -> None:
    """Its person's standing is broken: whatever was sent stays submitted, until somebody has looked."""
    world.contact("P-2")
    broken, other = world.plan(ONCE, 1), world.plan(ONCE, 2, person="P-2")
    server = PlayedServer()
    sender = world.sender(server)
    world.store.db["standings"].insert_one({"_id": "P", "hub": "leeds", "version": "none"})
    for _ in range(3):
        sender.send_due()
        world.now += timedelta(minutes=1)
        sender.recover(is_start=False)
    assert world.state(other) == ("accepted", None)
    assert server.dots.count(broken) <= 1


TRUTHS = [
    ("held", None, timedelta(0), "accepted", None),
    ("ended", "cancelled", timedelta(0), "suppressed", "no longer true: the offer has ended (cancelled)"),
    ("taken", None, timedelta(0), "suppressed", "no longer true: the offer has been accepted"),
    ("held", None, timedelta(days=3), "suppressed", "no longer true: the offer's deadline has passed"),
]


@pytest.mark.parametrize(("held", "why", "later", "state", "reason"), TRUTHS)
def test_what_is_no_longer_true_when_it_is_sent_is_suppressed_and_says_why(  # noqa: PLR0913, PLR0917 - a row of the table
    world: World, held: str, why: str | None, later: timedelta, state: str, reason: str | None
) -> None:
    identity, server = world.plan("offer", membership="S"), PlayedServer()
    offer = Membership("S", held, sealed(), "event-1", why)
    world.within(HearingWork, lambda work: work.standings.save(Standing("P", LEEDS.code, memberships=(offer,))))
    world.now += later
    world.sender(server).send_due()
    assert (world.state(identity), world.said()) == ((state, reason), [f"message.{state}.v1"])
    assert bool(server.dots) == (state == "accepted")
    assert world.standing().told == (("S",) if state == "accepted" else ())


def test_one_without_a_contact_waits_one_that_fits_no_mail_is_suppressed_and_neither_holds_up_the_rest(world: World) -> None:
    early, unfit, fit = world.plan(ONCE, 1, "P-new"), world.plan(ONCE, 2, "P-unfit"), world.plan(ONCE, 3)
    world.contact("P-unfit")
    sender = world.sender(PlayedServer(), unfit=("P-unfit",))
    sender.send_due()
    assert world.state(early) == ("planned", "no contact yet")
    assert [world.state(unfit), world.state(fit)] == [("suppressed", "UnsafeHeader"), ("accepted", None)]
    world.contact("P-new")
    world.now += timedelta(seconds=30)
    assert (sender.send_due(), world.state(early)) == (1, ("accepted", None))


def test_a_sender_that_is_told_to_stop_releases_what_it_has_not_sent(world: World) -> None:
    planned, asked = [world.plan(ONCE, number) for number in range(3)], iter([False, True])
    assert world.sender(PlayedServer()).send_due(told_to_stop=lambda: next(asked, True), most=3) == 1
    assert sorted(world.state(identity)[0] for identity in planned) == ["accepted", "planned", "planned"]
    assert world.sender(PlayedServer(), "two").send_due() == 2, "others may have them at once"


def hear(world: World, event: str, state: str, membership: str = "S") -> None:
    at = {"held": "membership.offered.v1", "taken": "membership.taken.v1"}[state]
    world.run(standings.hear, Happened(at, event, "P", world.now, membership, state, sealed()))


def test_several_people_are_written_to_at_once_and_the_mails_to_one_go_in_order(world: World) -> None:
    """A server that lets nobody go on before three mails are under way."""
    together, dots = Barrier(3), list[str]()

    class Slow:
        def deliver(self, mail: Any, before_dot: Step) -> Outcome:
            if mail["Message-ID"] not in later:
                together.wait(10)
            before_dot()
            dots.append(mail["Message-ID"])
            return Outcome("accepted")

    for person in ("P-2", "P-3"):
        world.contact(person)
    first = [world.plan(ONCE, number, person) for number, person in enumerate(("P", "P-2", "P-3"), 1)]
    later = []
    for number in (4, 5):
        world.now += MOMENT
        later.append(world.plan(ONCE, number))
    claims = MongoClaims(world.use_cases, [LEEDS.code], "one", lambda: world.now)
    assert Sender(claims, PlainBuilder(), Slow(), in_flight(4, "mail")).send_due() == 5
    assert sorted(dots) == sorted([*first, *later])
    assert [dot for dot in dots if dot in {first[0], *later}] == [first[0], *later]
    assert {world.state(identity)[0] for identity in dots} == {"accepted"}


def test_claims_go_by_the_real_clock_and_what_is_due_by_the_domains(world: World) -> None:
    identity, server = world.plan(ONCE), PlayedServer([dies_before_the_dot])
    real = [START]
    claims = MongoClaims(world.use_cases, [LEEDS.code], "one", lambda: real[0])
    with pytest.raises(Killed):
        Sender(claims, PlainBuilder(), server).send_due()
    heir = Sender(MongoClaims(world.use_cases, [LEEDS.code], "two", lambda: real[0]), PlainBuilder(), server)
    world.now += timedelta(days=1)
    heir.recover(is_start=True)
    assert heir.send_due() == 0, "a day of the domain's clock ends no claim"
    real[0] += CLAIMED + MOMENT
    heir.recover(is_start=False)
    assert (heir.send_due(), world.state(identity)) == (1, ("accepted", None))


def test_what_is_stored_and_published_never_has_the_place_in_clear(world: World) -> None:
    hear(world, "event-1", "held")
    world.sender(PlayedServer()).send_due()
    world.run(give, Give(Link("P", "S"), "accept"))
    hear(world, "event-2", "taken")
    stored = str([list(world.store.db[name].find()) for name in world.store.db.list_collection_names()])
    assert {row["template"] for row in world.store.db["messages"].find()} == {"offer", "seat-confirmed", "session-reminder"}
    for telling in ("G-secret", "Evening A", "Larch House", "Room 3", "weekly"):
        assert telling not in stored


def test_a_restored_store_takes_for_perhaps_sent_all_that_is_not_settled_but_reminders_ahead(world: World) -> None:
    hear(world, "event-1", "taken")
    in_hand = world.plan(ONCE, 2)
    MongoClaims(world.use_cases, [LEEDS.code], "one", lambda: world.now).claim(20)
    planned = world.plan(ONCE, 3)
    found = {message for _, message, _ in perhaps_sent(world.store.db, world.now, [LEEDS.code])}
    states = {row["_id"]: (row["template"], row["state"]) for row in world.store.db["messages"].find()}
    assert found >= {in_hand, planned}
    assert {states[left] for left in states.keys() - found} == {("session-reminder", "planned")}
    assert perhaps_sent(world.store.db, world.now, ["elsewhere"]) == []


def test_everything_about_a_person_is_numbered_in_one_row(world: World) -> None:
    hear(world, "event-1", "held")
    world.sender(PlayedServer()).send_due()
    world.run(give, Give(Link("P", "S"), "accept"))
    hear(world, "event-2", "taken")
    world.sender(PlayedServer()).send_due()
    world.run(standings.restate, standings.Restate("P"))
    rows = list(world.store.db["outbox"].find().sort("sequence", 1))
    assert [row["type"] for row in rows] == [
        "message.accepted.v1",
        "participant.answered.v1",
        "message.accepted.v1",
        "standing.state.v1",
    ]
    assert [row["sequence"] for row in rows[:3]] == [1, 2, 3]
    assert {row["subject"] for row in rows} == {"P"}


def test_an_erasure_while_the_server_has_it_settles_without_a_word(world: World) -> None:
    hear(world, "event-1", "taken")
    world.contact("P-2")

    def erases(before_dot: Step) -> Outcome:
        before_dot()
        world.run(standings.erase, standings.Erase("P"))
        return Outcome("accepted")

    world.sender(PlayedServer([erases])).send_due(most=1)
    rows = {row["template"]: row for row in world.store.db["messages"].find()}
    assert {template: (row["state"], row["reason"]) for template, row in rows.items()} == {"seat-confirmed": ("accepted", None)}
    assert {(row["place"], row["session"]) for row in rows.values()} == {(None, None)}
    assert world.said() == []
    assert [row["_id"] for row in world.store.db["contacts"].find()] == ["P-2"]
    assert world.standing() == Standing("P", LEEDS.code, "erased", version=world.standing().version)


def test_lists_are_a_hubs_own_and_come_in_pages(world: World) -> None:
    for number in range(5):
        person = f"P-{number}"
        offered = Happened("membership.offered.v1", f"event-{number}", person, world.now, f"S-{number}", "held", sealed(person))
        world.run(standings.hear, offered)
    unit = Unit(world.store.db, None, LEEDS.code, world.now, CAUSE)
    work, elsewhere = (
        works({"leeds": LEEDS}, CATALOGUE, SealedPlaces(Seals("notifications", KEYS)))[HearingWork](each)
        for each in (unit, replace(unit, hub="york"))
    )
    assert work.standings.unreached(Page(None, None, "", 9)) == []
    world.store.db["standings"].update_many({}, {"$set": {"newest.state": "rejected"}})
    lists = ((work.messages.listed, "person", "planned"), (work.standings.unreached, "id", "rejected"))
    for listed, key, state in lists:
        first = listed(Page(None, None, "", 3))
        second = listed(Page(None, None, first[-1].id, 3))
        assert sorted(getattr(each, key) for each in (*first, *second)) == [f"P-{number}" for number in range(5)]
        assert [getattr(each, key) for each in listed(Page("P-3", state, "", 9))] == ["P-3"]
        assert listed(Page("P-3", "accepted", "", 9)) == []
    assert (elsewhere.messages.listed(Page(None, None, "", 9)), elsewhere.standings.unreached(Page(None, None, "", 9))) == ([], [])


def test_who_is_due_a_reminder_and_who_is_known_are_asked_for_by_hub(world: World) -> None:
    hear(world, "event-1", "taken")
    db, begins = world.store.db, START + timedelta(days=10)
    assert reminders_due(db, begins - MOMENT, [LEEDS.code]) == []
    assert reminders_due(db, begins, [LEEDS.code]) == [(LEEDS.code, "P")]
    assert reminders_due(db, begins, ["york"]) == []
    assert list(known(db, [LEEDS.code], None)) == list(known(db, [LEEDS.code], "P")) == [(LEEDS.code, "P")]
    assert list(known(db, ["york"], None)) == list(known(db, [LEEDS.code], "P-9")) == []
    world.run(standings.erase, standings.Erase("P"))
    assert list(known(db, [LEEDS.code], None)) == []


def test_two_who_note_the_same_new_person_at_once_both_get_through(world: World) -> None:
    together = Barrier(2)

    def hears(number: int) -> None:
        together.wait(20)
        hear(world, f"event-{number}", "held", f"S-{number}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(hears, range(2)))
    assert {each.id for each in world.standing().memberships} == {"S-0", "S-1"}


def test_a_place_that_cannot_be_opened_is_parked_with_its_reason_and_others_go_on(world: World) -> None:
    def arrival(person: str, text: str, number: int) -> Arrival:
        fact = scheduling.MembershipOffered(person=person, membership="S", stands="offered", place=text)
        told = ("scheduling", LEEDS.code, "membership.offered.v1", person, 1, START, CAUSE, contracts.serialised(fact))
        record = to_record(Envelope(f"event-{number}", *told))
        return signed(Arrival(f"scheduling.leeds/0/{number}", LEEDS.code, record.key, record.value, record.headers))

    inbox = Inbox(world.use_cases, SUBSCRIPTIONS, Seals("notifications", KEYS), PUBLISHERS)
    strange = Seals("scheduling", {("scheduling", "notifications"): [SealingKey("lost", b"k" * 32)]})
    lost = strange.seal(PLACE, "P-3", parts.Place(group="G", kind="seat", name="A", venue="B", cadence="weekly", revision=1))
    tally = inbox.take([arrival("P-1", sealed("P-1"), 1), arrival("P-2", sealed("P-1"), 2), arrival("P-3", lost, 3)])
    assert (tally.handled, tally.parked) == (1, 2)
    assert [row["person"] for row in world.store.db["messages"].find()] == ["P-1"]
    details = {row["subject"]: row["detail"] for row in world.store.db["parked_events"].find()}
    assert "cannot be opened" in details["P-2"]
    assert "'lost'" in details["P-3"]
    assert "add that key to SEALING_KEYS_FILE" in details["P-3"]
