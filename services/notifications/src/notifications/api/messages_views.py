"""Messages as JSON for staff: never an address, never a name."""

from datetime import datetime

from notifications.domain.messages import Message
from notifications.domain.standings import Standing
from shared.web.run import Body


def message(found: Message) -> Body:
    """For coordinators and operators, who do not know the person."""
    return {
        "message": found.id,
        "participant": found.person,
        "template": found.template,
        "cause": {"event": found.causes[0], "type": found.cause_type},
        "state": found.state,
        "reason": found.reason,
        "tries": found.tries,
        "planned_at": found.planned_at.isoformat(),
        "due": found.due.isoformat(),
        "submitted_at": _written(found.submitted_at),
        "settled_at": _written(found.settled_at),
    }


def unreached(found: Standing) -> Body:
    """For intake and clinicians, who know the person: its template and time would tell the group; that one arrived, the offer."""
    return {"participant": found.id, "state": found.newest.state if found.newest else None}


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
