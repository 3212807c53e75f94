"""Events of the notifications service: how messages ended, and what people answered. Numbered on the person's Standing."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.parts import AnswerGiven
from shared.contracts.registry import Fact, event


@event("notification.listed.v1", subject="listing")
class NotificationListed(Fact):
    """A message that this service can send, for the preview of a change. listing: `<hub>/<code>`."""

    listing: str
    code: str
    on: str
    subject_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfMessage(Fact):
    """How a message to a person ended. causes: the ids of the events that the message is about."""

    person: str
    message: str
    template: str
    causes: tuple[str, ...]


@event("message.accepted.v1")
class MessageAccepted(_OfMessage):
    """The mail server has accepted the message."""


@event("message.bounced.v1")
class MessageBounced(_OfMessage):
    """The mail server has refused the message for good."""

    reason: str


@event("message.suppressed.v1")
class MessageSuppressed(_OfMessage):
    """The message was not sent, because it was no longer true or could not be."""

    reason: str


@event("message.ambiguous.v1")
class MessageAmbiguous(_OfMessage):
    """The message may or may not have reached the mail server."""

    reason: str


@event("participant.answered.v1")
class Answered(Fact):
    """to: the membership's id.  answer: accept or decline."""

    person: str
    to: str
    answer: str
    answered_at: datetime


@event("attendance.marked.v1")
class AttendanceMarked(Fact):
    """mark: attended, apologies or missed."""

    person: str
    session: str
    mark: str


@event("attendance.counted.v1", subject="group")
class AttendanceCounted(Fact):
    """How many came to a session of a group that keeps no register."""

    group: str
    session: str
    headcount: int


@event("standing.state.v1", is_state=True)
class StandingState(Fact):
    """All that this service publishes about a person: the answers about memberships held or taken."""

    person: str
    answers: tuple[AnswerGiven, ...] = ()
