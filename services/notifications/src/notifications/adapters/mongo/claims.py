"""Senders' claims on messages. A claim lapses by itself; every step checks that this sender still has it.

Claims use the real clock; due times use the domain's.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from notifications.adapters.mongo import MESSAGES
from notifications.application.ports import SendingWork
from notifications.application.sending import Count, Outcome, Settle, settle, uncounted
from notifications.domain.messages import Message
from shared.errors import Stale
from shared.events.tracing import Cause
from shared.process.clock import Clock, utc_now
from shared.process.logs import log
from shared.store.documents import read
from shared.store.mongo import Doc
from shared.store.unit import Unit
from shared.store.use_cases import UseCases

_RELEASED = {"state": "planned", "claimed_by": None, "claimed_until": None}
CLAIMED = timedelta(seconds=20)
SUBMITTED = timedelta(seconds=30)  # longer than we wait for the answer to the final dot


class MongoClaims:
    """worker: the sender's name. A sender takes over the claims of its predecessor of the same name when it starts.
    count: counts the messages that cannot be read."""

    def __init__(self, use_cases: UseCases, hubs: Iterable[str], worker: str, clock: Clock = utc_now, count: Count = uncounted) -> None:
        self._count = count
        self._use_cases, self._store = use_cases, use_cases.store
        self._hubs, self._worker, self._clock = list(hubs), worker, clock
        self._messages = self._store.db[MESSAGES]

    def claim(self, most: int) -> Sequence[Message]:
        """Claim up to `most` due messages, the longest due first; those claimed by another sender at the same moment are left out."""
        due = {"state": "planned", "due": {"$lte": self._store.clock()}, "hub": {"$in": self._hubs}}
        ids = [row["_id"] for row in self._messages.find(due, {"_id": 1}).sort("due", 1).limit(most)]
        if not ids:
            return []
        mine = {"state": "claimed", "claimed_by": self._worker, "claimed_until": self._clock() + CLAIMED}
        self._messages.update_many({**due, "_id": {"$in": ids}}, {"$set": mine, "$inc": {"version": 1}})
        found = self._messages.find({"_id": {"$in": ids}, "state": "claimed", "claimed_by": self._worker})
        return list(self._readable(found.sort("due", 1)))

    def submit(self, message: Message) -> None:
        now, at = self._clock(), self._store.clock()
        mine = {"_id": message.id, "version": message.version, "state": "claimed", "claimed_until": {"$gt": now}}
        step = {"state": "submitted", "submitted_at": at, "claimed_until": now + SUBMITTED}
        if not self._messages.update_one(mine, {"$set": step, "$inc": {"version": 1}}).matched_count:
            raise Stale("the claim has lapsed")
        message.state, message.submitted_at, message.version = "submitted", at, message.version + 1

    def release(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._release(message.id, message.version)

    def _release(self, identity: str, version: int) -> None:
        mine = {"_id": identity, "version": version, "state": "claimed"}
        self._messages.update_one(mine, {"$set": _RELEASED, "$inc": {"version": 1}})

    def settle(self, message: Message, outcome: Outcome) -> None:
        """Store the outcome of a message, in a transaction of its own."""
        self._use_cases.run(settle, Settle(message.id, message.version, outcome), message.hub, _cause(message))

    def recover(self, *, is_start: bool) -> Sequence[Message]:
        """See the port. Submitted messages are returned for the sender to settle."""
        now = self._clock()
        in_hand = self._messages.find({"state": {"$in": ["claimed", "submitted"]}})
        dead = [row for row in in_hand if row["hub"] in self._hubs and self._is_dead(row, now, is_start=is_start)]
        for row in dead:
            self._release(row["_id"], row["version"])
        return list(self._readable(row for row in dead if row["state"] == "submitted"))

    def _readable(self, rows: Iterable[Doc]) -> Iterator[Message]:
        """A document that is no message is named in the log, each time that its claim has lapsed; the others go on."""
        for row in rows:
            try:
                yield read(Message, row)
            except Exception as error:  # noqa: BLE001 - by whatever a broken document is refused
                log().error("message_unreadable", message=row["_id"], error=type(error).__name__)
                self._count("unreadable")

    def _is_dead(self, row: Doc, now: datetime, *, is_start: bool) -> bool:
        return bool(row["claimed_until"] < now or (is_start and row["claimed_by"] == self._worker))

    def work(self, hub: str) -> SendingWork:
        """For reading outside any transaction, where remote calls are made."""
        unit = Unit(self._store.db, None, hub, self._store.clock(), Cause("", "", ""))
        found: SendingWork = self._use_cases.works[SendingWork](unit)
        return found


def _cause(message: Message) -> Cause:
    return Cause(message.causes[0], message.causes[0], "")
