"""What must hold at every step: looked at after each commit of scheduling, whoever was killed and whatever is still on its way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scheduling.domain.colleagues import must_part
from scheduling.domain.groups import Group
from scheduling.domain.people import COUNTED
from shared.store.documents import read
from world.documents import Doc, Stored
from world.runtime import World
from world.transactions import Changes


class Broken(AssertionError):
    """invariant: its name, by which a planted bug says what it expects."""

    def __init__(self, invariant: str, what: object) -> None:
        self.invariant = invariant
        super().__init__(f"{invariant}: {what}")


@dataclass
class Watch:
    world: World

    def __call__(self, changes: Changes) -> None:
        for (table, _), (before, after) in changes.rows.items():
            look = getattr(self, f"_{table.partition('.')[2]}", None) if table.startswith("scheduling.") else None
            if look and after:
                look(before.doc if before else {}, after)

    def _groups(self, before: Doc, after: Stored) -> None:
        doc = after.doc
        counted = [row for row in doc["roster"] if row["kind"] in COUNTED]
        if len(counted) > doc["capacity"]:
            raise Broken("capacity", f"{doc['_id']} has {len(counted)} in {doc['capacity']} places")
        if doc["terms"]["colleagues"] == "apart":
            self._apart(before, after)

    def _apart(self, before: Doc, after: Stored) -> None:
        """Whoever gets a place, or accepts it, must part from nobody who has one."""
        known = {(row["membership"], row["state"]) for row in before.get("roster", ())}
        new = {row["membership"] for row in after.doc["roster"]} - {membership for membership, _ in known}
        accepted = {row["membership"] for row in after.doc["roster"] if row["state"] == "taken" and (row["membership"], "held") in known}
        if new | accepted:
            group: Group = read(Group, after.fresh())
            for pair in must_part(group, self.world.clock.real + self.world.clock.ahead):
                if {pair.one, pair.other} & (new | accepted):
                    raise Broken("apart", f"{pair} in {group.id}, and one of them has just been given a place")

    def _memberships(self, before: Doc, after: Stored) -> None:
        if before.get("state") == "ended" and after.doc["state"] != "ended":
            raise Broken("ended stays ended", after.doc["_id"])
        if after.doc["state"] == "ended" and not after.doc["reason"]:
            raise Broken("every ending has a reason", after.doc["_id"])

    def _entries(self, before: Doc, after: Stored) -> None:
        if before.get("state") == "closed" and after.doc["state"] != "closed":
            raise Broken("ended stays ended", after.doc["_id"])

    def _people(self, before: Doc, after: Stored) -> None:
        had = {place["membership"] for place in before.get("places", ())}
        new = [place for place in _counted(after.doc) if place["membership"] not in had]
        for place in new:
            self._alone(place, list(self._places_of_human(after.doc)))

    def _places_of_human(self, doc: Doc) -> Iterator[Doc]:
        own = set(doc["tokens"]["own"])
        for row in self.world.server.tables["scheduling.people"].values():
            if own & set(row.doc["tokens"]["own"]):
                yield from _counted(row.doc)

    @staticmethod
    def _alone(place: Doc, places: list[Doc]) -> None:
        others = [each for each in places if each["membership"] != place["membership"]]
        if place["state"] == "held" and any(each["state"] == "held" for each in others):
            raise Broken("one open offer", f"{place['membership']}, and another")
        if any(_overlap(place["spans"], each["spans"]) for each in others):
            raise Broken("no overlapping places", place["membership"])


def _counted(doc: Doc) -> list[Doc]:
    return [place for place in doc["places"] if place["kind"] in COUNTED]


def _overlap(mine: Iterable[Any], theirs: Iterable[Any]) -> bool:
    return any(one["start"] < other["end"] and other["start"] < one["end"] for one in mine for other in theirs)
