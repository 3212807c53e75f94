"""Ids, each of its own type, so that one cannot be mistaken for another."""

from typing import NewType

PersonId = NewType("PersonId", str)  # P- or F-
MembershipId = NewType("MembershipId", str)  # S-
SessionId = NewType("SessionId", str)  # X-
MessageId = NewType("MessageId", str)  # M-
EventId = NewType("EventId", str)  # the ULID of an event of any service
