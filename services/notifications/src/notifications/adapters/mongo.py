"""The service's own store, behind the ports."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from notifications.domain.answer import Answer, answer_id
from notifications.domain.contact import Contact
from notifications.domain.message import Message, NoSuchMessage
from notifications.domain.standing import Standing
from shared.contracts import Fact
from shared.errors import Stale
from shared.store.documents import Documents, read, write
from shared.store.mongo import Doc
from shared.store.unit import Unit

COLLECTIONS = ("messages", "standings", "contacts", "answers")

Publish = Callable[[Any], Iterable[Fact]]


def ensure_indexes(db: Database[Doc]) -> None:
    db["messages"].create_index([("state", ASCENDING), ("due", ASCENDING)])
    db["messages"].create_index([("hub", ASCENDING), ("participant", ASCENDING), ("_id", ASCENDING)])
    db["messages"].create_index([("hub", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)])
    db["standings"].create_index("remind_from", partialFilterExpression={"remind_from": {"$type": "date"}})


class Messages:
    def __init__(self, unit: Unit, publish: Publish) -> None:
        self._unit, self._documents = unit, Documents(unit, "messages", Message, publish)
        self.save = self._documents.save

    def get(self, message: str) -> Message:
        found = self._documents.get(message)
        if found is None:
            raise NoSuchMessage(f"{message}: look it up with GET /v1/messages")
        return found

    def plan(self, message: Message) -> None:
        if self._documents.get(message.id) is None:
            self._documents.save(message)

    def listed(self, query: Doc, after: str, limit: int) -> Sequence[Message]:
        return self._documents.find({**query, "_id": {"$gt": after}}, [("_id", ASCENDING)], limit)


class Standings:
    def __init__(self, unit: Unit, publish: Publish) -> None:
        self._documents = Documents(unit, "standings", Standing, publish)
        self.save = self._documents.save

    def find(self, referral: str) -> Standing | None:
        return self._documents.get(referral)


class Contacts:
    def __init__(self, unit: Unit) -> None:
        self._unit, self._collection = unit, unit.db["contacts"]

    def find(self, participant: str) -> Contact | None:
        found = self._collection.find_one({"_id": participant, "hub": self._unit.hub}, session=self._unit.session)
        return read(Contact, found) if found else None

    def keep(self, contact: Contact) -> None:
        self._collection.replace_one({"_id": contact.id}, write(contact), upsert=True, session=self._unit.session)


class Answers:
    def __init__(self, unit: Unit, publish: Publish) -> None:
        self._documents = Documents(unit, "answers", Answer, publish)

    def find(self, offer: str) -> Answer | None:
        return self._documents.get(answer_id(offer))

    def save(self, answer: Answer, events: Iterable[Any] = ()) -> None:
        try:
            self._documents.save(answer, events)
        except DuplicateKeyError as error:  # two clicks at once: the second then finds the first
            raise Stale("answered at this very moment") from error


def reminders_due(db: Database[Doc], now: datetime, hubs: Iterable[str], most: int = 200) -> list[tuple[str, str]]:
    """(hub, referral) of standings whose next reminder is to be planned."""
    query = {"remind_from": {"$lte": now}, "hub": {"$in": list(hubs)}}
    return [(row["hub"], row["_id"]) for row in db["standings"].find(query, {"hub": 1}).limit(most)]


def counts(db: Database[Doc]) -> dict[str, int]:
    """How many messages there are, by state."""
    return {row["_id"]: row["n"] for row in db["messages"].aggregate([{"$group": {"_id": "$state", "n": {"$sum": 1}}}])}
