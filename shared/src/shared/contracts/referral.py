"""Events of the referral service. They contain no name, address, employer or clinical word in the clear.

Every event about a person is published under that person: `person` is the subject of each event, which is numbered on the
participant's document (staff: on the staff member's).
"""

from datetime import datetime

from shared.contracts.parts import BookingState, Facts, GroupRef, ReferralState, StaffName, Tokens, Window, Wishes
from shared.contracts.registry import Fact, event, sealed_for


@event("participant.changed.v1")
class ParticipantChanged(Fact):
    """All that placement needs about a person: facts, tokens, when they are free and when not. Precedes an acceptance."""

    person: str
    facts: Facts
    tokens: Tokens
    free: tuple[Window, ...] = ()
    busy: tuple[Window, ...] = ()


@event("participant.transferred.v1")
class ParticipantTransferred(Fact):
    person: str
    from_hub: str
    to_hub: str


@event("participant.erased.v1", is_final=True)
class ParticipantErased(Fact):
    """Nothing but the bare pseudonym may be kept."""

    person: str


@event("participant.state.v1", is_state=True)
class ParticipantState(Fact):
    """All that this service publishes about a person. facts, tokens: null until a referral has been accepted."""

    person: str
    facts: Facts | None = None
    tokens: Tokens | None = None
    free: tuple[Window, ...] = ()
    busy: tuple[Window, ...] = ()
    referrals: tuple[ReferralState, ...] = ()
    bookings: tuple[BookingState, ...] = ()


@event("referral.submitted.v1")
class Submitted(Fact):
    person: str
    referral: str
    source: str
    urgency: str
    received: datetime


@event("referral.returned.v1")
class Returned(Fact):
    """A clinician has sent the referral back to its submitter with a question, which is not published."""

    person: str
    referral: str
    source: str


@event("referral.accepted.v1")
class Accepted(Fact):
    """received: the clock that is reported against 6 and 18 weeks.  accepted: the clock of the queue."""

    person: str
    referral: str
    source: str
    urgency: str
    received: datetime
    accepted: datetime
    wishes: str = sealed_for("scheduling", Wishes)


@event("referral.declined.v1")
class Declined(Fact):
    person: str
    referral: str
    source: str
    reason: str
    signposts: tuple[str, ...] = ()


@event("referral.withdrawn.v1")
class Withdrawn(Fact):
    person: str
    referral: str
    source: str


@event("referral.ended.v1")
class Ended(Fact):
    person: str
    referral: str
    source: str
    reason: str


@event("booking.asked.v1")
class BookingAsked(Fact):
    """No place is held until the address has been confirmed."""

    person: str
    booking: str
    group: str = sealed_for("scheduling", GroupRef)


@event("booking.confirmed.v1")
class BookingConfirmed(Fact):
    person: str
    booking: str
    group: str = sealed_for("scheduling", GroupRef)


@event("booking.cancelled.v1")
class BookingCancelled(Fact):
    person: str
    booking: str
    reason: str


@event("staff.changed.v1", is_state=True)
class StaffChanged(Fact):
    """All that the other services need about staff, at each of their hubs. The name is sealed per reader, and at rest in scheduling."""

    person: str
    hubs: tuple[str, ...]
    tokens: Tokens
    name_for_scheduling: str = sealed_for("scheduling", StaffName)
    name_for_notifications: str = sealed_for("notifications", StaffName)


@event("staff.left.v1")
class StaffLeft(Fact):
    person: str


@event("contact.changed.v1", family="contacts")
class ContactChanged(Fact):
    """How to reach a person: base64 of the vault's ciphertext under the person's own key; opens to a JSON object of
    known_as, email, language, quiet_hours, discreet."""

    person: str
    sealed: str


@event("contact.erased.v1", family="contacts", is_tombstone=True)
class ContactErased(Fact):
    person: str


@event("task.opened.v1")
class TaskOpened(Fact):
    """A task for a clinician, to be done by `due`. cause: the id of the event that opened it."""

    person: str
    task: str
    kind: str
    due: datetime
    cause: str


@event("task.done.v1")
class TaskDone(Fact):
    person: str
    task: str
    kind: str
