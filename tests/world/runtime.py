"""The processes that every service has, on the world's store, broker and clock. It is given to a service in place of its own Runtime,
so that bootstrap, inbox, outbox, relay and consumer are the services' own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from embedded.programs import HUBS_FILE
from shared.events.consumer import Consumer
from shared.events.envelope import Envelope
from shared.events.inbox import Inbox
from shared.events.ordering import Tally
from shared.events.outbox import COLLECTION as OUTBOX
from shared.events.relay import Relay
from shared.events.sealing import SealingKey, Seals
from shared.events.signing import Publishers, Signer
from shared.events.subscriptions import Subscriptions
from shared.events.topics import heard_by, topic
from shared.events.tracing import Cause
from shared.process.clock import Clock
from shared.process.loop import Heartbeat, Stop, repeat
from shared.process.metrics import Counts
from shared.process.runtime import Runtime
from shared.process.settings import Common
from shared.store import indexes
from shared.store.mongo import Wakeup
from shared.store.transactions import OpenUnit, Store
from shared.store.use_cases import UseCases, WorkFactories
from support.signing import PUBLISHERS, SIGNERS
from support.smtp import PlayedServer
from world.broker import Broker
from world.clock import WorldClock
from world.scheduler import Scheduler
from world.store import MemoryClient
from world.transactions import Server

SERVICES = ("referral", "scheduling", "notifications")
_NOWHERE = Path("/nowhere")
_KEYS = {(writer, reader): (SealingKey("k", bytes(32)),) for writer in SERVICES for reader in SERVICES if writer != reader}
S = TypeVar("S")


def settings(shape: type[S], **given: Any) -> S:
    """With the default of everything that is not given."""
    usual = {each.name: each.metadata["setting"].default for each in fields(shape) if "setting" in each.metadata}  # type: ignore[arg-type]
    return shape(**(usual | given))


COMMON = settings(
    Common, hubs_file=HUBS_FILE, api_keys=_NOWHERE, sealing_keys=_NOWHERE, signing_key=b"", public_keys=_NOWHERE, mongo_url="", kafka=""
)
EFFECTS = "effects"  # a row for each event that was handled, written with its effects


@dataclass
class World:
    """One history's stores, broker and time."""

    scheduler: Scheduler
    clock: WorldClock
    server: Server = field(init=False)
    broker: Broker = field(init=False)
    vault_keys: set[str] = field(default_factory=set)
    destroyed_keys: set[str] = field(default_factory=set)
    mail: PlayedServer = field(default_factory=PlayedServer)

    def __post_init__(self) -> None:
        self.server = Server(self.scheduler)
        self.broker = Broker(weather=self.scheduler)
        self.scheduler.arrive = self.broker.deliver_late


class WorldInbox(Inbox):
    """Notes each event that it handles, in the transaction of its effects, so that a history can count them."""

    def handle(self, envelope: Envelope, open_unit: OpenUnit, *, is_repeat: bool) -> None:
        super().handle(envelope, open_unit, is_repeat=is_repeat)
        unit = open_unit("", Cause("", "", ""))
        unit.db[EFFECTS].insert_one({"event": envelope.id, "about": f"{envelope.type} of {envelope.subject}"}, session=unit.session)


class WorldStop(Stop):
    """Never told. Whoever waits, waits until everybody else has nothing to do."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def wait(self, seconds: float) -> None:  # noqa: ARG002 - how long is the scheduler's to say
        self._scheduler.sleep()


class WorldWakeup(Wakeup):
    def __init__(self, scheduler: Scheduler, database: str, collections: Iterable[str]) -> None:
        self._scheduler, self._tags = scheduler, [f"{database}.{name}" for name in collections]

    def wait(self, seconds: float) -> None:  # noqa: ARG002 - how long is the scheduler's to say
        self._scheduler.sleep(*self._tags, "time")


class NoHeartbeat(Heartbeat):
    """Goes by a clock that no seed decides, and nobody looks at it here."""

    def __init__(self) -> None:
        """It has no row."""

    def beat(self) -> None:
        """Nothing."""


class NoCounts(Counts):
    """They go by a clock that no seed decides, too."""

    def __init__(self) -> None:
        """Nothing is counted."""

    def took(self, tally: Tally) -> None:
        """Nothing."""

    def unread(self, by_topic: Mapping[str, int]) -> None:
        """Nothing."""


@dataclass(frozen=True)
class WorldRuntime(Runtime):
    world: World

    @cached_property
    def clock(self) -> Clock:
        return self.world.clock.domain

    @cached_property
    def seals(self) -> Seals:
        return Seals(self.name, _KEYS)

    @cached_property
    def publishers(self) -> Publishers:
        return PUBLISHERS

    @cached_property
    def signer(self) -> Signer:
        return SIGNERS[self.name]

    @cached_property
    def store(self) -> Store:
        client: Any = MemoryClient(self.world.server)
        return Store(client, self.name, self.clock)

    @cached_property
    def patient_store(self) -> Store:
        return self.store

    def wakeup(self, *collections: str, **_options: Any) -> Wakeup:
        return WorldWakeup(self.world.scheduler, self.name, collections)

    def relay(self) -> Relay:
        make: Callable[[], Any] = self.world.broker.producer
        return Relay(self.store, self.settings.hubs, self.lease("relay"), self.wakeup(OUTBOX), make, signer=self.signer)

    def inbox(self, subscriptions: Subscriptions, works: WorkFactories) -> Inbox:
        return WorldInbox(UseCases(self.store, works), subscriptions, self.seals, self.publishers)

    def consumer(self, inbox: Inbox) -> Consumer:
        topics = [topic(family, hub) for hub in self.settings.hubs for family in heard_by(self.name)]
        place: Any = self.world.broker.place(self.name, topics)
        return Consumer(inbox, self.halts(), place, NoCounts())

    def heartbeat(self, _process: str) -> Heartbeat:
        return NoHeartbeat()

    @property
    def stop(self) -> Stop:
        return WorldStop(self.world.scheduler)

    def run(self, process: str, step: Callable[[Stop], None], pause: Callable[[Stop], None]) -> None:
        stop = self.stop

        def turn() -> None:
            step(stop)
            pause(stop)

        repeat(turn, stop, process)

    def ensure(self, *collections: str) -> None:
        indexes.ensure(self.store.db, *collections, EFFECTS)
