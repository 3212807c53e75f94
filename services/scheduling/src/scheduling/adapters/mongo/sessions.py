"""Sessions as documents."""

from collections.abc import Sequence

from pymongo import ASCENDING

from scheduling.domain.ids import GroupId
from scheduling.domain.sessions import Session
from shared.store.documents import Repository
from shared.store.unit import Unit


class MongoSessions(Repository[Session]):
    def __init__(self, unit: Unit) -> None:
        super().__init__(unit, "sessions", Session)

    def of_group(self, group: GroupId) -> Sequence[Session]:
        return self.anywhere({"group": group}, [("start", ASCENDING)])
