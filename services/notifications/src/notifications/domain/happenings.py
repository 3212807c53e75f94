"""What other services say of a person, in this service's own words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notifications.domain.ids import EventId, MembershipId, PersonId

MembershipState = Literal["held", "taken", "paused", "ended"]

# The first word of the wire names that are heard of a person, and that a message may hang on.
SUBJECTS = ("referral", "booking", "waiting", "membership")


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. type: its wire name, on which the catalogue hangs messages.

    state: what it makes of the membership; None when it leaves that as it was.  place: the sealed text.  reason: why the membership,
    referral or entry ended.  source: of the referral.  is_repeat: the store was restored, and had handled the event before.
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
