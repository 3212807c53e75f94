"""Builds the processes that every service has, from its settings. Nothing is opened before it is needed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.events.consumer import Consumer
from shared.events.consumer_group import ConsumerGroup
from shared.events.envelope import Envelope
from shared.events.halts import Halts
from shared.events.inbox import Inbox
from shared.events.kafka import ensure_topics, producer
from shared.events.outbox import COLLECTION as OUTBOX
from shared.events.published import forgotten
from shared.events.relay import Relay
from shared.events.restoration import Restoration
from shared.events.sealing import Seals, read_seals
from shared.events.signing import Publishers, Signer, read_publishers
from shared.events.subscriptions import Subscriptions
from shared.events.topics import heard_by, owned_by, topic
from shared.events.tracing import new_cause
from shared.ids import new_id
from shared.process.clock import Clock, domain_clock, utc_now
from shared.process.health import Extra, Health
from shared.process.loop import Heartbeat, Stop, repeat
from shared.process.metrics import Counts
from shared.process.settings import Common
from shared.store import indexes
from shared.store.lease import Lease
from shared.store.mongo import Wakeup, connect
from shared.store.transactions import Store
from shared.store.use_cases import C, R, UseCase, UseCases, W, WorkFactories
from shared.web.principals import Keyring


@dataclass(frozen=True)
class Runtime:
    """name: of the service and its database."""

    name: str
    settings: Common
    workers: tuple[str, ...]

    @cached_property
    def clock(self) -> Clock:
        """The domain's clock. Leases and heartbeats use the real one."""
        return domain_clock(self.settings.clock_file)

    @cached_property
    def seals(self) -> Seals:
        return read_seals(self.name, self.settings.sealing_keys)

    @cached_property
    def publishers(self) -> Publishers:
        """The services whose events are believed."""
        return read_publishers(self.settings.public_keys)

    @cached_property
    def signer(self) -> Signer:
        return Signer(self.settings.signing_key)

    @cached_property
    def store(self) -> Store:
        return Store(connect(self.settings.mongo_url), self.name, self.clock)

    @cached_property
    def patient_store(self) -> Store:
        """For workers, whose transactions handle up to a hundred records: a longer timeout."""
        return Store(connect(self.settings.mongo_url, timeout_ms=15_000), self.name, self.clock)

    def wakeup(self, *collections: str, operations: Sequence[str] = ("insert",)) -> Wakeup:
        """Rings when a document in one of these collections was written."""
        return Wakeup(self.settings.mongo_url, self.name, collections, operations)

    def lease(self, process: str) -> Lease:
        """Lets only one of several equal processes of a deployment work."""
        return Lease(self.store.db, self._scoped(process), self.holder, utc_now)

    def relay(self) -> Relay:
        make = lambda: producer(self.settings.account)
        lease, wakeup = self.lease("relay"), self.wakeup(OUTBOX)
        self.publishers.expect(self.name, self.signer)
        return Relay(self.patient_store, self.settings.hubs, lease, wakeup, make, signer=self.signer, count=self.counts.published)

    def keyring(self) -> Keyring:
        """The principals of this deployment. Raises Misconfigured."""
        hubs = self.settings.hubs.values()
        return Keyring.read(self.settings.api_keys, frozenset(hub.code for hub in hubs if hub.may_combine_roles))

    @cached_property
    def holder(self) -> str:
        """The id of this running process, for leases and claims: new after every restart."""
        return new_id("W")

    def inbox(self, subscriptions: Subscriptions, works: WorkFactories) -> Inbox:
        return Inbox(UseCases(self.patient_store, works), subscriptions, self.seals, self.publishers)

    def use_cases(self, works: WorkFactories) -> UseCases:
        return UseCases(self.store, works)

    def by_itself(self, works: WorkFactories, use_case: "UseCase[C, W, R]", command: C, hub: str) -> R:
        """Run a use case caused by time or by an operator, not by a request or an event."""
        return self.use_cases(works).run(use_case, command, hub, new_cause(new_id("T")))

    @property
    def topics(self) -> list[str]:
        """The topics that its consumer reads."""
        return [topic(family, hub) for hub in self.settings.hubs for family in heard_by(self.name)]

    @property
    def _group(self) -> str:
        return f"{self.name}.{self.settings.deployment}"

    def consumer(self, inbox: Inbox) -> Consumer:
        place = ConsumerGroup(self.settings.account, self._group, self.settings.worker, self.topics)
        return Consumer(inbox, self.halts(), place, self.counts)

    @cached_property
    def restoration(self) -> Restoration:
        """The repairs to be made if the store was restored."""
        return Restoration(self.store.db, self.topics)

    @cached_property
    def counts(self) -> Counts:
        return Counts(self.settings.deployment, self.settings.worker, utc_now)

    def flush(self) -> None:
        """Add the counts of this process to the store."""
        self.counts.flush(self.store.db)

    def halts(self) -> Halts:
        return Halts(self.store.db, self._scoped("consumer"))

    def heartbeat(self, process: str) -> Heartbeat:
        return Heartbeat(self.store.db, self._scoped(process), utc_now, self.settings.beat_file, self.flush)

    def _scoped(self, process: str) -> str:
        """Each deployment has leases, heartbeats and halts of its own."""
        return f"{process}:{self.settings.deployment}"

    def run(self, process: str, step: Callable[[Stop], None], pause: Callable[[Stop], None]) -> None:
        """The loop of a process that is neither relay nor consumer: beat, `step`, `pause`."""
        stop, heartbeat = Stop().on_signals(), self.heartbeat(process)

        def turn() -> None:
            heartbeat.beat()
            step(stop)
            if not stop:
                pause(stop)

        repeat(turn, stop, process)

    def forgotten(self) -> Iterator[Envelope]:
        """The events that this service published and its restored store lacks."""
        return forgotten(self.store.db, self.settings.account, [topic(self.name, hub) for hub in self.settings.hubs], self.publishers)

    def health(self, also: Extra = dict) -> Health:
        return Health(self.store, self.settings.account, tuple(map(self._scoped, self.workers)), also)

    def ensure(self, *collections: str) -> None:
        """Create the topics that the service publishes to, its collections and indexes; detect whether the store was restored."""
        ensure_topics(self.settings.account, self.settings.hubs, owned_by(self.name))
        indexes.ensure(self.store.db, *collections)
        self.restoration.find(self.settings.account, self._group)
