"""Messages as documents."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo import ASCENDING
from pymongo.database import Database

from notifications.adapters.mongo import MESSAGES
from notifications.application.ports import Page
from notifications.domain.ids import MessageId
from notifications.domain.messages import Message, MessageState
from notifications.domain.standings import Standing
from shared.store.documents import Repository
from shared.store.mongo import Doc
from shared.store.unit import Unit

UNSETTLED: tuple[MessageState, ...] = ("planned", "claimed", "submitted")


class Messages(Repository[Message]):
    def __init__(self, unit: Unit) -> None:
        super().__init__(unit, MESSAGES, Message)

    def listed(self, page: Page) -> Sequence[Message]:
        query: Doc = {"_id": {"$gt": page.after}}
        if page.person:
            query["person"] = page.person
        if page.state:
            query["state"] = page.state
        return self.here(query, [("_id", ASCENDING)], page.limit)

    def planned_for(self, standing: Standing) -> Sequence[Message]:
        """The messages that no sender has claimed yet."""
        return self.anywhere({"hub": standing.hub, "person": standing.id, "state": "planned"})

    def forget_content(self, standing: Standing) -> None:
        """Reminders are deleted, because their times reveal when a group met. The versions of the others stay the same, so that a
        sender that has claimed one can still settle it."""
        theirs = {"hub": standing.hub, "person": standing.id}
        self.collection.delete_many({**theirs, "session": {"$ne": None}}, session=self._unit.session)
        self.collection.update_many(theirs, {"$set": {"place": None}}, session=self._unit.session)


def perhaps_sent(db: Database[Doc], now: datetime, hubs: Iterable[str]) -> list[tuple[str, MessageId, int]]:
    """(hub, message, version) of those that a restored store takes for unsent: all unsettled ones, except reminders ahead."""
    query = {"hub": {"$in": list(hubs)}, "state": {"$in": list(UNSETTLED)}}
    rows = db[MESSAGES].find(query, {"hub": 1, "version": 1, "state": 1, "session": 1, "due": 1})
    return [(row["hub"], MessageId(row["_id"]), row["version"]) for row in rows if not _is_ahead(row, now)]


def _is_ahead(row: Doc, now: datetime) -> bool:
    return row["state"] == "planned" and row["session"] is not None and bool(row["due"] > now)


def unsettled(db: Database[Doc]) -> dict[str, int]:
    """The number of unsettled messages, by state, counted in the index of states."""
    return {state: db[MESSAGES].count_documents({"state": state}) for state in UNSETTLED}
