"""Prepares an app for web pages: NHS.UK frontend's macros, stylesheets, and headers that keep a page's address private."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Flask, Response, abort, send_file
from jinja2 import ChoiceLoader, PackageLoader

from shared.web.pages.assets import stylesheets
from shared.web.pages.forms import refuse_other_sites

# No script at all: the pages need none, so none can be injected. 'self' also stops NHS.UK's stylesheet from fetching its
# fonts, which would tell another site that somebody reads this page.
POLICY = "default-src 'self'; script-src 'none'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

A_DAY = 86400  # seconds


@dataclass(frozen=True, slots=True)
class Pages:
    """A service's pages. package: the one that contains their folder of templates.  filters: words for times, and the like."""

    package: str
    blueprints: Sequence[Blueprint]
    filters: Mapping[str, Callable[..., object]] = field(default_factory=dict)


def prepare(app: Flask, pages: Pages) -> None:
    """Register the pages, their templates and filters with `app`. Raises AssetsNotInstalled at once, not at the first visit."""
    stylesheets()
    ours, kit = PackageLoader(pages.package), PackageLoader("shared.web.pages")
    app.jinja_env.loader = ChoiceLoader([ours, kit, PackageLoader("nhsuk_frontend_jinja")])
    # Flask escapes in .html only; the macros' files are called .jinja.
    app.jinja_env.autoescape = True
    app.jinja_env.filters.update(pages.filters)
    app.register_blueprint(_assets())
    for blueprint in pages.blueprints:
        blueprint.before_request(refuse_other_sites)
        blueprint.after_request(keep_to_itself)
        app.register_blueprint(blueprint)


def _assets() -> Blueprint:
    assets = Blueprint("assets", __name__, url_prefix="/assets")

    @assets.get("/<name>")
    def stylesheet(name: str) -> Response:
        path = stylesheets().get(name)
        if path is None:
            abort(404)
        return send_file(path, mimetype="text/css", max_age=A_DAY)

    return assets


def keep_to_itself(response: Response) -> Response:
    """Anybody with a page's address can answer for its person; so no index, no referrer, no frame, no other site."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
