"""How far each subject has been handled: one row per (service, topic family, subject), moved in the transaction of the effects."""

from collections.abc import Iterable

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared import contracts
from shared.errors import Stale
from shared.store.mongo import Doc
from shared.store.unit import Unit

COLLECTION = "inbox"
FOREVER = 2**62  # the position after a final event: no later event is handled
Subject = tuple[str, str, str]  # the publishing service, the topic family, and the subject


class Positions:
    """The positions of some subjects, read once, moved in memory, written together.

    Writing checks that each row is as it was read: a worker that was stopped and resumed cannot commit stale work.
    """

    def __init__(self, db: Database[Doc], session: ClientSession | None, subjects: Iterable[Subject]) -> None:
        self._collection, self._session, self._subjects = db[COLLECTION], session, sorted(set(subjects))
        keys = [_key(subject) for subject in self._subjects]
        stored = list(self._collection.find({"_id": {"$in": keys}}, session=session))
        self._read: dict[str, int] = {row["_id"]: row["position"] for row in stored}
        self._now, self._held = dict(self._read), set[str]()
        self._with_some_aside = {row["_id"] for row in stored if row.get("some_aside")}

    def __getitem__(self, subject: Subject) -> int:
        return self._now.get(_key(subject), 0)

    def about(self, identity: str) -> list[Subject]:
        """Those of its histories that are about this subject."""
        return [subject for subject in self._subjects if subject[-1] == identity]

    @property
    def with_some_aside(self) -> list[Subject]:
        """Those of which an event was once parked, and may still be: only theirs are looked for."""
        return [subject for subject in self._subjects if _key(subject) in self._with_some_aside]

    def move(self, subject: Subject, position: int) -> None:
        self._now[_key(subject)] = position

    def hold(self, subject: Subject) -> None:
        """Note that an event of it is set aside. This is written even if the position does not move, so that the decision conflicts with
        a transaction that moves it. Otherwise an event parked while its person's erasure is being handled would stay for ever."""
        self._now.setdefault(_key(subject), 0)
        self._held.add(_key(subject))

    def write(self) -> None:
        """Write the changes. Raises Stale when another worker has moved one; DuplicateKeyError means the same for a new row."""
        new = [{"_id": key, "position": to} | self._aside(key) for key, to in self._now.items() if key not in self._read]
        moved = [
            self._moved(key, to) for key, to in self._now.items() if key in self._read and (to != self._read[key] or key in self._held)
        ]
        if new:
            self._collection.insert_many(new, session=self._session)
        if moved and self._collection.bulk_write(moved, session=self._session).matched_count != len(moved):
            raise Stale("another worker has handled these events")

    def _moved(self, key: str, to: int) -> UpdateOne:
        """`writes` makes it a change: MongoDB writes nothing, and detects no conflict, where nothing changes."""
        change = {"$set": {"position": to} | self._aside(key), "$inc": {"writes": 1}}
        return UpdateOne({"_id": key, "position": self._read[key]}, change)

    def _aside(self, key: str) -> Doc:
        return {"some_aside": True} if key in self._held else {}


def end(unit: Unit, identity: str, last: contracts.Event) -> None:
    """Handle no more events of the other services about the subject, now that its own service publishes the `last` one."""
    histories = {(event.service, event.family) for event in contracts.EVENTS.values() if event.subject == last.subject}
    keys = [_key((service, family, identity)) for service, family in sorted(histories) if service != last.service]
    moves = [UpdateOne({"_id": key}, {"$set": {"position": FOREVER}}, upsert=True) for key in keys]
    unit.db[COLLECTION].bulk_write(moves, session=unit.session)


def _key(subject: Subject) -> str:
    return "|".join(subject)
