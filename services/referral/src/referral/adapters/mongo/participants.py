"""Participants as documents. Every event about a person is numbered on their document."""

from collections.abc import Callable, Iterable

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from referral.domain.events import Event
from referral.domain.ids import PersonId
from referral.domain.participants import Participant
from shared.contracts import Fact
from shared.errors import Stale
from shared.store.documents import Subjects
from shared.store.unit import Unit


class Participants(Subjects[Participant, Event]):
    def __init__(self, unit: Unit, publish: Callable[[Event], Fact]) -> None:
        super().__init__(unit, "participants", Participant, publish)

    def known_by(self, index: str) -> Participant | None:
        return next(iter(self.here({"index": index, "state": "known"}, limit=1)), None)

    def in_state(self, state: str) -> list[PersonId]:
        return [found.id for found in self.here({"state": state}, [("_id", ASCENDING)])]

    def save(self, aggregate: Participant, events: Iterable[Event] = ()) -> None:
        """Raises Stale if they changed since they were read, or the same person was submitted at the same moment."""
        try:
            super().save(aggregate, events)
        except DuplicateKeyError as error:
            raise Stale("somebody else has just submitted this person") from error
