"""The HTTP app of this service: gunicorn serves `notifications.web:front()`."""

from flask import Flask

from notifications.api.access import ACCESS
from notifications.api.messages import blueprint
from notifications.bootstrap import NotificationsService, build
from notifications.domain.messages import NoSuchMessage
from notifications.domain.wording import FILTERS
from notifications.pages.answers import answer_pages
from shared.process import logs
from shared.process.health import Gauges
from shared.web.app import AppConfig, Meanings, make_app
from shared.web.front import Front
from shared.web.limits import Limits
from shared.web.pages.kit import Pages

MEANINGS: Meanings = {NoSuchMessage: (404, "no-such-message", "This hub has no such message")}


def front() -> Front:
    """The ASGI app that gunicorn serves."""
    return Front(app())


def app() -> Flask:
    """The app behind the front, with its settings and data checked."""
    service = build()
    service.check()
    logs.configure("notifications", "api", service.settings.common.log_level)
    return make_app(config(service))


def config(service: NotificationsService) -> AppConfig:
    """The configuration in which this app differs from those of the other services."""
    health, common = service.runtime.health(), service.settings.common
    return AppConfig(
        name="notifications",
        hubs=common.hubs,
        keyring=service.runtime.keyring(),
        health=health,
        blueprints=[blueprint],
        meanings=MEANINGS,
        gauges=Gauges(health, service.message_gauges),
        access=ACCESS,
        use_cases=service.runtime.use_cases(service.works),
        limits=Limits(common.request_seconds, threads=common.threads),
        pages=Pages("notifications.pages", [answer_pages()], FILTERS),
        extensions={"links": service.links},
    )
