"""What scheduling says. A group is an id here, and to its own participants a discreet name; never a modality.

Everything about one referral's way to a seat (waiting, offer, seat) is one history, numbered by referral.
"""

from datetime import datetime

from shared.contracts.parts import Series, SessionTimes
from shared.contracts.registry import event


@event("modality.listed.v1", aggregate="modality")
class ModalityListed:
    """An entry of the catalogue that referrals may wish for. It is about no person."""

    code: str
    variants: tuple[str, ...]
    topics: tuple[str, ...]


@event("waiting.started.v1", aggregate="place")
class WaitingStarted:
    referral: str
    participant: str


@event("waiting.closed.v1", aggregate="place")
class WaitingClosed:
    """Nobody waits any more for this referral. reason: withdrawn or series_ended."""

    referral: str
    participant: str
    reason: str


@event("offer.made.v1", aggregate="place")
class OfferMade:
    offer: str
    referral: str
    participant: str
    group: str
    series: Series
    first_session: SessionTimes
    deadline: datetime


@event("offer.accepted.v1", aggregate="place")
class OfferAccepted:
    offer: str
    referral: str
    participant: str


@event("offer.declined.v1", aggregate="place")
class OfferDeclined:
    offer: str
    referral: str
    participant: str


@event("offer.expired.v1", aggregate="place")
class OfferExpired:
    offer: str
    referral: str
    participant: str


@event("offer.cancelled.v1", aggregate="place")
class OfferCancelled:
    """The offer ended from our side: the referral was withdrawn."""

    offer: str
    referral: str
    participant: str
    reason: str


@event("seat.taken.v1", aggregate="place")
class SeatTaken:
    seat: str
    offer: str
    referral: str
    participant: str
    group: str
    series: Series


@event("seat.released.v1", aggregate="place")
class SeatReleased:
    seat: str
    referral: str
    participant: str
    group: str
    reason: str


@event("open_access.given.v1", aggregate="place")
class OpenAccessGiven:
    """The participant may come to any session of an open-access group: no seat, no register, only the times."""

    referral: str
    participant: str
    group: str
    series: Series


@event("group.opened.v1", aggregate="group")
class GroupOpened:
    group: str
    hub: str
    capacity: int
    sessions: int


@event("group.full.v1", aggregate="group")
class GroupFull:
    group: str
    hub: str
    capacity: int


@event("group.ended.v1", aggregate="group")
class GroupEnded:
    """Its last session is over. seats: how many were taken."""

    group: str
    hub: str
    seats: int
