"""The matcher with a long queue: 2,000 people who wait and 200 groups, read from a real store."""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pymongo.database import Database

from scheduling.adapters.mongo import COLLECTIONS, ensure_indexes
from scheduling.adapters.mongo.matching import MongoQueue
from scheduling.domain.catalogue import Catalogue, Eligibility
from scheduling.domain.groups import Group, Meeting, Terms
from scheduling.domain.ids import EntryId, GroupId, HubCode, MembershipId, PersonId, ReferralId, SessionId
from scheduling.domain.matching import choose
from scheduling.domain.people import Facts, Person
from scheduling.domain.placement import Wishes
from scheduling.domain.roster import OnRoster
from scheduling.domain.tokens import Tie, Tokens
from scheduling.domain.waiting import WaitingEntry
from shared.store.documents import write
from shared.store.mongo import Doc, connect

WAITING, GROUPS, MODALITIES, TIES = 2000, 200, 8, 4
FREE = 3  # places of each group
HUB = HubCode("bench")
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
RUNS = 7


@dataclass(frozen=True, slots=True)
class Matched:
    """first, again: seconds to read everything the first time, and when nothing has changed.  choosing: seconds to decide.
    read, read_again: documents read whole the first time, and in all later runs.  decisions: how many were made."""

    first: float
    again: float
    choosing: float
    read: int
    read_again: int
    decisions: int


def measured(store: str) -> Matched:
    """Fill an empty database of the store with the queue and the groups, and time the matcher's reading and deciding."""
    client = connect(store, timeout_ms=60_000)
    db = client[f"bench-{uuid4().hex[:8]}"]
    try:
        _fill(db)
        queue = MongoQueue(db, [HUB], Catalogue())
        first = _timed(queue.read)
        read = _read(queue)
        again = statistics.median(_timed(queue.read) for _ in range(RUNS))
        waiting, groups = queue.read()
        choosing = statistics.median(_timed(lambda: list(choose(waiting, groups, NOW))) for _ in range(RUNS))
        return Matched(first, again, choosing, read, _read(queue) - read, len(list(choose(waiting, groups, NOW))))
    finally:
        client.drop_database(db.name)
        client.close()


def page(found: Matched) -> str:
    return f"""
## The matcher with a long queue

{WAITING} people wait, {GROUPS} groups have {FREE} places each; medians of {RUNS} runs.

| | |
|---|---|
| reading everything for the first time | {found.first * 1000:.0f} ms, {found.read} documents |
| reading again when nothing has changed | {found.again * 1000:.0f} ms, {found.read_again} documents |
| deciding (`choose`) | {found.choosing * 1000:.0f} ms, {found.decisions} decisions |
"""


def _read(queue: MongoQueue) -> int:
    return queue.groups.reads + queue.entries.reads + queue.people.reads + queue.records.reads


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _fill(db: Database[Doc]) -> None:
    for name in COLLECTIONS:
        db.create_collection(name)
    ensure_indexes(db)
    chance = random.Random(1)
    people = [_person(number, chance) for number in range(WAITING)]
    db["people"].insert_many(map(write, people))
    db["entries"].insert_many(write(_entry(number, person, chance)) for number, person in enumerate(people))
    db["groups"].insert_many(write(_group(number, chance)) for number in range(GROUPS))


def _tokens(name: str, chance: random.Random) -> Tokens:
    return Tokens((f"registration-{name}", f"address-{name}"), tuple(Tie(f"site-{chance.randrange(400)}") for _ in range(TIES)))


def _person(number: int, chance: random.Random) -> Person:
    return Person(PersonId(f"P-{number:05d}"), HUB, Facts("doctor", "gp", "woman", "working"), _tokens(str(number), chance), version=1)


def _entry(number: int, person: Person, chance: random.Random) -> WaitingEntry:
    wishes = Wishes((f"modality-{chance.randrange(MODALITIES)}",))
    clock = NOW - timedelta(hours=chance.randrange(5000))
    referral = ReferralId(f"R-{number:05d}")
    return WaitingEntry(EntryId(f"W-{number:05d}"), HUB, person.id, referral, None, wishes, "routine", clock, clock, rank=2, version=1)


def _group(number: int, chance: random.Random) -> Group:
    starts = [NOW + timedelta(days=7 + week * 7, hours=number % 10) for week in range(30)]
    meetings = tuple(Meeting(SessionId(f"X-{number}-{n}"), start, start + timedelta(minutes=90)) for n, start in enumerate(starts))
    terms = Terms(f"modality-{number % MODALITIES}", Eligibility(), "off", "slow-open", "referral", "weekly")
    roster = tuple(
        OnRoster(MembershipId(f"S-{number}-{n}"), PersonId(f"P-in-{number}-{n}"), HUB, "seat", "taken", _tokens(f"in-{number}-{n}", chance))
        for n in range(5)
    )
    group = Group(GroupId(f"G-{number:04d}"), HUB, (HUB,), terms, "Room 3", "Europe/London", 5 + FREE, meetings, version=1)
    group.roster = roster
    return group
