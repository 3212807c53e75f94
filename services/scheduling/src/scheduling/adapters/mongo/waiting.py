"""Waiting entries as documents."""

from collections.abc import Iterable, Sequence

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from scheduling.domain.ids import EntryId, PersonId, ReferralId
from scheduling.domain.waiting import NoSuchEntry, WaitingEntry
from shared.store.documents import Repository
from shared.store.mongo import Doc
from shared.store.unit import Unit


class MongoEntries(Repository[WaitingEntry]):
    def __init__(self, unit: Unit) -> None:
        super().__init__(unit, "entries", WaitingEntry)

    def get(self, entry: str) -> WaitingEntry:
        found = super().get(entry)
        if found is None:
            raise NoSuchEntry(f"{entry}: look it up with GET /v1/waiting")
        return found

    def find(self, entry: EntryId) -> WaitingEntry | None:
        return self.get_anywhere(entry)

    def of_referral(self, referral: ReferralId) -> WaitingEntry | None:
        return next(iter(self.anywhere({"referral": referral}, [("_id", DESCENDING)], 1)), None)

    def of_person(self, person: PersonId) -> Sequence[WaitingEntry]:
        return self.here({"person": person}, [("_id", ASCENDING)])

    def listed(self, after: str, limit: int) -> Sequence[WaitingEntry]:
        return self.here({"state": {"$in": ["waiting", "offered"]}, "_id": {"$gt": after}}, [("_id", ASCENDING)], limit)


def how_many_wait(db: Database[Doc], hubs: Iterable[str]) -> int:
    """The number of waiting entries of these hubs, counted in the index."""
    return db["entries"].count_documents({"hub": {"$in": list(hubs)}, "state": "waiting"})
