"""Memberships as documents: the history of each place."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from scheduling.domain.ids import GroupId, HubCode, MembershipId, PersonId
from scheduling.domain.memberships import LIVE, Membership
from shared.errors import Stale
from shared.store.documents import Repository
from shared.store.mongo import Doc
from shared.store.unit import Unit

_LIVE = {"$in": list(LIVE)}


class MongoMemberships(Repository[Membership]):
    def __init__(self, unit: Unit) -> None:
        super().__init__(unit, "memberships", Membership)

    def find(self, membership: MembershipId) -> Membership | None:
        return self.get_anywhere(membership)

    def save(self, membership: Membership) -> None:
        """Raises Stale when the same person was given a place in the same group at the same moment."""
        try:
            super().save(membership)
        except DuplicateKeyError as error:
            raise Stale(f"{membership.person} has just been given a place in {membership.group}") from error

    def forget(self, person: PersonId) -> None:
        self.collection.delete_many({"person": person}, session=self._unit.session)

    def live_in(self, group: GroupId) -> Sequence[Membership]:
        return self.anywhere({"group": group, "state": _LIVE})

    def live_of(self, person: PersonId) -> Sequence[Membership]:
        return self.anywhere({"person": person, "state": _LIVE}, [("_id", ASCENDING)])

    def of_person(self, person: PersonId) -> Sequence[Membership]:
        return self.here({"person": person}, [("_id", ASCENDING)])


def overdue(db: Database[Doc], now: datetime, hubs: Iterable[str], most: int = 100) -> list[tuple[HubCode, MembershipId]]:
    """(hub, membership) of held places whose deadline has passed."""
    query = {"state": "held", "deadline": {"$lte": now}, "hub": {"$in": list(hubs)}}
    found = db["memberships"].find(query, {"hub": 1}).sort("deadline", ASCENDING).limit(most)
    return [(HubCode(row["hub"]), MembershipId(row["_id"])) for row in found]


def how_many_are_held(db: Database[Doc], hubs: Iterable[str]) -> int:
    """The number of open offers to people of these hubs."""
    return db["memberships"].count_documents({"state": "held", "hub": {"$in": list(hubs)}})
