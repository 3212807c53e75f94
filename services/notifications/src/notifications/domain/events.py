"""What happens to messages and answers, in this service's own words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notifications.domain.answer import Answer
    from notifications.domain.message import Message


@dataclass(frozen=True, slots=True)
class Accepted:
    message: "Message"


@dataclass(frozen=True, slots=True)
class Bounced:
    message: "Message"


@dataclass(frozen=True, slots=True)
class Suppressed:
    message: "Message"


@dataclass(frozen=True, slots=True)
class Ambiguous:
    message: "Message"


@dataclass(frozen=True, slots=True)
class Answered:
    answer: "Answer"
