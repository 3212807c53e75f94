"""Builds the adapters and wires them to the use cases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from notifications import config
from notifications.adapters import mongo, notification_files
from notifications.adapters.links import SignedLinks
from notifications.adapters.mail import Address
from notifications.adapters.mail_builder import MailBuilder
from notifications.adapters.mongo.claims import MongoClaims
from notifications.adapters.mongo.contacts import Contacts
from notifications.adapters.mongo.messages import Messages, perhaps_sent, unsettled
from notifications.adapters.mongo.standings import Standings, known, reminders_due
from notifications.adapters.places import SealedPlaces
from notifications.adapters.smtp import SmtpConnections, SmtpServer
from notifications.adapters.templates import Templates
from notifications.application.messages import BEFORE_RESTORE
from notifications.application.ports import AnswerWork, ContactWork, HearingWork, MessageWork, SendingWork, StandingWork
from notifications.application.sending import Outcome, Sender, Settle, settle
from notifications.application.standings import Remind, Restate, remind, restate
from notifications.domain.notification import Notifications
from notifications.messaging.inbound import SUBSCRIPTIONS
from notifications.messaging.outbound import publisher
from shared.errors import Misconfigured
from shared.events.inbox import Inbox
from shared.process.hubs import Hubs
from shared.process.in_flight import in_flight
from shared.process.metrics import published as events_published
from shared.process.runtime import Runtime
from shared.store.unit import Unit
from shared.store.vault import Vault
from shared.validation.discretion import telling_words

DATA = Path(__file__).parent / "data"

# Every settled message is published in an event, so the counts of published events count settled messages.
SETTLED = {
    "accepted": "message.accepted.v1",
    "rejected": "message.bounced.v1",
    "suppressed": "message.suppressed.v1",
    "ambiguous": "message.ambiguous.v1",
}

Works = Mapping[type, Callable[[Unit], Any]]
Kept = tuple[Standings, Messages, Contacts]


def works(hubs: Hubs, notifications: Notifications, places: SealedPlaces) -> Works:
    """The factory of each family's Work, from a unit of work."""
    publish, opened = publisher(places.seals), places.open
    standings: Callable[[Unit], Standings] = lambda unit: Standings(unit, publish)
    kept: Callable[[Unit], Kept] = lambda unit: (standings(unit), Messages(unit), Contacts(unit))
    return {
        HearingWork: lambda unit: HearingWork(unit.hub, unit.now, *kept(unit), notifications, opened),
        SendingWork: lambda unit: SendingWork(hubs[unit.hub], unit.now, *kept(unit), notifications, opened),
        ContactWork: lambda unit: ContactWork(standings(unit), Contacts(unit)),
        AnswerWork: lambda unit: AnswerWork(unit.now, standings(unit), opened),
        MessageWork: lambda unit: MessageWork(Messages(unit)),
        StandingWork: lambda unit: StandingWork(standings(unit)),
    }


@dataclass(frozen=True)
class NotificationsService:
    """The service with its adapters and use cases."""

    settings: config.Settings

    @cached_property
    def runtime(self) -> Runtime:
        return Runtime("notifications", self.settings.common, ("consumer", "relay", "timers", "sender"))

    @cached_property
    def notifications(self) -> Notifications:
        return notification_files.load(DATA)

    @cached_property
    def links(self) -> SignedLinks:
        return SignedLinks(self.settings.link_key)

    @cached_property
    def works(self) -> Works:
        return works(self.settings.common.hubs, self.notifications, SealedPlaces(self.runtime.seals))

    def check(self) -> None:
        """Load all data now, so that every mistake is reported at the start. Raises Misconfigured."""
        _ = self.works
        if told := telling_words(self.settings.mail_from_name):
            raise Misconfigured(
                f"MAIL_FROM_NAME gives too much away ({', '.join(told)}): every mailbox shows it. For example MAIL_FROM_NAME=Circlework"
            )

    def inbox(self) -> Inbox:
        return self.runtime.inbox(SUBSCRIPTIONS, self.works)

    def sender(self) -> Sender:
        """A sender with connections of its own, to the vault and to the SMTP server, and threads to deliver several mails at once."""
        settings, count = self.settings, self.runtime.counts.trouble
        claims = MongoClaims(self.runtime.use_cases(self.works), settings.common.hubs, settings.common.worker, count=count)
        vault = Vault(settings.vault_url, settings.vault_key)
        address = Address(settings.mail_from_name, settings.mail_from)
        builder = MailBuilder(Templates(DATA), vault, self.links, address, settings.public_url.rstrip("/"))
        connect = lambda: SmtpServer(settings.smtp_host, settings.smtp_port, settings.smtp_tls, settings.mail_from)
        return Sender(claims, builder, SmtpConnections(connect), in_flight(settings.mails_in_flight, "mail"), count)

    def do_what_is_due(self) -> None:
        """Plan the next reminder of everybody whose last one is past."""
        store = self.runtime.store
        for hub, person in reminders_due(store.db, store.clock(), self.settings.common.hubs):
            self.runtime.by_itself(self.works, remind, Remind(person), hub)

    def set_right(self) -> None:
        """After a restore: withhold messages that may have been sent before it, then publish everybody's state, because events with
        numbers that were used before are ignored."""
        withheld = Outcome("withheld", BEFORE_RESTORE)
        for hub, message, version in perhaps_sent(self.runtime.store.db, self.runtime.clock(), self.settings.common.hubs):
            self.runtime.by_itself(self.works, settle, Settle(message, version, withheld), hub)
        self.resay(None)

    def resay(self, subject: str | None) -> int:
        """Publish the state of everybody at its hubs, or of one person; returns the number of people."""
        people = known(self.runtime.store.db, self.settings.common.hubs, subject)
        return sum(self.runtime.by_itself(self.works, restate, Restate(person), hub) for hub, person in people)

    def ensure(self) -> None:
        """Make topics, collections and indexes; safe to repeat."""
        self.runtime.ensure(*mongo.COLLECTIONS)
        mongo.ensure_indexes(self.runtime.store.db)

    def message_gauges(self) -> list[Metric]:
        """Settled messages, counted by their events, and unsettled ones, counted in the index of states."""
        under_way = GaugeMetricFamily("messages_under_way", "Messages that are not settled, by state", labels=["state"])
        for state, count in unsettled(self.runtime.store.db).items():
            under_way.add_metric([state], count)
        settled = CounterMetricFamily("messages", "Messages that have been settled, by state", labels=["state"])
        counted = events_published(self.runtime.store.db)
        for state, event in SETTLED.items():
            settled.add_metric([state], counted.get(event, 0))
        return [under_way, settled]


def build() -> NotificationsService:
    """The service, from the environment. Raises Misconfigured."""
    return NotificationsService(config.read())
