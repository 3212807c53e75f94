"""A lease in the store: lets one of several equal processes work. Short, so that a killed holder is soon replaced."""

from datetime import timedelta

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.process.clock import Clock
from shared.store.mongo import Doc, unwaited

COLLECTION = "leases"
LASTS = timedelta(seconds=3)


class Lease:
    """holder: unique to the running process, not to its name."""

    def __init__(self, db: Database[Doc], name: str, holder: str, clock: Clock) -> None:
        self._collection = unwaited(db, COLLECTION)
        self._name, self._holder, self._clock = name, holder, clock
        self._renew_after = clock()

    def held(self) -> bool:
        """Take or renew the lease; False while another holds it. Renewed when a third of its time has gone."""
        now = self._clock()
        if now < self._renew_after:
            return True
        free = {"_id": self._name, "$or": [{"holder": self._holder}, {"until": {"$lt": now}}]}
        mine = {"$set": {"holder": self._holder, "until": now + LASTS}}
        try:
            self._collection.update_one(free, mine, upsert=True)
        except DuplicateKeyError:  # the row exists and is another's
            return False
        self._renew_after = now + LASTS / 3
        return True

    def release(self) -> None:
        self._collection.delete_one({"_id": self._name, "holder": self._holder})
