"""What an event about a referral sets in motion: what stands now, and which messages follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notifications.application.ports import Work
from notifications.domain.message import Message, message_id
from notifications.domain.notification import Notification
from notifications.domain.standing import REMIND_AHEAD, Offer, Seat, Standing, start_of

REMINDER = "reminder"  # what the notifications planned by time, not by an event, say they are `on`

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An event about one referral. data: as it stood on the wire."""

    type: str
    referral: str
    participant: str
    data: Data


def tell(told: Told, work: Work) -> None:
    """Note what stands now, then plan every message that the notifications' catalogue hangs on this event."""
    if note := _NOTES.get(told.type):
        standing = work.standings.find(told.referral) or Standing(told.referral, work.hub.code, told.participant)
        note(standing, told.data, work)
        work.standings.save(standing)
    for notification in work.notifications.caused_by(told.type, told.data):
        work.messages.plan(_message(notification, told, work))


def plan_reminder(standing: Standing, work: Work) -> None:
    """Plan the reminder of the next session that is far enough ahead. `standing` is saved by the caller."""
    session = standing.next_to_remind(work.now)
    seat = standing.seat
    if session is None or seat is None:
        return
    for notification in work.notifications.caused_by(REMINDER, {}):
        message = Message(
            id=message_id(seat.id, notification.code, session["session"]),
            hub=work.hub.code,
            participant=standing.participant,
            referral=standing.id,
            template=notification.code,
            cause=seat.cause,
            cause_type="seat.taken.v1",
            data={"seat": seat.id, "series": seat.series},
            planned_at=work.now,
            due=start_of(session) - REMIND_AHEAD,
            session=session,
        )
        work.messages.plan(message)


def _message(notification: Notification, told: Told, work: Work) -> Message:
    return Message(
        id=message_id(work.cause, notification.code),
        hub=work.hub.code,
        participant=told.participant,
        referral=told.referral,
        template=notification.code,
        cause=work.cause,
        cause_type=told.type,
        data=told.data,
        planned_at=work.now,
        due=work.now,
    )


def _offered(standing: Standing, data: Data, _work: Work) -> None:
    deadline = datetime.fromisoformat(data["deadline"])
    standing.offered(Offer(data["offer"], "open", deadline, data["series"], data["first_session"]))


def _settled(state: str) -> "Note":
    return lambda standing, data, _work: standing.settled(data["offer"], state)


def _seated(standing: Standing, data: Data, work: Work) -> None:
    standing.settled(data["offer"], "accepted")
    standing.seated(Seat(data["seat"], is_taken=True, cause=work.cause, series=data["series"]), work.now)
    plan_reminder(standing, work)


def _released(standing: Standing, data: Data, _work: Work) -> None:
    standing.released(data["seat"])


Note = Callable[[Standing, Data, Work], None]

_NOTES: dict[str, Note] = {
    "offer.made.v1": _offered,
    "offer.accepted.v1": _settled("accepted"),
    "offer.declined.v1": _settled("declined"),
    "offer.expired.v1": _settled("expired"),
    "offer.cancelled.v1": _settled("cancelled"),
    "seat.taken.v1": _seated,
    "seat.released.v1": _released,
}
