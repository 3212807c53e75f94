"""People: a document for each pseudonym, on which all events about it are numbered."""

from collections.abc import Callable, Iterable, Sequence

from pymongo.database import Database

from scheduling.domain.events import PersonEvent
from scheduling.domain.ids import HubCode, PersonId
from scheduling.domain.people import NoSuchPerson, Person
from shared.contracts import Fact
from shared.store.documents import Query, Subjects
from shared.store.mongo import Doc
from shared.store.unit import Unit


class MongoPeople(Subjects[Person, PersonEvent]):
    """Each is read once in a unit, so that all changes are made to the same object."""

    def __init__(self, unit: Unit, publish: Callable[[PersonEvent], Fact]) -> None:
        super().__init__(unit, "people", Person, publish)

    def find(self, person: PersonId) -> Person | None:
        return self.get_anywhere(person)

    def get(self, person: str) -> Person:
        found = self.get_anywhere(person)
        if found is None:
            raise NoSuchPerson(f"{person}: nothing has been published about them here")
        return found

    def all(self, people: Sequence[PersonId]) -> Sequence[Person]:
        return self.anywhere({"_id": {"$in": list(people)}})

    def records_of(self, person: Person) -> Sequence[Person]:
        if not person.tokens.own:
            return []
        return self.anywhere({"tokens.own": {"$in": list(person.tokens.own)}, "_id": {"$ne": person.id}})

    def may_run_groups(self, people: Sequence[PersonId]) -> Sequence[Person]:
        found = {person.id: person for person in self.anywhere({"_id": {"$in": list(people)}, "hubs": self.hub})}
        return [found[identity] for identity in dict.fromkeys(people) if identity in found]


def known_at(db: Database[Doc], hubs: Iterable[str], subject: str | None) -> list[tuple[HubCode, PersonId]]:
    """(hub, person) of everybody at these hubs, or only of `subject`."""
    query: Query = {"hub": {"$in": list(hubs)}, **({"_id": subject} if subject else {})}
    return [(HubCode(row["hub"]), PersonId(row["_id"])) for row in db["people"].find(query, {"hub": 1})]
