"""Events of other services about a person, in this service's own words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notifications.domain.ids import EventId, MembershipId, PersonId

MembershipState = Literal["held", "taken", "paused", "ended"]

# The first word in the wire names of the events that may cause a message.
SUBJECTS = ("referral", "booking", "waiting", "membership")


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. type: its wire name, to which the catalogue attaches messages.

    state: the membership's new state; None if unchanged.  place: the sealed text.  reason: why the membership, referral or entry
    ended.  source: of the referral.  is_repeat: the store had handled the event before it was restored.
    """

    type: str
    event: EventId
    person: PersonId
    at: datetime
    membership: MembershipId | None = None
    state: MembershipState | None = None
    place: str | None = None
    reason: str | None = None
    source: str | None = None
    is_repeat: bool = False
