"""The matcher's input: groups with room and the people waiting for them. Ended and full groups are not read at all.

A document that has not changed since the last run is not read again: only its version is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from pymongo import ASCENDING
from pymongo.database import Database

from scheduling.adapters.mongo.groups import live
from scheduling.domain.catalogue import Catalogue
from scheduling.domain.groups import OPEN, Group
from scheduling.domain.people import Person
from scheduling.domain.placement import Candidate
from scheduling.domain.waiting import WaitingEntry
from shared.store.documents import Aggregate, Order, Query, read
from shared.store.mongo import Doc

A = TypeVar("A", bound=Aggregate)

MOST_KEPT = 5_000  # groups; then those that the last question did not find are let go
UNKNOWN = -1  # no document's version

_MATCHED = ["referral", "open-access"]  # the ways in that use the queue


class Known(Generic[A]):
    """Documents of one collection as they were last read, by id; read again when their version has changed.

    Those that a question did not find are let go if there are more than `most`. Of people that is 0: who has been erased, or does not
    wait any longer, is not kept in memory.
    """

    def __init__(self, db: Database[Doc], name: str, shape: type[A], most: int = 0) -> None:
        self._collection, self._shape, self._most = db[name], shape, most
        self._kept: dict[str, A] = {}
        self.reads = 0  # documents read whole, for the benchmark

    def find(self, query: Query, order: Order = ()) -> list[A]:
        """By what is asked, in an order; two questions where a version has moved, one where none has."""
        cursor = self._collection.find(dict(query), {"version": 1})
        return self._read({row["_id"]: row["version"] for row in (cursor.sort(list(order)) if order else cursor)})

    def by_ids(self, ids: Iterable[str]) -> list[A]:
        """Those that are new are read at once, without asking for their version."""
        wanted = sorted(ids)
        known = [key for key in wanted if key in self._kept]
        versions = {row["_id"]: row["version"] for row in self._collection.find({"_id": {"$in": known}}, {"version": 1})} if known else {}
        return self._read(versions | {key: UNKNOWN for key in wanted if key not in self._kept})

    def _read(self, versions: Mapping[str, int]) -> list[A]:
        stale = [key for key, version in versions.items() if key not in self._kept or self._kept[key].version != version]
        fresh = [read(self._shape, doc) for doc in self._collection.find({"_id": {"$in": stale}})] if stale else []
        self.reads += len(fresh)
        if len(self._kept) > self._most:
            self._kept = {key: self._kept[key] for key in versions if key in self._kept}
        self._kept |= {each.id: each for each in fresh}
        return [self._kept[key] for key in versions if key in self._kept]


class MongoQueue:
    """hubs: those whose groups are matched."""

    def __init__(self, db: Database[Doc], hubs: Iterable[str], catalogue: Catalogue) -> None:
        self._hubs, self._catalogue = list(hubs), catalogue
        self.groups = Known(db, "groups", Group, MOST_KEPT)
        self.entries = Known(db, "entries", WaitingEntry)
        self.people = Known(db, "people", Person)
        self.records = Known(db, "people", Person)

    def read(self) -> tuple[Sequence[Candidate], Sequence[Group]]:
        """Who waits first: mostly few do, and nothing else is read when nobody does."""
        waiting = self.entries.find({"state": "waiting"}, [("rank", ASCENDING), ("clock", ASCENDING), ("_id", ASCENDING)])
        groups = self._groups_for(waiting) if waiting else []
        hubs, offered = {hub for group in groups for hub in group.open_to}, {group.terms.modality for group in groups}
        entries = [entry for entry in waiting if entry.hub in hubs and not offered.isdisjoint(entry.wishes.modalities or offered)]
        people = {person.id: person for person in self.people.by_ids({entry.person for entry in entries})}
        others = self._placed_records(people.values())
        candidates = (
            entry.candidate(people[entry.person], _records(people[entry.person], others)) for entry in entries if entry.person in people
        )
        return [candidate for candidate in candidates if candidate], groups

    def _groups_for(self, waiting: Sequence[WaitingEntry]) -> list[Group]:
        room = [{"is_full": False}, {"terms.way_in": "open-access"}]
        query: dict[str, object] = {
            "hub": {"$in": self._hubs},
            "state": {"$in": list(OPEN)},
            "terms.way_in": {"$in": _MATCHED},
            "open_to": {"$in": sorted({entry.hub for entry in waiting})},
            "$or": room,
        }
        if all(entry.wishes.modalities for entry in waiting):
            query["terms.modality"] = {"$in": sorted({wish for entry in waiting for wish in entry.wishes.modalities})}
        return [live(group, self._catalogue) for group in self.groups.find(query)]

    def _placed_records(self, people: Iterable[Person]) -> Mapping[str, list[Person]]:
        """By token: every record of these people, at any hub, that has a place."""
        tokens = sorted({token for person in people for token in person.tokens.own})
        found: dict[str, list[Person]] = defaultdict(list)
        if tokens:
            for person in self.records.find({"tokens.own": {"$in": tokens}, "places.0": {"$exists": True}}):
                for token in person.tokens.own:
                    found[token].append(person)
        return found


def _records(person: Person, others: Mapping[str, list[Person]]) -> tuple[Person, ...]:
    """The person, and every other record of the same person."""
    same = {other.id: other for token in person.tokens.own for other in others.get(token, ())}
    return (person, *(other for identity, other in same.items() if identity != person.id))
