"""What happens in scheduling, in its own words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduling.domain.entry import Entry, Offer
    from scheduling.domain.group import Group


@dataclass(frozen=True, slots=True)
class ModalityListed:
    code: str
    variants: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupOpened:
    group: "Group"


@dataclass(frozen=True, slots=True)
class GroupFull:
    group: "Group"


@dataclass(frozen=True, slots=True)
class GroupEnded:
    group: "Group"


@dataclass(frozen=True, slots=True)
class WaitingStarted:
    entry: "Entry"


@dataclass(frozen=True, slots=True)
class WaitingClosed:
    entry: "Entry"
    because: str


@dataclass(frozen=True, slots=True)
class OfferMade:
    entry: "Entry"
    offer: "Offer"
    group: "Group"


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    entry: "Entry"
    offer: str


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    entry: "Entry"
    offer: str


@dataclass(frozen=True, slots=True)
class OfferExpired:
    entry: "Entry"
    offer: str


@dataclass(frozen=True, slots=True)
class OfferCancelled:
    entry: "Entry"
    offer: str
    because: str


@dataclass(frozen=True, slots=True)
class SeatTaken:
    entry: "Entry"
    offer: str
    seat: str
    group: "Group"


@dataclass(frozen=True, slots=True)
class SeatReleased:
    entry: "Entry"
    seat: str
    group: str
    because: str


@dataclass(frozen=True, slots=True)
class OpenAccessGiven:
    entry: "Entry"
    group: "Group"


Ending = OfferCancelled | SeatReleased | WaitingClosed
