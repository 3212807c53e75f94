"""Plans messages: those that an event causes by the catalogue, and the next reminder of each seat. Also reads them for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.application.ports import HearingWork, MessageWork, Page
from notifications.domain.happenings import Happened
from notifications.domain.ids import EventId, MessageId
from notifications.domain.messages import Message, NoSuchMessage, message_id
from notifications.domain.notification import REMINDER, Notification, Particulars
from notifications.domain.places import REMIND_AHEAD, Meeting
from notifications.domain.standings import Membership, Standing
from shared.errors import Poison
from shared.process.logs import log

TAKEN = "membership.taken.v1"  # the cause of every reminder
BEFORE_RESTORE = "before restore"
TRY_TO_OPEN_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReadMessage:
    message: MessageId


def list_messages(query: Page, work: MessageWork) -> Sequence[Message]:
    """A page of the hub's messages."""
    return work.messages.listed(query)


def read_message(query: ReadMessage, work: MessageWork) -> Message:
    """Raises NoSuchMessage."""
    found = work.messages.get(query.message)
    if found is None:
        raise NoSuchMessage(f"{query.message}: look it up with GET /v1/messages")
    return found


def plan_caused(happened: Happened, standing: Standing, work: HearingWork) -> bool:
    """Plan the messages that this event causes; returns whether there were any. Those of a repeated event are stored but not sent."""
    planned = [_caused(entry, happened, standing, work) for entry in _entries(happened, standing, work)]
    for message in planned:
        if happened.is_repeat:
            message.suppress(BEFORE_RESTORE, work.now)
        if work.messages.get_anywhere(message.id) is None:
            work.messages.save(message)
            standing.note_planned(message)
    return bool(planned)


def _entries(happened: Happened, standing: Standing, work: HearingWork) -> tuple[Notification, ...]:
    """The entries that the event causes. Its place is opened in any case, so that an unreadable one is refused at once."""
    known = standing.membership(happened.membership)
    sealed = happened.place or (known.sealed if known and happened.type in work.notifications.events else None)
    kind = work.open_place(happened.person, sealed).kind if sealed else None
    return work.notifications.caused_by(happened.type, Particulars(kind, happened.reason, happened.source))


def _caused(entry: Notification, happened: Happened, standing: Standing, work: HearingWork) -> Message:
    return Message(
        id=message_id(happened.event, entry.code),
        hub=standing.hub,
        person=happened.person,
        template=entry.code,
        causes=(happened.event,),
        cause_type=happened.type,
        planned_at=work.now,
        due=work.now,
        membership=happened.membership,
        place=happened.place,
    )


def plan_reminders(standing: Standing, work: HearingWork) -> None:
    """Plan the reminder of the next session of each seat. The following one is planned once that session has begun."""
    upcoming = [begins for seat in standing.taken() if (begins := _plan_next(seat, standing, work))]
    standing.remind_from = min(upcoming, default=None)


def _plan_next(seat: Membership, standing: Standing, work: HearingWork) -> datetime | None:
    """When to plan again: at the start of the next session, or in an hour if the place cannot be opened now."""
    try:
        place = work.open_place(standing.id, seat.sealed)
    except Poison as error:
        log().error("no_reminder", person=standing.id, membership=seat.id, reason=str(error))
        return work.now + TRY_TO_OPEN_AGAIN
    entries = work.notifications.caused_by(REMINDER, Particulars(kind=place.kind))
    meeting = place.next_to_remind(work.now)
    if meeting is None or not entries:
        return None
    for entry in entries:
        _keep(_reminder(entry, seat, meeting, standing, work.now), work)
    return meeting.start


def _reminder(entry: Notification, seat: Membership, meeting: Meeting, standing: Standing, now: datetime) -> Message:
    return Message(
        id=message_id(seat.id, entry.code, meeting.session),
        hub=standing.hub,
        person=standing.id,
        template=entry.code,
        causes=(EventId(seat.cause),),
        cause_type=TAKEN,
        planned_at=now,
        due=meeting.start - REMIND_AHEAD,
        membership=seat.id,
        place=seat.sealed,
        session=meeting.session,
    )


def _keep(reminder: Message, work: HearingWork) -> None:
    """Save a reminder; one that is already planned is adjusted to a changed timetable."""
    known = work.messages.get_anywhere(reminder.id)
    if known is None:
        work.messages.save(reminder)
    elif known.state == "planned" and known.place != reminder.place:
        known.follow(reminder)
        work.messages.save(known)
