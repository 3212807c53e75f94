"""What a request may take: its deadline and the largest body, decided from its headers alone, before any of the body is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, g, request

from shared.web.access import Route
from shared.web.problems import Problem

LARGEST_BODY = 5 * 1024 * 1024  # bytes; a CSV of some 10,000 referrals
LARGEST_FORM = 64 * 1024  # bytes, from whoever has no API key

REFUSAL = "circlework.refusal"  # in a request's environ: the Problem with which the front refuses it

_WAIT_FOR_NOTHING = frozenset({"/livez"})

Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Allowance:
    """seconds: from the headers to the response.  body: bytes."""

    seconds: float
    body: int


@dataclass(frozen=True, slots=True)
class Limits:
    """seconds: the deadline of a request.  longer: that of some routes.  threads: how many requests are worked on at once."""

    seconds: float = 5.0
    longer: Mapping[Route, float] = field(default_factory=dict)
    threads: int = 8


def set_limits(app: Flask, limits: Limits, check_access: Callable[[], None]) -> None:
    """Give the app its limits. A request that the front has refused is answered as any other: logged, measured, in the page's form."""
    app.extensions.update(limits=limits, check_access=check_access)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @app.before_request
    def refuse() -> None:
        if problem := request.environ.get(REFUSAL):
            raise problem


def allowance(app: Flask, environ: Environ) -> Allowance | None:
    """What a request may take; None if it is answered at once: it is refused because of its headers, or waits for nothing."""
    with app.request_context(environ):
        rule = request.url_rule
        if rule is None or rule.rule in _WAIT_FOR_NOTHING:
            return None
        try:
            app.extensions["check_access"]()
        except Problem:
            return None
        limits: Limits = app.extensions["limits"]
        seconds = limits.longer.get((request.method, rule.rule), limits.seconds)
        return Allowance(seconds, LARGEST_BODY if "principal" in g else LARGEST_FORM)
