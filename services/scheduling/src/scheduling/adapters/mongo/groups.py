"""Groups as documents, each with its roster. Some of their terms come from the current catalogue."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from pymongo import ASCENDING
from pymongo.database import Database

from scheduling.domain.catalogue import Catalogue
from scheduling.domain.groups import OPEN, Group, NoSuchGroup
from scheduling.domain.ids import GroupId, HubCode, PersonId
from shared.store.documents import Repository
from shared.store.mongo import Doc
from shared.store.unit import Unit

_OPEN = {"$in": list(OPEN)}


def live(group: Group, catalogue: Catalogue) -> Group:
    """The group, with the discreet name, the sensitivity and the hours of an offer from the current catalogue."""
    modality, terms = catalogue.entries.get(group.terms.modality), group.terms
    if modality:
        group.terms = replace(
            terms,
            name=modality.discreet_name_for(terms.variant),
            sensitive=modality.sensitive,
            hours_held=terms.offer_hours or modality.offer_hours,
        )
    return group


class MongoGroups(Repository[Group]):
    def __init__(self, unit: Unit, catalogue: Catalogue) -> None:
        super().__init__(unit, "groups", Group)
        self._catalogue = catalogue

    def read(self, doc: Doc) -> Group:
        return live(super().read(doc), self._catalogue)

    def get(self, group: str) -> Group:
        return self._there(group, super().get(group))

    def get_anywhere(self, group: str) -> Group:
        return self._there(group, super().get_anywhere(group))

    @staticmethod
    def _there(identity: str, found: Group | None) -> Group:
        if found is None:
            raise NoSuchGroup(f"{identity}: look it up with GET /v1/groups")
        return found

    def with_on_roster(self, person: PersonId) -> Sequence[Group]:
        return self.anywhere({"roster.person": person, "state": _OPEN})

    def open_to_this_hub(self) -> Sequence[Group]:
        return self.anywhere({"open_to": self.hub, "state": _OPEN}, [("_id", ASCENDING)])

    def listed(self, after: str, limit: int) -> Sequence[Group]:
        return self.here({"_id": {"$gt": after}}, [("_id", ASCENDING)], limit)


def over(db: Database[Doc], now: datetime, hubs: Iterable[str], most: int = 100) -> list[tuple[HubCode, GroupId]]:
    """(hub, group) of groups whose last session has ended."""
    query = {"state": _OPEN, "ends_at": {"$lte": now}, "hub": {"$in": list(hubs)}}
    return [(HubCode(row["hub"]), GroupId(row["_id"])) for row in db["groups"].find(query, {"hub": 1}).limit(most)]
