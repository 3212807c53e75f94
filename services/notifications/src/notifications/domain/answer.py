"""What a participant answered to an offer: taken once."""

from dataclasses import dataclass
from datetime import datetime

from notifications.domain import events

ANSWERS = ("accept", "decline")


class NotAnAnswer(ValueError):
    """The link does not take this answer."""


class LinkGone(LookupError):
    """The link is not one of ours, has expired, or what it was about no longer stands."""


@dataclass(slots=True)
class Answer:
    """`id` follows from the offer, so that there is one answer to it, whichever of two clicks comes first."""

    id: str
    hub: str
    participant: str
    referral: str
    to: str
    answer: str
    answered_at: datetime
    version: int = 0
    said: int = 0

    def give(self) -> list[events.Answered]:
        return [events.Answered(self)]


def answer_id(offer: str) -> str:
    return f"A-{offer}"
