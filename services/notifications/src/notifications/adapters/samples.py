"""A made-up context for templates, so that each is tried before it is sent to anybody."""

from datetime import UTC, datetime, timedelta

from notifications.adapters.templates import HubCard, MailContext
from notifications.domain.ids import SessionId
from notifications.domain.notification import REMINDER, Notification
from notifications.domain.places import KINDS, Kind, Meeting, Place

FIRST = datetime(2027, 1, 12, 18, 30, tzinfo=UTC)
DEADLINE = FIRST - timedelta(days=14)
OFFERED = "membership.offered.v1"  # the one event that always has a deadline

MEETINGS = tuple(
    Meeting(SessionId(f"X-{week}"), FIRST + timedelta(weeks=week), FIRST + timedelta(weeks=week, minutes=90), "Europe/London", "A venue")
    for week in range(2)
)


def place(kind: Kind = "seat", deadline: datetime | None = DEADLINE) -> Place:
    """A place with every field filled in."""
    return Place(
        kind=kind,
        name="A name",
        venue="A venue",
        cadence="weekly",
        revision=1,
        meetings=MEETINGS,
        deadline=deadline,
        colleagues_may_come=True,
    )


def context(notification: Notification) -> MailContext:
    """All that the templates of this notification may use."""
    is_reminder = notification.on == REMINDER
    (kind, *_) = (*(kind for kind in KINDS if kind in notification.only_if.get("kind", ())), KINDS[0])
    deadline = DEADLINE if notification.on == OFFERED else None
    return MailContext(
        known_as="Sam",
        hub=HubCard("London", "020 7946 0000", "hello@circlework.example"),
        preheader=notification.preheader,
        place=place(kind, deadline) if is_reminder or notification.on.startswith("membership.") else None,
        session=MEETINGS[0] if is_reminder else None,
        link="https://circlework.example/answer/sample" if notification.answers else None,
    )
