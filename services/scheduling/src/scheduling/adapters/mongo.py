"""The service's own store, behind the ports. It holds pseudonyms and blinded tokens; nothing in it names a person."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from scheduling.domain.entry import Entry, NoSuchEntry
from scheduling.domain.group import Group, NoSuchGroup
from scheduling.domain.people import Facilitator, Wishes
from shared.contracts import Fact
from shared.store.documents import Documents, read, write
from shared.store.mongo import Doc
from shared.store.unit import Unit

COLLECTIONS = ("entries", "groups", "facilitators", "listings", "turns")

Publish = Callable[[Any], Iterable[Fact]]


def ensure_indexes(db: Database[Doc]) -> None:
    db["entries"].create_index([("hub", ASCENDING), ("participant", ASCENDING)])
    db["entries"].create_index([("hub", ASCENDING), ("state", ASCENDING), ("rank", ASCENDING), ("clock_start", ASCENDING)])
    db["entries"].create_index([("state", ASCENDING), ("deadline", ASCENDING)])
    db["groups"].create_index([("hub", ASCENDING), ("terms.modality", ASCENDING)])
    db["groups"].create_index("facilitators.id")
    db["groups"].create_index([("ended_at", ASCENDING), ("ends_at", ASCENDING)])


def take_turn(unit: Unit) -> None:
    """Write what every placement at the hub writes: under snapshot isolation that makes one of two at once decide anew."""
    unit.db["turns"].update_one({"_id": unit.hub}, {"$inc": {"taken": 1}}, upsert=True, session=unit.session)


class Entries:
    def __init__(self, unit: Unit, publish: Publish) -> None:
        self._documents = Documents(unit, "entries", Entry, publish)
        self.save = self._documents.save

    def get(self, referral: str) -> Entry:
        if found := self.find(referral):
            return found
        raise NoSuchEntry(f"{referral} has not been accepted at this hub")

    def find(self, referral: str) -> Entry | None:
        return self._documents.get(referral)

    def of_participant(self, participant: str) -> Sequence[Entry]:
        return self._documents.find({"participant": participant}, [("_id", ASCENDING)])

    def waiting_for(self, group: Group) -> Sequence[Entry]:
        wished = {"$in": [group.terms.modality]}
        query = {"state": "waiting", "$or": [{"wishes.modalities": wished}, {"wishes.modalities": []}]}
        return self._documents.find(query, [("rank", ASCENDING), ("clock_start", ASCENDING)])

    def listed(self, after: str, limit: int) -> Sequence[Entry]:
        return self._documents.find({"state": {"$in": ["waiting", "offered"]}, "_id": {"$gt": after}}, [("_id", ASCENDING)], limit)


class Groups:
    def __init__(self, unit: Unit, publish: Publish) -> None:
        self._documents = Documents(unit, "groups", Group, publish)
        self.save = self._documents.save

    def get(self, group: str) -> Group:
        found = self._documents.get(group)
        if found is None:
            raise NoSuchGroup(f"{group}: look it up with GET /v1/groups")
        return found

    def wished_for(self, wishes: Wishes) -> Sequence[Group]:
        query = {"terms.modality": {"$in": list(wishes.modalities)}} if wishes.modalities else {}
        return self._documents.find(query, [("_id", ASCENDING)])

    def run_by(self, facilitator: str) -> Sequence[Group]:
        """At every hub: the one where they are registered tells of them for all."""
        return self._documents.everywhere({"facilitators.id": facilitator})

    def listed(self, after: str, limit: int) -> Sequence[Group]:
        return self._documents.find({"_id": {"$gt": after}}, [("_id", ASCENDING)], limit)


class Facilitators:
    def __init__(self, unit: Unit) -> None:
        self._unit, self._collection = unit, unit.db["facilitators"]

    def known(self, ids: Sequence[str]) -> Sequence[Facilitator]:
        query = {"_id": {"$in": list(ids)}, "hubs": self._unit.hub}
        found = {doc["_id"]: read(Facilitator, doc) for doc in self._collection.find(query, session=self._unit.session)}
        return [found[each] for each in ids if each in found]

    def keep(self, facilitator: Facilitator) -> None:
        self._collection.replace_one({"_id": facilitator.id}, write(facilitator), upsert=True, session=self._unit.session)


def overdue(db: Database[Doc], now: Any, hubs: Iterable[str], most: int = 100) -> list[tuple[str, str]]:
    """(hub, referral) of offers whose deadline has passed."""
    query = {"state": "offered", "deadline": {"$lte": now}, "hub": {"$in": list(hubs)}}
    return [(row["hub"], row["_id"]) for row in db["entries"].find(query, {"hub": 1}).sort("deadline", ASCENDING).limit(most)]


def over(db: Database[Doc], now: Any, hubs: Iterable[str], most: int = 100) -> list[tuple[str, str]]:
    """(hub, group) of groups whose last session has ended."""
    query = {"ended_at": None, "ends_at": {"$lte": now}, "hub": {"$in": list(hubs)}}
    return [(row["hub"], row["_id"]) for row in db["groups"].find(query, {"hub": 1}).limit(most)]
