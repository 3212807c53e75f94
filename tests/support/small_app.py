"""A service's app in small: as make_app builds it, with a store in memory and the routes that a test gives."""

import hashlib
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask_smorest import Blueprint
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from shared.process.hubs import Hub
from shared.store.use_cases import UseCases
from shared.web.access import AccessTable
from shared.web.app import AppConfig, Meanings, make_app
from shared.web.limits import Limits
from shared.web.pages.kit import Pages
from shared.web.principals import ROLES, Keyring, Principal
from support.fake_store import FakeStore

HUBS = {code: Hub(code, code.title(), "ENG", "Europe/London", "", "") for code in ("london", "wales")}


def key(role: str, hub: str = "london") -> dict[str, str]:
    """The header of somebody's request."""
    return {"Authorization": f"Bearer {role}-of-{hub}"}


def keyring() -> Keyring:
    """A key for each role at each hub, and at one that is not served here."""
    known = {}
    for hub in (*HUBS, "leeds"):
        for role in ROLES:
            digest = hashlib.sha256(f"{role}-of-{hub}".encode()).hexdigest()
            known[digest] = Principal(f"{hub}-{role}", f"{role} of {hub}", frozenset({hub}), frozenset({role}))
    return Keyring(known)


class NoGauges(Collector):
    def collect(self) -> list[Metric]:
        return []


def small_app(  # noqa: PLR0913 - each test needs another part of an app
    blueprints: Sequence[Blueprint],
    access: AccessTable,
    *,
    store: FakeStore | None = None,
    works: Mapping[type, Any] | None = None,
    pages: Pages | None = None,
    meanings: Meanings | None = None,
    limits: Limits | None = None,
) -> Flask:
    nothing: Any = SimpleNamespace(checks=dict)
    use_cases = UseCases(store or FakeStore(), works or {})  # type: ignore[arg-type]
    config = AppConfig(
        name="small",
        hubs=HUBS,
        keyring=keyring(),
        health=nothing,
        blueprints=blueprints,
        meanings=meanings or {},
        gauges=NoGauges(),  # type: ignore[arg-type]
        access=access,
        use_cases=use_cases,
        pages=pages,
        limits=limits or Limits(),
    )
    return make_app(config)
