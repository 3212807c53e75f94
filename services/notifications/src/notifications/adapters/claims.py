"""Which sender has which message in hand. A claim lapses by itself; every step checks that it still stands."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from notifications.application.ports import Work
from notifications.domain.message import Message
from shared.errors import Stale
from shared.events.tracing import Cause
from shared.store.documents import Store, read
from shared.store.mongo import Doc
from shared.store.unit import Unit

_FREED = {"state": "planned", "claimed_by": "", "claimed_until": None}
CLAIMED = timedelta(seconds=20)
SUBMITTED = timedelta(seconds=30)  # longer than the server may take to answer the final dot


class MongoClaims:
    """worker: the sender's name. One that starts under a name takes over what its predecessor of that name had in hand."""

    def __init__(self, store: Store, hubs: Iterable[str], worker: str, make_work: Callable[[Unit], Work]) -> None:
        self._store, self._hubs, self._worker, self._make_work = store, list(hubs), worker, make_work
        self._messages = store.db["messages"]

    def claim(self, most: int) -> Sequence[Message]:
        now = self._store.clock()
        due = {"state": "planned", "due": {"$lte": now}, "hub": {"$in": self._hubs}}
        ids = [row["_id"] for row in self._messages.find(due, {"_id": 1}).sort("due", 1).limit(most)]
        if not ids:
            return []
        mine = {"state": "claimed", "claimed_by": self._worker, "claimed_until": now + CLAIMED}
        self._messages.update_many({**due, "_id": {"$in": ids}}, {"$set": mine, "$inc": {"version": 1}})
        found = self._messages.find({"_id": {"$in": ids}, "state": "claimed", "claimed_by": self._worker})
        return [read(Message, row) for row in found]

    def submit(self, message: Message) -> None:
        now = self._store.clock()
        mine = {"_id": message.id, "version": message.version, "state": "claimed", "claimed_until": {"$gt": now}}
        step = {"state": "submitted", "submitted_at": now, "claimed_until": now + SUBMITTED}
        if not self._messages.update_one(mine, {"$set": step, "$inc": {"version": 1}}).matched_count:
            raise Stale("the claim has lapsed")
        message.state, message.submitted_at, message.version = "submitted", now, message.version + 1

    def give_back(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._free(message.id, message.version)

    def _free(self, identity: str, version: int) -> None:
        mine = {"_id": identity, "version": version, "state": "claimed"}
        self._messages.update_one(mine, {"$set": _FREED, "$inc": {"version": 1}})

    def settle(self, message: Message, decide: Callable[[Message, Work], Iterable[Any]]) -> None:
        """Decide on the message as it was claimed and keep it; a claim lost meanwhile decides nothing."""

        def do(unit: Unit) -> None:
            work = self._make_work(unit)
            stored = work.messages.get(message.id)
            if stored.version == message.version:
                work.messages.save(stored, decide(stored, work))

        self._store.perform(message.hub, _cause(message), do)

    def recover(self, *, is_start: bool) -> Sequence[Message]:
        now = self._store.clock()
        in_hand = self._messages.find({"state": {"$in": ["claimed", "submitted"]}})
        dead = [row for row in in_hand if row["hub"] in self._hubs and self._is_dead(row, now, is_start=is_start)]
        for row in dead:
            self._free(row["_id"], row["version"])
        return [read(Message, row) for row in dead if row["state"] == "submitted"]

    def _is_dead(self, row: Doc, now: datetime, *, is_start: bool) -> bool:
        return bool(row["claimed_until"] < now or (is_start and row["claimed_by"] == self._worker))

    def work(self, hub: str) -> Work:
        now = self._store.clock()
        return self._make_work(Unit(self._store.db, None, hub, now, Cause("", "", "")))


def _cause(message: Message) -> Cause:
    return Cause(message.cause, message.cause, "")
