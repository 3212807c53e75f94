"""Members of staff as documents."""

from collections.abc import Callable, Iterable, Sequence

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from referral.domain.events import Event
from referral.domain.ids import StaffId
from referral.domain.staff import StaffMember
from shared.contracts import Fact
from shared.errors import Stale
from shared.store.documents import Subjects
from shared.store.unit import Unit


class Staff(Subjects[StaffMember, Event]):
    def __init__(self, unit: Unit, publish: Callable[[Event], Fact]) -> None:
        super().__init__(unit, "staff", StaffMember, publish)

    def active(self) -> Sequence[StaffId]:
        return [member.id for member in self.here({"state": "active"}, [("_id", ASCENDING)])]

    def known_by(self, index: str) -> StaffMember | None:
        return next(iter(self.here({"index": index}, limit=1)), None)

    def save(self, aggregate: StaffMember, events: Iterable[Event] = ()) -> None:
        """Raises Stale if they changed since they were read, or were registered at the same moment."""
        try:
            super().save(aggregate, events)
        except DuplicateKeyError as error:
            raise Stale("somebody else has just registered them") from error
