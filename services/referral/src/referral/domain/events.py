"""The events of this service, in its own words."""

from referral.domain.contacts import ContactChanged, ContactErased
from referral.domain.participants import ParticipantChanged, ParticipantErased, ParticipantStated
from referral.domain.referrals import Accepted, Declined, Ended, Returned, Submitted, Withdrawn
from referral.domain.staff import StaffChanged, StaffLeft

Event = (
    ParticipantChanged
    | ParticipantErased
    | ParticipantStated
    | Submitted
    | Returned
    | Accepted
    | Declined
    | Withdrawn
    | Ended
    | ContactChanged
    | ContactErased
    | StaffChanged
    | StaffLeft
)
