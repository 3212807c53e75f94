"""The page of a signed link. Reading it changes nothing; its buttons post the answer."""

from flask import Blueprint, current_app, g, render_template, request

from notifications.application import answers
from notifications.application.answers import Give, Seen
from notifications.application.ports import Link, Links
from notifications.domain.answers import LinkGone, NotAnAnswer
from shared.errors import Poison, Retryable
from shared.process.hubs import Hub
from shared.process.logs import log
from shared.store.use_cases import UseCases
from shared.web.access import cause
from shared.web.problems import Problem

Page = tuple[str, int]


def answer_pages() -> Blueprint:
    """A new blueprint for each app."""
    blueprint = Blueprint("answers", __name__)
    blueprint.get("/answer/<token>")(look)
    blueprint.post("/answer/<token>")(give)
    blueprint.errorhandler(LinkGone)(gone)
    blueprint.errorhandler(NotAnAnswer)(not_an_answer)
    blueprint.errorhandler(Retryable)(later)
    blueprint.errorhandler(Poison)(not_to_be_opened)
    blueprint.errorhandler(Problem)(not_in_time)
    return blueprint


def look(token: str) -> Page:
    """Show the offer, or the answer that was given."""
    link = _link(token)
    return _shown(_use_cases().read(answers.look, link, g.hub.code, cause()))


def give(token: str) -> Page:
    """Take the answer that the form sent."""
    command = Give(_link(token), request.form.get("answer", ""))
    return _shown(_use_cases().run(answers.give, command, g.hub.code, cause()))


def gone(error: LinkGone) -> Page:
    return _page("gone.html", 410, reason=str(error))


def not_an_answer(error: NotAnAnswer) -> Page:
    return _page("gone.html", 422, reason=str(error))


def later(_error: Retryable) -> Page:
    return _page("later.html", 503)


def not_in_time(problem: Problem) -> Page:
    """The form was too large or did not arrive in time, or the service did not answer in time."""
    return _page("later.html", problem.status)


def not_to_be_opened(error: Poison) -> Page:
    """The place of the offer cannot be opened, as when its key is missing here."""
    log().error("page_cannot_be_shown", reason=str(error))
    return _page("later.html", 503)


def _shown(seen: Seen) -> Page:
    return _page("answered.html" if seen.answer else "answer.html", 200, place=seen.place, answer=seen.answer)


def _page(template: str, status: int, **context: object) -> Page:
    """A page with the hub's phone number, if the link's hub is known."""
    hub: Hub | None = g.get("hub")
    return render_template(template, hub=hub, **context), status


def _link(token: str) -> Link:
    """Raises LinkGone for a token that is not ours, of an unknown person, or of a hub that this deployment does not serve."""
    links: Links = current_app.extensions["links"]
    link = links.read(token)
    code = _use_cases().read(answers.hub_of, link, "", cause())
    if code is None:
        raise LinkGone(answers.NOT_OPEN)
    g.hub = current_app.extensions["hubs"].get(code)
    if g.hub is None:
        raise LinkGone("this link does not belong to this website")
    return link


def _use_cases() -> UseCases:
    found: UseCases = current_app.extensions["use_cases"]
    return found
