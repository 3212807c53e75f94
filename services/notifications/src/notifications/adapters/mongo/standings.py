"""Standings as documents: one for each person, saved with the events about them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from notifications.adapters.mongo import STANDINGS
from notifications.application.ports import Page
from notifications.domain.events import Event
from notifications.domain.ids import PersonId
from notifications.domain.messages import NOT_ARRIVED
from notifications.domain.standings import Standing
from shared.contracts import Fact
from shared.errors import Stale
from shared.store.documents import Subjects
from shared.store.mongo import Doc
from shared.store.unit import Unit


class Standings(Subjects[Standing, Event]):
    def __init__(self, unit: Unit, publish: Callable[[Event], Fact]) -> None:
        super().__init__(unit, STANDINGS, Standing, publish)

    def save(self, aggregate: Standing, events: Iterable[Event] = ()) -> None:
        """Raises Stale if it changed since it was read, or was created meanwhile."""
        try:
            super().save(aggregate, events)
        except DuplicateKeyError as error:
            raise Stale(f"{aggregate.id} is being saved by somebody else") from error

    def unreached(self, page: Page) -> Sequence[Standing]:
        states = [state for state in NOT_ARRIVED if page.state in {None, state}]
        chosen = {"$gt": page.after, **({"$eq": page.person} if page.person else {})}
        return self.here({"_id": chosen, "newest.state": {"$in": states}}, [("_id", ASCENDING)], page.limit)


def reminders_due(db: Database[Doc], now: datetime, hubs: Iterable[str], most: int = 200) -> list[tuple[str, PersonId]]:
    """(hub, person) of those whose next reminder is to be planned."""
    query = {"remind_from": {"$lte": now}, "hub": {"$in": list(hubs)}}
    return [(row["hub"], PersonId(row["_id"])) for row in db[STANDINGS].find(query, {"hub": 1}).limit(most)]


def known(db: Database[Doc], hubs: Iterable[str], person: str | None) -> Iterator[tuple[str, PersonId]]:
    """(hub, person) of everybody at these hubs who was not erased, or only of `person`."""
    query: Doc = {"hub": {"$in": list(hubs)}, "state": "known", **({"_id": person} if person else {})}
    for row in db[STANDINGS].find(query, {"hub": 1}).sort("_id", ASCENDING):
        yield row["hub"], PersonId(row["_id"])
