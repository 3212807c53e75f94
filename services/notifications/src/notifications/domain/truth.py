"""Whether what a message says is still true, asked at the moment it is sent. A check says why not, or None."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from notifications.domain.messages import Message
from notifications.domain.places import Place
from notifications.domain.standings import Standing


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is so now. place: of the message's membership, opened; None for a message that is about none."""

    message: Message
    standing: Standing | None
    place: Place | None
    at: datetime


Check = Callable[[Circumstances], str | None]


def always(_now: Circumstances) -> str | None:
    """What the message says cannot become untrue."""
    return None


def offer_open(now: Circumstances) -> str | None:
    """The place is held for them and can still be answered."""
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
    """What is said of an offer afterwards is for those who were told of it."""
    return None if now.standing and now.message.membership in now.standing.told else "the offer itself was never sent"


def seat_taken(now: Circumstances) -> str | None:
    """Somebody who pauses still has their seat."""
    seat = now.standing.membership(now.message.membership) if now.standing else None
    return None if seat and seat.state in {"taken", "paused"} else "the seat has been released"


def session_ahead(now: Circumstances) -> str | None:
    """The session is in the timetable as it is now, has not begun, and they are expected."""
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
