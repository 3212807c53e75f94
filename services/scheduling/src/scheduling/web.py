"""The HTTP app: gunicorn serves `scheduling.web:front()`. Besides api/, the only file that imports flask."""

from flask import Flask

from scheduling.api import groups, memberships, modalities, sessions, waiting
from scheduling.api.access import ACCESS
from scheduling.application.groups import BadGroup
from scheduling.bootstrap import Scheduling, build
from scheduling.domain.catalogue import NoSuchModality
from scheduling.domain.groups import NoSuchGroup
from scheduling.domain.people import NoSuchPerson
from scheduling.domain.waiting import NoSuchEntry
from shared.process import logs
from shared.process.health import Gauges
from shared.web.app import AppConfig, Meanings, make_app
from shared.web.front import Front
from shared.web.limits import Limits

MEANINGS: Meanings = {
    NoSuchModality: (404, "no-such-modality", "The catalogue has no such modality"),
    NoSuchGroup: (404, "no-such-group", "This hub has no such group"),
    NoSuchEntry: (404, "no-such-waiting-entry", "This pseudonym is not on this hub's waiting list"),
    NoSuchPerson: (404, "no-such-person", "This person is not known to the service"),
    BadGroup: (422, "bad-group", "The group cannot be opened as requested"),
}


def web(service: Scheduling) -> Flask:
    """The app of a service."""
    health, common = service.runtime.health(), service.settings.common
    config = AppConfig(
        name="scheduling",
        hubs=common.hubs,
        keyring=service.runtime.keyring(),
        health=health,
        blueprints=[modalities.blueprint, groups.blueprint, sessions.blueprint, memberships.blueprint, waiting.blueprint],
        meanings=MEANINGS,
        gauges=Gauges(health, service.gauges),
        access=ACCESS,
        use_cases=service.runtime.use_cases(service.works),
        limits=Limits(common.request_seconds, threads=common.threads),
    )
    return make_app(config)


def front() -> Front:
    """The ASGI app that gunicorn serves."""
    return Front(app())


def app() -> Flask:
    """The app behind the front."""
    service = build()
    service.check()
    logs.configure("scheduling", "api", service.settings.common.log_level)
    return web(service)
