"""Access control: a table from each route to its roles. An app with a route that the table lacks is refused."""

from collections.abc import Callable, Mapping

from flask import Flask, current_app, g, request

from shared.events.tracing import Cause
from shared.process.hubs import Hub
from shared.web.principals import Keyring, Principal
from shared.web.problems import Problem

Route = tuple[str, str]  # method and rule, such as ("GET", "/v1/groups/<group>")
AccessTable = Mapping[Route, frozenset[str]]

ANYBODY = frozenset({"anybody"})  # no API key needed: health, documentation, pages whose address carries a signed token

_COMMON: AccessTable = {
    ("GET", rule): ANYBODY
    for rule in (
        "/livez",
        "/readyz",
        "/metrics",
        "/workersz",
        "/openapi.json",
        "/docs",
        "/docs/",
        "/docs/<path:path>",
        "/docs/static/<path:filename>",
        "/docs/openapi.json",
    )
}


class AccessNotDeclared(RuntimeError):
    """A route has no entry in the access table, or an entry has no route."""


def roles(*allowed: str) -> frozenset[str]:
    return frozenset(allowed)


def guard(app: Flask, table: AccessTable) -> Callable[[], None]:
    """Refuse every request whose principal has none of its route's roles. Raises AccessNotDeclared.

    Returns the check, which reads the headers of the request only.
    """
    known = {**_COMMON, **table}
    routes = {(method, rule.rule) for rule in app.url_map.iter_rules() for method in _methods(rule.methods)}
    undeclared, unrouted = routes - known.keys(), table.keys() - routes
    if undeclared or unrouted:
        raise AccessNotDeclared(f"without an entry in the access table: {sorted(undeclared)}; without a route: {sorted(unrouted)}")

    @app.before_request
    def check() -> None:
        rule = request.url_rule
        if rule is None:
            return  # there is no such route: 404 or 405
        allowed = known.get((_asked_method(), rule.rule), frozenset())
        if allowed == ANYBODY:
            return
        g.principal = _identified()
        if not g.principal.roles & allowed:
            raise Problem(
                403,
                "not-your-role",
                "The role of this API key does not allow this request",
                f"it needs one of these roles: {', '.join(sorted(allowed))}",
            )

    return check


def _methods(methods: set[str] | None) -> set[str]:
    return (methods or set()) - {"HEAD", "OPTIONS"}


def _asked_method() -> str:
    return "GET" if request.method in {"HEAD", "OPTIONS"} else request.method


def principal() -> Principal:
    known: Principal = g.principal
    return known


def hub() -> Hub:
    """The hub that the principal acts for."""
    found: Hub = current_app.extensions["hubs"][principal().hub]
    return found


def known_hubs() -> frozenset[str]:
    """The codes of all hubs that this deployment serves."""
    return frozenset(current_app.extensions["hubs"])


def cause() -> Cause:
    """The ids that every event caused by this request carries."""
    begun: Cause = g.cause
    return begun


def _identified() -> Principal:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    keyring: Keyring = current_app.extensions["keyring"]
    known = keyring.principal(key.strip()) if scheme.lower() == "bearer" and key else None
    if known is None:
        raise Problem(
            401, "unknown-key", "This request needs a valid API key", "send the header Authorization: Bearer <key>, with a key for your hub"
        )
    if known.hub not in current_app.extensions["hubs"]:
        raise Problem(403, "hub-not-served-here", "This deployment does not serve your hub", "ask your operations team for its address")
    return known
