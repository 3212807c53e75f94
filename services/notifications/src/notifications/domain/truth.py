"""Whether what a message says is still true, asked at the moment it is sent. A check says why not, or None."""

from collections.abc import Callable
from datetime import datetime

from notifications.domain.message import Message
from notifications.domain.standing import Standing, start_of

Check = Callable[[Message, Standing | None, datetime], str | None]


def always(_message: Message, _standing: Standing | None, _at: datetime) -> str | None:
    return None


def offer_open(message: Message, standing: Standing | None, at: datetime) -> str | None:
    offer = standing.offer if standing else None
    if offer is None or offer.id != message.data["offer"]:
        return "another offer stands"
    if offer.state != "open":
        return f"the offer is {offer.state}"
    return None if at < offer.deadline else "the offer's deadline has passed"


def offer_told(message: Message, standing: Standing | None, _at: datetime) -> str | None:
    """What is said of an offer afterwards is for those who were told of it."""
    return None if standing and message.data["offer"] in standing.told else "the offer itself was never sent"


def seat_taken(message: Message, standing: Standing | None, _at: datetime) -> str | None:
    seat = standing.seat if standing else None
    stands = seat is not None and seat.is_taken and seat.id == message.data["seat"]
    return None if stands else "the seat has been released"


def session_ahead(message: Message, standing: Standing | None, at: datetime) -> str | None:
    if released := seat_taken(message, standing, at):
        return released
    return None if at < start_of(message.session) else "the session has begun"


CHECKS: dict[str, Check] = {check.__name__: check for check in (always, offer_open, offer_told, seat_taken, session_ahead)}
