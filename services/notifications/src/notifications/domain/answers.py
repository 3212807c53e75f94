"""A person's answer to an offer: taken once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notifications.domain.ids import MembershipId, PersonId

AnswerWord = Literal["accept", "decline"]
ANSWERS: tuple[AnswerWord, ...] = ("accept", "decline")


class NotAnAnswer(ValueError):
    """The link does not accept this answer."""


class LinkGone(LookupError):
    """The link is not one of ours, has expired, or its offer can no longer be answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """to: the membership that was offered."""

    to: MembershipId
    answer: AnswerWord
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    person: PersonId
    given: Answer


def answer_word(text: str) -> AnswerWord:
    """Raises NotAnAnswer."""
    for word in ANSWERS:
        if text == word:
            return word
    raise NotAnAnswer(f"choose one of {', '.join(ANSWERS)}")
