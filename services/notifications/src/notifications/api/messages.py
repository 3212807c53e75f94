"""Messages over HTTP, for staff: which message, its cause and its state."""

from dataclasses import replace
from typing import Any

from flask_smorest import Blueprint
from marshmallow import RAISE, fields, post_load, validate

from notifications.api import messages_views as views
from notifications.api.access import SEES_MESSAGES
from notifications.application.messages import ReadMessage, list_messages, read_message
from notifications.application.ports import Page
from notifications.application.standings import list_unreached
from notifications.domain.ids import MessageId
from notifications.domain.messages import STATES
from shared.validation.fields import one_of
from shared.web.access import principal
from shared.web.paging import Paging, page
from shared.web.run import read

blueprint = Blueprint("messages", __name__, url_prefix="/v1", description="Messages and what became of them")

Body = dict[str, Any]


class PageSchema(Paging):
    """cursor, limit and filters."""

    participant = fields.String(load_default=None, validate=validate.Length(max=40))
    state = fields.String(load_default=None, validate=one_of(STATES))

    @post_load
    def make(self, data: Body, **_: object) -> Page:
        return Page(data["participant"], data["state"], data["cursor"], data["limit"])


@blueprint.get("/messages")
@blueprint.arguments(PageSchema, location="query", unknown=RAISE)
@blueprint.response(200)
def messages(asked: Page) -> Body:
    """The hub's messages, never with an address. Roles that know the person see only whom the newest message did not reach."""
    one_more = replace(asked, limit=asked.limit + 1)
    if principal().roles & SEES_MESSAGES:
        return page(read(list_messages, one_more), asked.limit, lambda message: message.id, views.message)
    return page(read(list_unreached, one_more), asked.limit, lambda standing: standing.id, views.unreached)


@blueprint.get("/messages/<message>")
@blueprint.response(200)
def one_message(message: str) -> Body:
    """One message: template, cause, state, times, reason."""
    return views.message(read(read_message, ReadMessage(MessageId(message))))
