"""The only file that knows every room: builds adapters, wires handlers."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Flask
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from notifications import config
from notifications.adapters import mongo, notification_files
from notifications.adapters.claims import MongoClaims
from notifications.adapters.links import SignedLinks
from notifications.adapters.mail import Address
from notifications.adapters.post import Post
from notifications.adapters.smtp import SmtpServer
from notifications.adapters.templates import Templates
from notifications.api.routes import blueprint
from notifications.application.ports import Work
from notifications.application.reminding import remind
from notifications.application.sending import Sender
from notifications.domain.message import NoSuchMessage
from notifications.domain.notification import Notifications
from notifications.messaging.inbound import SUBSCRIPTIONS
from notifications.messaging.outbound import published
from notifications.pages.answer import blueprint as pages
from notifications.pages.environment import prepare
from shared import ids
from shared.errors import Misconfigured
from shared.events.inbox import Inbox
from shared.events.tracing import new_cause
from shared.process import logs
from shared.process.health import Gauges
from shared.process.runtime import Runtime
from shared.store.unit import Unit
from shared.store.vault import Vault
from shared.validation.discretion import telling_words
from shared.web.acting import Acting
from shared.web.app import Meanings, Outside, make_app
from shared.web.principals import Keyring

DATA = Path(__file__).parent / "data"

MEANINGS: Meanings = {NoSuchMessage: (404, "no-such-message", "This hub has no such message")}


@dataclass(frozen=True)
class NotificationsService:
    """The service, wired."""

    settings: config.Settings

    @cached_property
    def runtime(self) -> Runtime:
        hears, workers = ("referral", "scheduling", "contacts"), ("consumer", "relay", "timers", "sender")
        return Runtime("notifications", self.settings.common, hears=hears, workers=workers)

    @cached_property
    def notifications(self) -> Notifications:
        return notification_files.load(DATA)

    @cached_property
    def links(self) -> SignedLinks:
        return SignedLinks(self.settings.link_key)

    def check(self) -> None:
        """Load all data now: what is wrong with it is named at the start."""
        _ = self.notifications
        if told := telling_words(self.settings.mail_from_name):
            raise Misconfigured(
                f"MAIL_FROM_NAME tells too much ({', '.join(told)}): every mailbox shows it. For example MAIL_FROM_NAME=Circlework"
            )

    def work(self, unit: Unit) -> Work:
        return Work(
            hub=self.settings.common.hubs[unit.hub],
            now=unit.now,
            cause=unit.cause.causation,
            messages=mongo.Messages(unit, published),
            standings=mongo.Standings(unit, published),
            contacts=mongo.Contacts(unit),
            answers=mongo.Answers(unit, published),
            notifications=self.notifications,
            new_id=ids.new_id,
        )

    def inbox(self) -> Inbox:
        return self.runtime.inbox(SUBSCRIPTIONS, self.work)

    def sender(self) -> Sender:
        settings = self.settings
        claims = MongoClaims(self.runtime.store, settings.common.hubs, settings.common.worker, self.work)
        vault = Vault(settings.vault_url, settings.vault_key)
        address = Address(settings.mail_from_name, settings.mail_from)
        post = Post(Templates(DATA), vault, self.links, address, settings.public_url.rstrip("/"))
        server = SmtpServer(settings.smtp_host, settings.smtp_port, settings.smtp_tls, settings.mail_from)
        return Sender(claims, post, server)

    def plan_reminders(self) -> None:
        store = self.runtime.store
        for hub, referral in mongo.reminders_due(store.db, store.clock(), self.settings.common.hubs):
            cause = new_cause(ids.new_id("T"))
            store.perform(hub, cause, lambda unit, referral=referral: remind(referral, self.work(unit)))  # type: ignore[misc]

    def ensure(self) -> None:
        self.runtime.ensure(*mongo.COLLECTIONS)
        mongo.ensure_indexes(self.runtime.store.db)

    def web(self) -> Flask:
        health = self.runtime.health()
        outside = Outside(
            name="notifications",
            hubs=self.settings.common.hubs,
            keyring=Keyring.read(self.settings.common.api_keys),
            health=health,
            blueprints=[blueprint],
            meanings=MEANINGS,
            gauges=Gauges(health, self._message_gauges),
            acting=Acting(self.runtime.store, self.work),
            extensions={"links": self.links},
        )
        app = make_app(outside)
        app.register_blueprint(pages)
        prepare(app)
        return app

    def _message_gauges(self) -> list[Metric]:
        gauge = GaugeMetricFamily("messages_total", "Messages, by state", labels=["state"])
        for state, count in mongo.counts(self.runtime.store.db).items():
            gauge.add_metric([state], count)
        return [gauge]


def build() -> NotificationsService:
    return NotificationsService(config.read())


def app() -> Flask:
    """What gunicorn serves."""
    service = build()
    logs.configure("notifications", "api", service.settings.common.log_level)
    return service.web()
