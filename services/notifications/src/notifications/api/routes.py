"""The HTTP outside of the notifications service for staff: which message, why, and what became of it."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import RAISE, fields, validate

from notifications.application import queries
from notifications.domain.message import STATES
from shared.validation.fields import one_of
from shared.web.acting import acting
from shared.web.callers import roles
from shared.web.paging import Paging, page

blueprint = Blueprint("messages", __name__, url_prefix="/v1", description="Messages and what became of them")

Body = dict[str, Any]
READERS = ("intake", "clinician", "coordinator", "operator")


class Filters(Paging):
    participant = fields.String(validate=validate.Length(max=40))
    state = fields.String(validate=one_of(STATES))


@blueprint.get("/messages")
@roles(*READERS)
@blueprint.arguments(Filters, location="query", unknown=RAISE)
@blueprint.response(200)
def messages(filters: Body) -> Body:
    """The hub's messages; never the address."""
    query = {name: filters[name] for name in ("participant", "state") if name in filters}
    found = acting().look(lambda work: work.messages.listed(query, filters["cursor"], filters["limit"] + 1))
    return page(found, filters["limit"], lambda message: message.id, queries.message)


@blueprint.get("/messages/<message>")
@roles(*READERS)
@blueprint.response(200)
def read_message(message: str) -> Body:
    """One message: template, cause, state, times, reason."""
    return queries.message(acting().look(lambda work: work.messages.get(message)))
