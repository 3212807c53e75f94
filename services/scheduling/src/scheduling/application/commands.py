"""What can be asked of this service, by a person or by an event."""

from dataclasses import dataclass
from datetime import datetime

from scheduling.domain.people import Conflicts, Facts, Window, Wishes


@dataclass(frozen=True, slots=True)
class StartWaiting:
    referral: str
    participant: str
    facts: Facts
    conflicts: Conflicts
    wishes: Wishes
    availability: tuple[Window, ...]
    urgency: str
    clock_start: datetime


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    """answer: accept or decline."""

    referral: str
    offer: str
    answer: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """first_session: naive, on the wall clock of `zone`.  0 or "" where the catalogue decides."""

    modality: str
    facilitators: tuple[str, ...]
    place: str
    first_session: datetime
    zone: str
    capacity: int = 0
    variant: str = ""
    length: str = ""
    topic: str = ""
    sessions: int = 0
    cadence: str = ""
    minutes: int = 0
    offer_hours: float = 0
