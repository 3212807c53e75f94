"""Identifiers, each of its own type, so that one cannot be mistaken for another."""

from typing import NewType

HubCode = NewType("HubCode", str)
PersonId = NewType("PersonId", str)  # P-… a participant, F-… a member of staff
EntryId = NewType("EntryId", str)
MembershipId = NewType("MembershipId", str)
GroupId = NewType("GroupId", str)
SessionId = NewType("SessionId", str)
ReferralId = NewType("ReferralId", str)
BookingId = NewType("BookingId", str)
