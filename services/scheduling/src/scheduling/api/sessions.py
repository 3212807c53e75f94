"""The sessions of a group over HTTP."""

from flask_smorest import Blueprint

from scheduling.api.times import local
from scheduling.application import sessions
from scheduling.application.sessions import SessionsOf
from scheduling.domain.ids import GroupId
from scheduling.domain.sessions import Session
from shared.web.run import Body, read

blueprint = Blueprint("sessions", __name__, url_prefix="/v1", description="Sessions")


@blueprint.get("/groups/<group>/sessions")
@blueprint.response(200)
def listed(group: str) -> Body:
    """Start, end and state of each session, on the wall clock of the venue; the parts of a day follow it."""
    found = read(sessions.listed, SessionsOf(GroupId(group)))
    return {"items": [row for session in found for row in _rows(session)], "next": None}


def _rows(session: Session) -> list[Body]:
    day = _row(session, session.id, session.number, "", None)
    parts = [
        _row(session, f"{session.id}-{part.number}", part.number, part.name, session.id)
        | {"start": local(part.start, session.zone), "end": local(part.end, session.zone)}
        for part in session.parts
    ]
    return [day, *parts]


def _row(session: Session, identity: str, number: int, name: str, parent: str | None) -> Body:
    return {
        "session": identity,
        "number": number,
        "name": name,
        "parent": parent,
        "start": local(session.start, session.zone),
        "end": local(session.end, session.zone),
        "venue": session.venue,
        "state": session.state,
    }
