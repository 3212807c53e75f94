"""The number and duration of the requests that this API has answered since it was started."""

import time

from flask import Flask, Response, g, request
from prometheus_client import Histogram

from shared.web.wsgi import ARRIVED

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def measure(app: Flask) -> Histogram:
    """Measure every request from now on, by its route, method and status: from its headers to its response, with the time in
    which its body arrived and no thread was free. The route is the rule, never the path: no label grows
    with what callers send."""
    labels = ["route", "method", "status"]
    durations = Histogram("http_request_duration_seconds", "Time to answer a request", labels, registry=None)

    @app.before_request
    def begin() -> None:
        g.measured_from = request.environ.get(ARRIVED, time.monotonic())

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in METHODS else "other"
        durations.labels(route, method, str(response.status_code)).observe(time.monotonic() - g.measured_from)
        return response

    return durations
