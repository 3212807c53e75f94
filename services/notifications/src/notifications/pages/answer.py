"""The page of a signed link. Reading it changes nothing; its buttons post the answer."""

from typing import Any

from flask import Blueprint, current_app, render_template, request

from notifications.application import answering
from notifications.application.answering import Seen
from notifications.application.ports import Link, Links, Work
from notifications.domain.answer import LinkGone, NotAnAnswer
from notifications.pages.environment import keep_to_itself
from shared.hubs import Hub
from shared.web.acting import Acting
from shared.web.callers import cause

blueprint = Blueprint("answer", __name__, template_folder="templates")
blueprint.after_request(keep_to_itself)

Page = tuple[str, int]


@blueprint.get("/answer/<token>")
def page(token: str) -> Page:
    link = _links().read(token)
    seen, hub = _acting().store.look(link.hub, cause(), lambda unit: _with_hub(answering.look, link, _acting().make_work(unit)))
    return _shown(seen, hub)


@blueprint.post("/answer/<token>")
def take(token: str) -> Page:
    link, given = _links().read(token), request.form.get("answer", "")

    def do(work: Work) -> tuple[Seen, Hub]:
        return answering.answer(link, given, work), work.hub

    return _shown(*_acting().store.perform(link.hub, cause(), lambda unit: do(_acting().make_work(unit))))


@blueprint.errorhandler(LinkGone)
def gone(error: LinkGone) -> Page:
    return render_template("gone.html", reason=str(error), hub=None), 410


@blueprint.errorhandler(NotAnAnswer)
def not_an_answer(error: NotAnAnswer) -> Page:
    return render_template("gone.html", reason=str(error), hub=None), 422


def _shown(seen: Seen, hub: Hub) -> Page:
    offer = seen.offer
    template = "answered.html" if seen.answer else "answer.html"
    context: dict[str, Any] = {
        "hub": {"name": hub.name, "phone": hub.phone, "email": hub.email},
        "series": offer.series,
        "first_session": offer.first_session,
        "deadline": offer.deadline.isoformat(),
        "answer": seen.answer or None,
    }
    return render_template(template, **context), 200


def _with_hub(look: Any, link: Link, work: Work) -> tuple[Seen, Hub]:
    return look(link, work), work.hub


def _acting() -> Acting[Work]:
    found: Acting[Work] = current_app.extensions["acting"]
    return found


def _links() -> Links:
    found: Links = current_app.extensions["links"]
    return found
