"""Opens the sealed place of a membership, as this service's own types."""

from dataclasses import dataclass

from marshmallow import ValidationError

from notifications.domain.ids import PersonId, SessionId
from notifications.domain.places import KINDS, Kind, Meeting, Place
from shared import contracts
from shared.contracts import parts
from shared.contracts.scheduling import MembershipTaken
from shared.errors import Poison
from shared.events.sealing import Seals
from shared.validation.problems import problems_in

_SEALING = contracts.described(MembershipTaken).sealed["place"]
_WRITER = "scheduling"


class UnknownPlace(Poison):
    """A place that can be opened, but does not fit this release's contract."""


@dataclass(frozen=True, slots=True)
class SealedPlaces:
    """Opens places with the keys of this service."""

    seals: Seals

    def open(self, person: PersonId, text: str) -> Place:
        """The place of a membership of this person. Raises UnknownSealingKey, BadSeal, UnknownPlace."""
        try:
            found: parts.Place = self.seals.open(_SEALING, _WRITER, person, text)
        except ValidationError as error:
            wrong = ", ".join(problem.field for problem in problems_in(error))
            raise UnknownPlace(f"a place of {person} does not fit its contract: {wrong}") from error
        return _place(_kind(found.kind, person), found)


def _place(kind: Kind, told: parts.Place) -> Place:
    return Place(
        kind=kind,
        name=told.name,
        venue=told.venue,
        cadence=told.cadence,
        revision=told.revision,
        meetings=tuple(map(_meeting, told.meetings)),
        deadline=told.deadline,
        colleagues_may_come=told.colleagues_may_come,
    )


def _kind(text: str, person: PersonId) -> Kind:
    for kind in KINDS:
        if text == kind:
            return kind
    raise UnknownPlace(f"a place of {person} is of a kind that this release does not know; it knows {', '.join(KINDS)}")


def _meeting(told: parts.Meeting) -> Meeting:
    return Meeting(SessionId(told.session), told.start, told.end, told.zone, told.venue)
