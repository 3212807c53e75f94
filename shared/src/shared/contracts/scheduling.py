"""Events of the scheduling service. A membership's group, its kind, facilitators, venue and times are sealed for notifications.

Every event about a person is published under that person and numbered on the Person of this service. `stands` is the status of the
referral concerned after the event: offered, placed, waiting or nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.parts import EntryState, MembershipState, Place
from shared.contracts.registry import Fact, event, sealed_for


@event("modality.listed.v1", subject="listing", is_state=True)
class ModalityListed(Fact):
    """An entry of the catalogue that referrals may wish for, or forms may offer. It is about no person.

    listing: `<hub>/<code>`, because each hub's listing is published and numbered by itself.
    """

    listing: str
    code: str
    way_in: str
    variants: tuple[str, ...]
    topics: tuple[str, ...]


@event("group.listed.v1", subject="group")
class GroupListed(Fact):
    """A bookable or open group, for the forms: it is public."""

    group: str
    modality: str
    name: str
    venue: str
    starts: datetime
    zone: str
    is_full: bool


@event("waiting.started.v1")
class WaitingStarted(Fact):
    person: str
    entry: str
    clock: datetime
    stands: str
    referral: str | None = None
    booking: str | None = None


@event("waiting.closed.v1")
class WaitingClosed(Fact):
    """reason: withdrawn, met, cancelled or series_ended."""

    person: str
    entry: str
    reason: str
    stands: str
    referral: str | None = None
    booking: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfMembership(Fact):
    """The fields of every event about a membership. stands: of the referral or booking concerned, after the event."""

    person: str
    membership: str
    stands: str
    referral: str | None = None
    booking: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfPlace(_OfMembership):
    """The same, with the details of the place for a message to the person."""

    place: str = sealed_for("notifications", Place)


@event("membership.offered.v1")
class MembershipOffered(_OfPlace):
    """A place is held until the deadline: this is the offer."""


@event("membership.taken.v1")
class MembershipTaken(_OfPlace):
    """The person has the place."""


@event("membership.changed.v1")
class MembershipChanged(_OfPlace):
    """A session, the venue, a facilitator or a circle has changed; `place` has the new revision and the sessions ahead."""


@event("membership.paused.v1")
class MembershipPaused(_OfPlace):
    """The person stays away for a while; their place is kept."""


@event("membership.resumed.v1")
class MembershipResumed(_OfPlace):
    """The person has come back."""


@event("membership.attended.v1")
class MembershipAttended(Fact):
    """mark: attended, apologies or missed."""

    person: str
    membership: str
    session: str
    mark: str


@event("membership.in_conflict.v1")
class MembershipInConflict(_OfMembership):
    """A conflict arose after the place was taken. Published for each side, without the other."""


@event("membership.ending.v1")
class MembershipEnding(_OfMembership):
    """The series nears its end. choices: the next steps that the person may choose."""

    choices: tuple[str, ...]


@event("membership.ended.v1")
class MembershipEnded(_OfMembership):
    """reason: declined, lapsed, withdrawn, conflict, not_suitable, another_taken, cancelled or series_ended."""

    reason: str


@event("person.state.v1", is_state=True)
class PersonState(Fact):
    """All that this service publishes about a person: entries that are not closed, memberships that are not ended."""

    person: str
    entries: tuple[EntryState, ...] = ()
    memberships: tuple[MembershipState, ...] = ()
