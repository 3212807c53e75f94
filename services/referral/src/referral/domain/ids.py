"""The ids of this service, each a type of its own so that one is not taken for another."""

from typing import NewType

PersonId = NewType("PersonId", str)  # the pseudonym of a participant
ReferralId = NewType("ReferralId", str)
StaffId = NewType("StaffId", str)
