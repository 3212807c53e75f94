"""Which processes each service has in the world, and how each begins: like `__main__`, without a command line.

Each start builds the service anew, as a process does; only the data that never changes is shared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from notifications import config as notifications_config
from notifications.adapters import notification_files
from notifications.adapters.mongo.claims import MongoClaims
from notifications.application.sending import Sender
from notifications.bootstrap import DATA, NotificationsService
from notifications.domain.notification import Notifications
from referral import config as referral_config
from referral.adapters.advice_files import read_advice
from referral.bootstrap import Referral
from referral.domain.advice import Advice
from scheduling import config as scheduling_config
from scheduling.adapters.timetables import Timetables
from scheduling.bootstrap import Scheduling
from shared.process.commands import turn_of_timers
from shared.process.loop import Stop
from shared.process.runtime import Runtime
from world import catalogue
from world.runtime import COMMON, World, WorldRuntime, settings
from world.smtp import PlainBuilder, WorldServer
from world.vault import MemoryVault

_KEY = bytes(32)

Start = Callable[[World], None]


@dataclass(frozen=True, slots=True)
class Wired:
    """build: the service on the world's runtime.  processes: by name, beside relay and consumer, which all have."""

    build: Callable[[World], Any]
    processes: Mapping[str, Start]
    consumers: int = 1

    def starts(self) -> Mapping[str, Start]:
        consumers = {f"consumer-{number}": self._consumer for number in range(1, self.consumers + 1)}
        return {"relay": self._relay, **consumers, **self.processes}

    def _relay(self, world: World) -> None:
        runtime = self.build(world).runtime
        runtime.relay().run(runtime.stop, runtime.heartbeat("relay"))

    def _consumer(self, world: World) -> None:
        service = self.build(world)
        service.runtime.consumer(service.inbox()).run(service.runtime.stop, service.runtime.heartbeat("consumer"))


def in_world(runtime: Runtime, world: World) -> WorldRuntime:
    """The world's runtime for a service, in place of its own."""
    return WorldRuntime(runtime.name, runtime.settings, runtime.workers, world)


@cache
def _advice() -> Advice:
    return read_advice()


@cache
def _notifications() -> Notifications:
    return notification_files.load(DATA)


@cache
def _timetables() -> Timetables:
    return Timetables(COMMON.hubs)


def referral(world: World) -> Referral:
    given = settings(referral_config.Settings, common=COMMON, vault_url="", vault_key=b"", blind_index_key=_KEY, conflict_key=_KEY)
    service = Referral(given)
    service.__dict__.update(runtime=in_world(service.runtime, world), vault=MemoryVault(world), advice=_advice())
    return service


def scheduling(world: World) -> Scheduling:
    service = Scheduling(settings(scheduling_config.Settings, common=COMMON, offers_in_flight=1))
    service.__dict__.update(runtime=in_world(service.runtime, world), catalogue=catalogue.WORLD, timetables=_timetables())
    return service


def notifications(world: World) -> NotificationsService:
    given = settings(
        notifications_config.Settings,
        common=COMMON,
        vault_url="",
        vault_key=b"",
        link_key=_KEY,
        public_url="",
        smtp_host="",
        smtp_port=0,
        mail_from="hello@circlework.example",
    )
    service = NotificationsService(given)
    service.__dict__.update(runtime=in_world(service.runtime, world), notifications=_notifications())
    return service


def _match(world: World) -> None:
    service = scheduling(world)
    matching, lease = service.matcher(), service.runtime.lease("matcher")
    wakeup = service.runtime.wakeup("entries", "groups", "people")
    restoration = service.runtime.restoration

    def match(_stop: Stop) -> None:
        if lease.held() and not restoration.is_under_way():
            matching.match()

    service.runtime.run("matcher", match, lambda _stop: wakeup.wait(1))


def _match_without_a_lease(world: World) -> None:
    """Only speed depends on there being one."""
    service = scheduling(world)
    matching, wakeup = service.matcher(), service.runtime.wakeup("entries", "groups", "people")
    service.runtime.run("matcher", lambda _stop: matching.match(), lambda _stop: wakeup.wait(1))


def _do_what_is_due(world: World) -> None:
    service = scheduling(world)
    service.runtime.run("timers", lambda _stop: turn_of_timers(service), lambda _stop: world.scheduler.sleep("time"))


def _finish_erasures(world: World) -> None:
    service = referral(world)
    service.runtime.run("timers", lambda _stop: turn_of_timers(service), lambda _stop: world.scheduler.sleep())


def _plan_reminders(world: World) -> None:
    service = notifications(world)
    service.runtime.run("timers", lambda _stop: turn_of_timers(service), lambda _stop: world.scheduler.sleep("time"))


def _send(world: World) -> None:
    service = notifications(world)
    sending, wakeup = _sender(service, world), service.runtime.wakeup("messages")
    is_start = True

    def send(_stop: Stop) -> None:
        nonlocal is_start
        if service.runtime.restoration.is_under_way():
            return
        if is_start:
            sending.recover(is_start=True)
            is_start = False
        while sending.send_due():
            pass
        sending.recover(is_start=False)

    service.runtime.run("sender", send, lambda _stop: wakeup.wait(0.5))


def _sender(service: NotificationsService, world: World) -> Sender:
    claims = MongoClaims(service.runtime.use_cases(service.works), COMMON.hubs, "sender", world.clock.utc_now)
    nothing: Any = None
    return Sender(claims, PlainBuilder(nothing, MemoryVault(world), nothing, nothing, ""), WorldServer(world))


REFERRAL = Wired(referral, {"timers": _finish_erasures})
SCHEDULING = Wired(scheduling, {"matcher": _match, "timers": _do_what_is_due})
NOTIFICATIONS = Wired(notifications, {"timers": _plan_reminders, "sender": _send})


def with_two_matchers(wired: Wired) -> Wired:
    return replace(wired, processes={**wired.processes, "matcher": _match_without_a_lease, "matcher-2": _match_without_a_lease})
