"""Checks, at the moment of sending, that a message is still true. Each returns the reason why it is not, or None."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from notifications.domain.messages import Message
from notifications.domain.places import Place
from notifications.domain.standings import Standing


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The present facts. place: of the message's membership, opened; None for a message without one."""

    message: Message
    standing: Standing | None
    place: Place | None
    at: datetime


Check = Callable[[Circumstances], str | None]


def always(_now: Circumstances) -> str | None:
    """The message cannot become untrue."""
    return None


def offer_open(now: Circumstances) -> str | None:
    """The place is held for the person, and the offer can still be answered."""
    held = now.standing.membership(now.message.membership) if now.standing else None
    if held is None or now.place is None:
        return "the offer is not known any longer"
    if held.state == "ended":
        return f"the offer has ended ({held.reason})" if held.reason else "the offer has ended"
    if held.state != "held":
        return "the offer has been accepted"
    is_late = now.place.deadline is not None and now.at >= now.place.deadline
    return "the offer's deadline has passed" if is_late else None


def offer_told(now: Circumstances) -> str | None:
    """A later message about an offer goes only to those to whom the offer was sent."""
    return None if now.standing and now.message.membership in now.standing.told else "the offer itself was never sent"


def seat_taken(now: Circumstances) -> str | None:
    """The person still has the seat; a paused one counts."""
    seat = now.standing.membership(now.message.membership) if now.standing else None
    return None if seat and seat.state in {"taken", "paused"} else "the seat has been released"


def session_ahead(now: Circumstances) -> str | None:
    """The session is in the current timetable, has not begun, and the person is expected."""
    if released := seat_taken(now):
        return released
    seat = now.standing.membership(now.message.membership) if now.standing else None
    if seat and seat.state == "paused":
        return "the seat is paused"
    meeting = now.place.meeting_of(now.message.session) if now.place else None
    if meeting is None:
        return "the session is not planned any longer"
    return None if now.at < meeting.start else "the session has begun"


CHECKS: dict[str, Check] = {check.__name__: check for check in (always, offer_open, offer_told, seat_taken, session_ahead)}
