"""The service's own store, behind the ports."""

from collections.abc import Callable, Iterable
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from referral.domain.facilitator import Facilitator
from referral.domain.participant import Participant
from referral.domain.referral import NoSuchReferral, Referral
from referral.domain.values import Wishes
from referral.domain.wishes import Listed, check
from shared.contracts import Fact
from shared.errors import Stale
from shared.store.documents import Documents
from shared.store.mongo import Doc
from shared.store.unit import Unit

COLLECTIONS = ("referrals", "participants", "facilitators", "modalities")

Publish = Callable[[Any], Iterable[Fact]]


def ensure_indexes(db: Database[Doc]) -> None:
    one_open = {"is_open": True}
    db["referrals"].create_index([("hub", ASCENDING), ("index", ASCENDING)], unique=True, partialFilterExpression=one_open, name="one_open")
    db["referrals"].create_index([("hub", ASCENDING), ("shown_status", ASCENDING), ("_id", ASCENDING)])
    db["referrals"].create_index([("hub", ASCENDING), ("participant", ASCENDING)])
    for name in ("participants", "facilitators"):
        db[name].create_index([("hub", ASCENDING), ("index", ASCENDING)], unique=True)


class Referrals:
    def __init__(self, unit: Unit, publish: Publish) -> None:
        self._documents = Documents(unit, "referrals", Referral, publish)

    def get(self, referral: str) -> Referral:
        found = self._documents.get(referral)
        if found is None:
            raise NoSuchReferral(f"{referral}: look it up with GET /v1/referrals")
        return found

    def open_for(self, index: str) -> Referral | None:
        return self._documents.first({"index": index, "is_open": True})

    def save(self, referral: Referral, events: Iterable[Any] = ()) -> None:
        try:
            self._documents.save(referral, events)
        except DuplicateKeyError as error:  # the same person was submitted at this very moment: decide anew
            raise Stale("somebody else has just submitted this person") from error

    def listed(self, query: Doc, after: str, limit: int) -> list[Referral]:
        """Up to `limit` referrals after an id, oldest first."""
        return self._documents.find({**query, "_id": {"$gt": after}}, [("_id", ASCENDING)], limit)


class Participants:
    def __init__(self, unit: Unit, publish: Publish) -> None:
        self._documents = Documents(unit, "participants", Participant, publish)

    def known_as(self, index: str) -> Participant | None:
        return self._documents.first({"index": index})

    def get(self, participant: str) -> Participant:
        found = self._documents.get(participant)
        if found is None:
            raise LookupError(f"{participant} is not known at this hub")
        return found

    def save(self, participant: Participant, events: Iterable[Any] = ()) -> None:
        try:
            self._documents.save(participant, events)
        except DuplicateKeyError as error:
            raise Stale("somebody else has just submitted this person") from error


class Facilitators:
    def __init__(self, unit: Unit, publish: Publish) -> None:
        self._documents = Documents(unit, "facilitators", Facilitator, publish)

    def known_as(self, index: str) -> Facilitator | None:
        return self._documents.first({"index": index})

    def save(self, facilitator: Facilitator, events: Iterable[Any] = ()) -> None:
        self._documents.save(facilitator, events)


class Modalities:
    """What scheduling has told of its catalogue: the codes, variants and topics a referral may wish for."""

    def __init__(self, unit: Unit) -> None:
        self._unit, self._collection = unit, unit.db["modalities"]

    def check(self, wishes: Wishes) -> None:
        found = self._collection.find({"hub": self._unit.hub}, session=self._unit.session)
        check(wishes, [Listed(row["code"], tuple(row["variants"]), tuple(row["topics"])) for row in found])

    def list(self, code: str, variants: tuple[str, ...], topics: tuple[str, ...]) -> None:
        identity = {"_id": f"{self._unit.hub}|{code}"}
        told = {"hub": self._unit.hub, "code": code, "variants": list(variants), "topics": list(topics)}
        self._collection.update_one(identity, {"$set": told}, upsert=True, session=self._unit.session)


def hubs_without_catalogue(db: Database[Doc], hubs: Iterable[str]) -> list[str]:
    told = set(db["modalities"].distinct("hub"))
    return [hub for hub in hubs if hub not in told]
