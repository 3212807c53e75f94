"""NHS.UK frontend for our pages: its markup as Jinja macros, its stylesheet from an installed package, never a copy."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Flask, Response, send_file
from jinja2 import ChoiceLoader, PackageLoader

from notifications.adapters.wording import clock, day

STYLESHEET = "nhsuk-frontend-10.4.2.min.css"

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


class AssetsNotInstalled(RuntimeError):
    """The package that carries the stylesheet is missing."""


@cache
def stylesheet() -> Path:
    """Where the stylesheet lies. The package that carries it is found, not imported: importing it would need Django."""
    found = find_spec("wagtailnhsukfrontend")
    if found is None or found.origin is None:
        raise AssetsNotInstalled("install requirements/pages.txt: pip install --no-deps --require-hashes -r requirements/pages.txt")
    return Path(found.origin).parent / "static" / "wagtailnhsukfrontend" / "css" / STYLESHEET


def prepare(app: Flask) -> None:
    """Give `app` the NHS.UK macros, people's words for times, and the stylesheet's route."""
    app.jinja_env.loader = ChoiceLoader([PackageLoader("nhsuk_frontend_jinja"), PackageLoader("notifications.pages")])
    app.jinja_env.filters.update(day=day, clock=clock)
    path = stylesheet()

    @app.get("/assets/nhsuk.css")
    def assets() -> Response:
        return send_file(path, mimetype="text/css", max_age=86400)


def keep_to_itself(response: Response) -> Response:
    """No script, no other site, no index, no referrer: the address of the page is a secret."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
