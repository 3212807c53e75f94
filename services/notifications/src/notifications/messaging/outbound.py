"""The only place where facts leave this service. A confidentiality review reads this file: ids, template codes and
reasons go out; never an address, and no server's own words, which may quote one."""

from collections.abc import Callable, Iterable
from typing import Any

from notifications.domain import events
from notifications.domain.message import Message
from shared.contracts import Fact
from shared.contracts import notifications as said


def _accepted(event: events.Accepted) -> Fact:
    return said.MessageAccepted(**_which(event.message))


def _bounced(event: events.Bounced) -> Fact:
    return said.MessageBounced(**_which(event.message), reason=event.message.reason)


def _suppressed(event: events.Suppressed) -> Fact:
    return said.MessageSuppressed(**_which(event.message), reason=event.message.reason)


def _ambiguous(event: events.Ambiguous) -> Fact:
    return said.MessageAmbiguous(**_which(event.message), reason=event.message.reason)


def _answered(event: events.Answered) -> Fact:
    given = event.answer
    return said.Answered(
        participant=given.participant,
        referral=given.referral,
        to=given.to,
        answer=given.answer,
        answered_at=given.answered_at,
    )


PUBLISHED: dict[type, Callable[[Any], Fact]] = {
    events.Accepted: _accepted,
    events.Bounced: _bounced,
    events.Suppressed: _suppressed,
    events.Ambiguous: _ambiguous,
    events.Answered: _answered,
}


def published(event: Any) -> Iterable[Fact]:
    """What the store calls for each domain event it saves."""
    return [PUBLISHED[type(event)](event)]


def _which(message: Message) -> dict[str, str]:
    return {"message": message.id, "participant": message.participant, "template": message.template, "cause": message.cause}
