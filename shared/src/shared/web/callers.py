"""Who may ask what: every route names its roles; every caller is held to one hub."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import current_app, g, request

from shared.events.tracing import Cause
from shared.process.hubs import Hub
from shared.web.principals import Caller, Keyring
from shared.web.problems import Problem

F = TypeVar("F", bound=Callable[..., Any])


def roles(*allowed: str) -> Callable[[F], F]:
    """The route is for callers with one of these roles. 401 without a known key, 403 with another role's."""

    def decorate(view: F) -> F:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.caller = _identified()
            if g.caller.role not in allowed:
                raise Problem(403, "not-your-role", "This key's role may not do that", f"it takes one of: {', '.join(allowed)}")
            return view(*args, **kwargs)

        return guarded  # type: ignore[return-value]  # wraps keeps the view's own signature

    return decorate


def caller() -> Caller:
    known: Caller = g.caller
    return known


def hub() -> Hub:
    """The caller's hub."""
    found: Hub = current_app.extensions["hubs"][caller().hub]
    return found


def known_hubs() -> frozenset[str]:
    """The codes of all hubs that this deployment serves."""
    return frozenset(current_app.extensions["hubs"])


def cause() -> Cause:
    """What this request sets in motion carries these ids."""
    begun: Cause = g.cause
    return begun


def _identified() -> Caller:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    keyring: Keyring = current_app.extensions["keyring"]
    known = keyring.caller(key.strip()) if scheme.lower() == "bearer" and key else None
    if known is None:
        raise Problem(401, "unknown-key", "This needs an API key", "send Authorization: Bearer <key> with a key of your hub")
    if known.hub not in current_app.extensions["hubs"]:
        raise Problem(403, "hub-not-served-here", "This deployment does not serve your hub", "ask your operations team for its address")
    return known
