"""The HTTP app of this service: gunicorn serves `notifications.web:app()`."""

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
from shared.web.pages.kit import Pages

MEANINGS: Meanings = {NoSuchMessage: (404, "no-such-message", "This hub has no such message")}


def app() -> Flask:
    """The app that gunicorn serves, with its settings and data checked."""
    service = build()
    service.check()
    logs.configure("notifications", "api", service.settings.common.log_level)
    return make_app(config(service))


def config(service: NotificationsService) -> AppConfig:
    """The configuration in which this app differs from those of the other services."""
    health = service.runtime.health()
    return AppConfig(
        name="notifications",
        hubs=service.settings.common.hubs,
        keyring=service.runtime.keyring(),
        health=health,
        blueprints=[blueprint],
        meanings=MEANINGS,
        gauges=Gauges(health, service.message_gauges),
        access=ACCESS,
        use_cases=service.runtime.use_cases(service.works),
        pages=Pages("notifications.pages", [answer_pages()], FILTERS),
        extensions={"links": service.links},
    )
