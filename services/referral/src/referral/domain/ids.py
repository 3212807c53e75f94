"""The ids of this service, each of its own type, so that one cannot be mistaken for another."""

from typing import NewType

PersonId = NewType("PersonId", str)  # the pseudonym of a participant
ReferralId = NewType("ReferralId", str)
StaffId = NewType("StaffId", str)
