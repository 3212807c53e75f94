"""What staff can read of messages: never an address, never a name."""

from datetime import datetime
from typing import Any

from notifications.domain.message import Message


def message(found: Message) -> dict[str, Any]:
    return {
        "message": found.id,
        "participant": found.participant,
        "referral": found.referral,
        "template": found.template,
        "cause": {"event": found.cause, "type": found.cause_type},
        "state": found.state,
        "reason": found.reason,
        "tries": found.tries,
        "planned_at": found.planned_at.isoformat(),
        "due": found.due.isoformat(),
        "submitted_at": _written(found.submitted_at),
        "settled_at": _written(found.settled_at),
    }


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
