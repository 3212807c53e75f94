"""Sets an app up for people's pages: NHS.UK frontend's macros, words for times, stylesheets, and headers that keep a
page's address to itself."""

from flask import Blueprint, Flask, Response, abort, send_file
from jinja2 import ChoiceLoader, PackageLoader

from notifications.domain.wording import FILTERS
from notifications.pages.assets import stylesheets

# No script at all: the pages need none, so none can be slipped in. 'self' also stops NHS.UK's stylesheet from fetching its
# fonts, which would tell another site that somebody reads this page.
POLICY = "default-src 'self'; script-src 'none'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

A_DAY = 86400  # seconds

assets = Blueprint("assets", __name__, url_prefix="/assets")


def prepare(app: Flask) -> None:
    """Give `app` what the templates of pages/ need. Raises AssetsNotInstalled at once, not at the first visit."""
    stylesheets()
    app.jinja_env.loader = ChoiceLoader([PackageLoader("notifications.pages"), PackageLoader("nhsuk_frontend_jinja")])
    # Flask escapes in .html only; the macros' files are called .jinja.
    app.jinja_env.autoescape = True
    app.jinja_env.filters.update(FILTERS)
    app.register_blueprint(assets)


@assets.get("/<name>")
def stylesheet(name: str) -> Response:
    path = stylesheets().get(name)
    if path is None:
        abort(404)
    return send_file(path, mimetype="text/css", max_age=A_DAY)


def keep_to_itself(response: Response) -> Response:
    """Whoever has the address of a page can answer for its person; so no index, no referrer, no frame, no other site."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
