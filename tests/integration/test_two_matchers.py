"""Two matchers at once on a real store are wasteful and harmless: each transaction checks for itself."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduling.adapters.mongo import COLLECTIONS, ensure_indexes
from scheduling.adapters.mongo.groups import MongoGroups
from scheduling.adapters.mongo.matching import MongoQueue
from scheduling.adapters.mongo.memberships import MongoMemberships
from scheduling.adapters.mongo.people import MongoPeople
from scheduling.adapters.mongo.waiting import MongoEntries
from scheduling.application import memberships, people, waiting
from scheduling.application.matching import Matcher
from scheduling.application.people import KnowParticipant
from scheduling.application.ports import PlacementWork
from scheduling.application.waiting import StartWaiting
from scheduling.domain.catalogue import Catalogue, Eligibility
from scheduling.domain.groups import Group, Meeting, Terms
from scheduling.domain.ids import GroupId, HubCode, PersonId, ReferralId, SessionId
from scheduling.domain.matching import Decision
from scheduling.domain.people import Facts
from scheduling.domain.placement import Wishes
from scheduling.domain.tokens import Tie, Tokens
from scheduling.messaging.outbound import publisher
from shared.errors import Retryable
from shared.events.sealing import SealingKey, Seals
from shared.events.tracing import Cause
from shared.ids import new_id
from shared.store import indexes
from shared.store.transactions import Store
from shared.store.unit import Unit
from shared.store.use_cases import UseCases

HUB = HubCode("leeds")
CAUSE = Cause("c", "c", "t")
SEALS = Seals("scheduling", {("scheduling", "notifications"): [SealingKey("1", b"k" * 32)]})
GROUPS, CAPACITY, WAITING, SITES = 4, 6, 60, 12


@dataclass
class World:
    store: Store

    def __post_init__(self) -> None:
        indexes.ensure(self.store.db, *COLLECTIONS)
        ensure_indexes(self.store.db)
        self.use_cases = UseCases(self.store, {PlacementWork: self.work})

    def work(self, unit: Unit) -> PlacementWork:
        return PlacementWork(
            HubCode(unit.hub),
            unit.now,
            MongoPeople(unit, publisher(SEALS)),
            MongoEntries(unit),
            MongoGroups(unit, Catalogue()),
            MongoMemberships(unit),
            new_id,
        )

    def run(self, use_case: Any, command: Any) -> Any:
        return self.use_cases.run(use_case, command, HUB, CAUSE)

    def matcher(self) -> Matcher:
        """One with a memory of its own, as in a process of its own."""

        def make_offer(_hub: HubCode, decision: Decision) -> bool:
            try:
                return self.run(memberships.offer, decision) is not None
            except Retryable:
                return False

        return Matcher(MongoQueue(self.store.db, [HUB], Catalogue()), make_offer, self.store.clock)

    def open_group(self, number: int) -> None:
        start = datetime.now(UTC) + timedelta(days=30, hours=number)
        meetings = (Meeting(SessionId(f"X-{number}"), start, start + timedelta(minutes=30)),)
        terms = Terms("analytic", Eligibility(), "off", "slow-open", "referral", "weekly")
        group = Group(GroupId(f"G-{number}"), HUB, (HUB,), terms, "Room 3", "Europe/London", CAPACITY, meetings)
        self.store.run(HUB, CAUSE, lambda unit: MongoGroups(unit, Catalogue()).save(group))

    def accept(self, number: int) -> None:
        facts, tokens = Facts("doctor", "gp", "woman", "working"), Tokens((f"own-{number}",), (Tie(f"site-{number % SITES}"),))
        self.run(people.know_participant, KnowParticipant(PersonId(f"P-{number}"), facts, tokens, (), ()))
        now = self.store.clock()
        self.run(waiting.start, StartWaiting(PersonId(f"P-{number}"), ReferralId(f"R-{number}"), Wishes(), "routine", now, now))


@pytest.fixture
def world(store: Store) -> World:
    made = World(store)
    for number in range(GROUPS):
        made.open_group(number)
    for number in range(WAITING):
        made.accept(number)
    return made


def test_two_matchers_at_once_fill_every_place_once_and_seat_no_colleagues_together(world: World) -> None:
    together = threading.Barrier(2)

    def match(matcher: Matcher) -> int:
        together.wait(20)
        return sum(matcher.match() for _ in range(4))

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(match, [world.matcher(), world.matcher()]))
    groups = list(world.store.db["groups"].find())
    assert sum(made) == GROUPS * CAPACITY
    assert [len(group["roster"]) for group in groups] == [CAPACITY] * GROUPS
    for group in groups:
        sites = [row["tokens"]["ties"][0]["token"] for row in group["roster"]]
        assert len(set(sites)) == len(sites), "no two of one site"
    offered = Counter(row["person"] for group in groups for row in group["roster"])
    assert max(offered.values()) == 1, "nobody has two offers"
    assert world.store.db["outbox"].count_documents({"type": "membership.offered.v1"}) == GROUPS * CAPACITY


def test_a_second_run_makes_nothing_and_reads_nothing_whole_again(world: World) -> None:
    matcher = world.matcher()
    assert matcher.match() == GROUPS * CAPACITY
    assert matcher.match() == 0
    queue = matcher.queue
    assert isinstance(queue, MongoQueue)
    before = (queue.groups.reads, queue.entries.reads, queue.people.reads)
    assert matcher.match() == 0
    assert (queue.groups.reads, queue.entries.reads, queue.people.reads) == before


def test_of_two_who_wait_at_once_for_the_last_place_the_longest_waiting_has_it(world: World) -> None:
    world.store.db["groups"].delete_many({"_id": {"$ne": "G-0"}})
    world.store.db["groups"].update_one({"_id": "G-0"}, {"$set": {"capacity": 1}})
    world.matcher().match()
    assert [row["person"] for row in world.store.db["groups"].find_one({"_id": "G-0"})["roster"]] == ["P-0"]
