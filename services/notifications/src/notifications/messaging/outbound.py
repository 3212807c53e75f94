"""The only module that publishes this service's facts. A confidentiality review reads this file: ids, template codes and
reasons go out; never an address, nor a server's own words, which may quote one."""

from collections.abc import Callable
from typing import assert_never

from notifications.domain.answers import Answer, Answered
from notifications.domain.events import Event
from notifications.domain.messages import Accepted, Ambiguous, Bounced, Suppressed
from notifications.domain.standings import Restated
from shared.contracts import Fact
from shared.contracts import notifications as told
from shared.contracts.parts import AnswerGiven
from shared.events.sealing import Seals


def publisher(_seals: Seals) -> Callable[[Event], Fact]:
    """The function that the store calls for each domain event that it saves. This service publishes no sealed fields."""
    return _published


def _published(event: Event) -> Fact:
    match event:
        case Answered(person, given):
            return told.Answered(person=person, to=given.to, answer=given.answer, answered_at=given.answered_at)
        case Restated(person, answers):
            return told.StandingState(person=person, answers=tuple(map(_given, answers)))
        case Accepted() | Bounced() | Suppressed() | Ambiguous():
            return _of_message(event)
        case _:
            assert_never(event)


def _of_message(event: Accepted | Bounced | Suppressed | Ambiguous) -> Fact:
    person, message, template, causes = event.person, event.message, event.template, event.causes
    match event:
        case Accepted():
            return told.MessageAccepted(person=person, message=message, template=template, causes=causes)
        case Bounced():
            return told.MessageBounced(person=person, message=message, template=template, causes=causes, reason=event.reason)
        case Suppressed():
            return told.MessageSuppressed(person=person, message=message, template=template, causes=causes, reason=event.reason)
        case Ambiguous():
            return told.MessageAmbiguous(person=person, message=message, template=template, causes=causes, reason=event.reason)
        case _:
            assert_never(event)


def _given(answer: Answer) -> AnswerGiven:
    return AnswerGiven(to=answer.to, answer=answer.answer, answered_at=answer.answered_at)
