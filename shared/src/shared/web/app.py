"""Makes a service's Flask app: its blueprints, and the routes and errors that all services share."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Flask, Response, g, jsonify, redirect, request
from flask_smorest import Api, Blueprint
from prometheus_client.registry import Collector
from swagger_ui import api_doc
from werkzeug.exceptions import HTTPException

from shared.errors import ChangedSinceRead, Retryable
from shared.events.tracing import new_cause
from shared.ids import new_id
from shared.process.health import Gauges, Health, exposition
from shared.process.hubs import Hubs
from shared.process.logs import log
from shared.store.idempotency import KeyReused
from shared.store.mongo import is_away
from shared.store.reports import NoSuchReport
from shared.store.use_cases import UseCases
from shared.validation.problems import Refused, from_messages
from shared.web.access import AccessTable, guard
from shared.web.draining import is_draining
from shared.web.limits import LARGEST_BODY, Limits, set_limits
from shared.web.measured import measure
from shared.web.pages import kit
from shared.web.principals import Keyring
from shared.web.problems import RETRY_AFTER, Problem, ProblemSchema, answer, invalid, late_response
from shared.web.workers import serve_workers
from shared.web.wsgi import ARRIVED

# What a service's own error means to a caller: (status, stable type, title).
Meanings = Mapping[type[Exception], tuple[int, str, str]]

_COMMON: Meanings = {
    ChangedSinceRead: (412, "stale", "It has changed since you last read it"),
    NoSuchReport: (404, "no-such-report", "This hub has no such report"),
    KeyReused: (422, "idempotency-key-reused", "This Idempotency-Key was used for another request"),
    Refused: (422, "invalid-request", "The request is not valid"),
}


@dataclass(frozen=True, slots=True)
class AppConfig:
    """The differences between the services' apps. access: the roles of each route."""

    name: str
    hubs: Hubs
    keyring: Keyring
    health: Health
    blueprints: Sequence[Blueprint]
    meanings: Meanings
    gauges: Gauges
    access: AccessTable
    use_cases: UseCases
    limits: Limits = field(default_factory=Limits)
    pages: kit.Pages | None = None
    extensions: Mapping[str, object] = field(default_factory=dict)


class _Api(Api):
    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Response:
        return answer(_http_problem(error))


def make_app(config: AppConfig) -> Flask:
    """The app, with its error handlers, health routes and access control. Raises AccessNotDeclared."""
    app = Flask(config.name, static_folder=None)
    app.config.update(
        API_TITLE=f"Circlework {config.name}",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "security": [{"key": []}],
            "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        },
    )
    app.extensions.update(keyring=config.keyring, hubs=config.hubs, use_cases=config.use_cases, **config.extensions)
    durations = measure(app)
    api = _Api(app)
    for blueprint in config.blueprints:
        api.register_blueprint(blueprint)
    if config.pages:
        kit.prepare(app, config.pages)
    _answer_failures(app, config.meanings)
    _serve_health(app, config, durations)
    api_doc(app, config_rel_url="/openapi.json", url_prefix="/docs", title=f"Circlework {config.name}")
    app.add_url_rule("/docs/openapi.json", view_func=lambda: redirect("/openapi.json"))  # where the page of /docs expects it
    _log_requests(app)
    set_limits(app, config.limits, guard(app, config.access))
    _refuse_unreadable_json(app)
    return app


def _answer_failures(app: Flask, meanings: Meanings) -> None:
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, lambda error: answer(_http_problem(error)))
    for kind, (status, slug, title) in {**_COMMON, **meanings}.items():
        app.register_error_handler(kind, lambda error, s=status, t=slug, w=title: answer(_meant(error, s, t, w)))

    def unexpected(error: Exception) -> Response:
        if isinstance(error, Retryable) or is_away(error):
            return answer(late_response())
        log().exception("request_failed", route=str(request.url_rule))
        return answer(
            Problem(
                500, "internal-error", "Something went wrong in the service", "nothing was changed; please contact your operations team"
            )
        )

    app.register_error_handler(Exception, unexpected)


def _meant(error: Exception, status: int, slug: str, title: str) -> Problem:
    return Problem(status, slug, title, str(error), getattr(error, "problems", ()))


def _http_problem(error: HTTPException) -> Problem:
    messages = getattr(error, "data", {}).get("messages") if isinstance(getattr(error, "data", None), dict) else None
    if error.code == 422 and messages:  # noqa: PLR2004
        return invalid(from_messages(messages.get("json", messages)))
    slug = str(error.name).lower().replace(" ", "-")
    details = {400: "send well-formed JSON in UTF-8", 413: f"send at most {LARGEST_BODY} bytes", 415: "set the Content-Type"}
    status = error.code or 500
    return Problem(status, slug, str(error.name), details.get(status, ""))


def _serve_health(app: Flask, config: AppConfig, durations: Collector) -> None:
    @app.get("/livez")
    def livez() -> Response:
        return jsonify(status="alive")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        checks = {"not stopping": not is_draining(), **config.health.checks()}
        halted = config.health.halted() if checks.get("store") else []  # shown, but an API can accept requests all the same
        return jsonify(ready=all(checks.values()), checks=checks, halted=halted), 200 if all(checks.values()) else 503

    serve_workers(app, config.health)

    @app.get("/metrics")
    def metrics() -> Response:
        text, content_type = exposition(config.gauges, durations)
        return Response(text, content_type=content_type)


def _refuse_unreadable_json(app: Flask) -> None:
    """Refuse JSON that is nested too deep for the parser, or has a number of thousands of digits, before a schema reads it."""

    @app.before_request
    def parse() -> None:
        if request.is_json and request.content_length:
            try:
                json.loads(request.get_data(cache=True))
            except (ValueError, RecursionError) as error:
                raise Problem(
                    400, "bad-request", "The request body cannot be read", "send well-formed JSON in UTF-8, without deep nesting"
                ) from error


def _log_requests(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.began = request.environ.get(ARRIVED, time.monotonic())
        g.cause = new_cause(new_id("Q"), request.headers.get("traceparent"))

    @app.after_request
    def end(response: Response) -> Response:
        took = round((time.monotonic() - g.began) * 1000, 1)
        # The rule, never the path or the body: a path may contain a signed token.
        what = {"method": request.method, "route": str(request.url_rule), "status": response.status_code}
        log().info("request", **what, ms=took, id=g.cause.correlation)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        if response.status_code == 503:  # noqa: PLR2004 - pages too
            response.headers.setdefault("Retry-After", RETRY_AFTER)
        return response
