"""What notifications says: what became of a message, and what a participant answered."""

from datetime import datetime

from shared.contracts.registry import event


@event("message.accepted.v1", aggregate="message")
class MessageAccepted:
    message: str
    participant: str
    template: str
    cause: str


@event("message.bounced.v1", aggregate="message")
class MessageBounced:
    message: str
    participant: str
    template: str
    cause: str
    reason: str


@event("message.suppressed.v1", aggregate="message")
class MessageSuppressed:
    message: str
    participant: str
    template: str
    cause: str
    reason: str


@event("message.ambiguous.v1", aggregate="message")
class MessageAmbiguous:
    message: str
    participant: str
    template: str
    cause: str
    reason: str


@event("participant.answered.v1", aggregate="answer")
class Answered:
    """to: the offer's id.  answer: accept or decline."""

    participant: str
    referral: str
    to: str
    answer: str
    answered_at: datetime
