"""The messages, of any person."""

from collections.abc import Sequence

from pymongo import ASCENDING
from pymongo.database import Database

from notifications.adapters.mongo import MESSAGES
from notifications.application.ports import Page
from notifications.domain.messages import Message
from notifications.domain.standings import Standing
from shared.store.documents import Repository
from shared.store.mongo import Doc
from shared.store.unit import Unit


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
        """What has not been claimed by a sender yet."""
        return self.anywhere({"hub": standing.hub, "person": standing.id, "state": "planned"})

    def forget_content(self, standing: Standing) -> None:
        """Their versions stay, so that a sender that has one in hand can still settle it."""
        theirs = {"hub": standing.hub, "person": standing.id}
        self.collection.update_many(theirs, {"$set": {"place": None, "session": None}}, session=self._unit.session)


def unsettled(db: Database[Doc]) -> dict[str, int]:
    """How many messages are not settled, by state; each is counted in the index of states."""
    return {state: db[MESSAGES].count_documents({"state": state}) for state in ("planned", "claimed", "submitted")}
