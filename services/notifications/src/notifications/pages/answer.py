"""The page of a signed link. Reading it changes nothing; its buttons post the answer."""

from typing import Any

from flask import Blueprint, current_app, g, render_template, request

from notifications.application import answering
from notifications.application.answering import Seen
from notifications.application.ports import Link, Links, Work
from notifications.domain.answer import LinkGone, NotAnAnswer
from notifications.pages.environment import keep_to_itself
from shared.errors import Retryable
from shared.process.hubs import Hub
from shared.web.acting import Acting
from shared.web.callers import cause

blueprint = Blueprint("answer", __name__, template_folder="templates")
blueprint.after_request(keep_to_itself)

Page = tuple[str, int]


@blueprint.get("/answer/<token>")
def page(token: str) -> Page:
    link, acting = _link(token), _acting()
    return _shown(acting.store.look(link.hub, cause(), lambda unit: answering.look(link, acting.make_work(unit))))


@blueprint.post("/answer/<token>")
def take(token: str) -> Page:
    link, acting, given = _link(token), _acting(), request.form.get("answer", "")

    def answer(work: Work) -> Seen:
        return answering.answer(link, given, work)

    return _shown(acting.store.perform(link.hub, cause(), lambda unit: answer(acting.make_work(unit))))


@blueprint.errorhandler(LinkGone)
def gone(error: LinkGone) -> Page:
    return _page("gone.html", 410, reason=str(error))


@blueprint.errorhandler(NotAnAnswer)
def not_an_answer(error: NotAnAnswer) -> Page:
    return _page("gone.html", 422, reason=str(error))


@blueprint.errorhandler(Retryable)
def later(_error: Retryable) -> Page:
    return _page("later.html", 503)


def _shown(seen: Seen) -> Page:
    offer = seen.offer
    return _page(
        "answered.html" if seen.answer else "answer.html",
        200,
        series=offer.series,
        first_session=offer.first_session,
        deadline=offer.deadline.isoformat(),
        answer=seen.answer or None,
    )


def _page(template: str, status: int, **context: Any) -> Page:
    """A page with the hub's phone number, once the link has told which hub it is."""
    hub: Hub | None = g.get("hub")
    return render_template(template, hub=hub, **context), status


def _link(token: str) -> Link:
    """Raises LinkGone for a token that is not ours, or of a hub that this deployment does not serve."""
    links: Links = current_app.extensions["links"]
    link = links.read(token)
    g.hub = current_app.extensions["hubs"].get(link.hub)
    if g.hub is None:
        raise LinkGone("this link belongs to another address")
    return link


def _acting() -> Acting[Work]:
    found: Acting[Work] = current_app.extensions["acting"]
    return found
