"""The command line that every service has: its processes, and what operators do with parked events."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import click
import gunicorn.app.wsgiapp

from shared.events import parking
from shared.events.inbox import Inbox, NotParked
from shared.process import logs
from shared.process.loop import Stop, repeat
from shared.process.runtime import Runtime
from shared.process.settings import Common
from shared.store.mongo import Doc


class Service(Protocol):
    """The interface of a service's bootstrap."""

    @property
    def runtime(self) -> Runtime: ...
    def inbox(self) -> Inbox: ...
    def check(self) -> None: ...
    def ensure(self) -> None: ...
    def resay(self, subject: str | None) -> int: ...

    def do_what_is_due(self) -> None:
        """Run every task whose time has come."""
        ...

    def set_right(self) -> None:
        """Repair a restored store once its events have been read again; safe to repeat."""
        ...


S = TypeVar("S", bound=Service)


def started(build: Callable[[], S], process: str) -> S:
    """The service, ready for one of its processes: data checked, every log line marked with service and process."""
    service = build()
    service.check()
    logs.configure(service.runtime.name, process, service.runtime.settings.log_level)
    return service


def commands(name: str, build: Callable[[], Service], look_every: float) -> click.Group:
    """`python -m <name> api | consumer | relay | timers | indexes | parked … | replay | resume`. look_every: seconds, of `timers`."""

    @click.group(help=f"The processes and tools of {name}.")
    def group() -> None: ...

    _add_processes(name, group, build)
    _add_upkeep(group, build, look_every)
    _add_parked(group, build)
    _add_repairs(group, build)
    return group


def _add_processes(name: str, group: click.Group, build: Callable[[], Service]) -> None:
    @group.command(help="Serve HTTP (gunicorn).")
    def api() -> None:
        runtime = started(build, "api").runtime
        runtime.keyring()  # a mistake in the key file is reported here, before a worker starts
        _serve(name, runtime.settings)

    @group.command(help="Handle the events of the other services.")
    def consumer() -> None:
        service = started(build, "consumer")
        service.runtime.consumer(service.inbox()).run(Stop().on_signals(), service.runtime.heartbeat("consumer"))
        service.runtime.flush()

    @group.command(help="Publish the service's events.")
    def relay() -> None:
        runtime = started(build, "relay").runtime
        runtime.relay().run(Stop().on_signals(), runtime.heartbeat("relay"))
        runtime.flush()


def _add_upkeep(group: click.Group, build: Callable[[], Service], look_every: float) -> None:
    @group.command(help="Do what is due; after a restore from a backup, first correct what the store has missed.")
    def timers() -> None:
        service = started(build, "timers")
        service.runtime.run("timers", lambda _stop: turn_of_timers(service), lambda stop: stop.wait(look_every))

    @group.command(help="Create the service's topics, collections and indexes; waits for store and broker; safe to repeat.")
    def indexes() -> None:
        service, stop, done = started(build, "indexes"), Stop().on_signals(), []

        def ensure() -> None:
            service.ensure()
            done.append(True)
            stop.tell()

        repeat(ensure, stop, "indexes")
        if not done:
            raise click.ClickException("stopped before it had finished")


def turn_of_timers(service: Service) -> None:
    """Run the tasks that are due, but not before a restored store has been repaired."""
    if service.runtime.restoration.settled(service.set_right):
        service.do_what_is_due()


def _serve(name: str, settings: Common) -> None:
    """Become gunicorn: this process is its master and receives SIGTERM; nothing has been opened that a fork must not share."""
    chosen = ["--config", str(settings.gunicorn_conf), "--bind", f"{settings.bind}:{settings.port}"]
    sys.argv = ["gunicorn", *chosen, f"{name}.web:front()"]
    gunicorn.app.wsgiapp.run(prog="gunicorn")


def _add_parked(group: click.Group, build: Callable[[], Service]) -> None:
    @group.group(help="Events that could not be handled.")
    def parked() -> None: ...

    @parked.command("list")
    def list_() -> None:
        rows = parking.listed(build().runtime.store.db)
        click.echo("\n".join(map(_line, rows)) or "nothing is parked")

    @parked.command()
    @click.argument("event")
    def show(event: str) -> None:
        rows = parking.listed(build().runtime.store.db, {"_id": event})
        if not rows:
            raise click.ClickException(f"{event} is not parked; `parked list` shows what is")
        click.echo("\n".join(f"{key}: {value}" for key, value in rows[0].items()))

    @parked.command(help="Handle the parked events of this event's subject again, in order.")
    @click.argument("event")
    def redrive(event: str) -> None:
        with _named():
            tally = build().inbox().redrive(event)
        click.echo(f"handled {tally.handled}, still parked {tally.parked}")

    @parked.command(help="Drop one event; those behind it continue.")
    @click.argument("event")
    @click.option("--why", required=True, help="The reason; stored with the event.")
    def drop(event: str, why: str) -> None:
        with _named():
            build().inbox().drop(event, why)
        click.echo(f"dropped {event}")


@contextmanager
def _named() -> Iterator[None]:
    """Report an operator's mistake in one line."""
    try:
        yield
    except NotParked as error:
        raise click.ClickException(str(error)) from error


def _add_repairs(group: click.Group, build: Callable[[], Service]) -> None:
    @group.command(help="Publish again, with the same ids: all events of a hub, of a subject, or since a time.")
    @click.option("--hub")
    @click.option("--subject")
    @click.option("--since", type=click.DateTime())
    def replay(**chosen: Any) -> None:
        wanted = {"hub": chosen["hub"], "subject": chosen["subject"], "time": chosen["since"] and {"$gte": chosen["since"]}}
        click.echo(f"published {build().runtime.relay().replay({key: value for key, value in wanted.items() if value})} again")

    @group.command(help="Publish the full state of one person, or of everybody at its hubs, for services that have missed events.")
    @click.option("--subject", help="A pseudonym, such as P-… or F-….")
    def resay(subject: str | None) -> None:
        found = build().resay(subject)
        if subject and not found:
            raise click.ClickException(f"{subject} is not known to this service, or not at the hubs that it serves")
        click.echo(f"published the full state of everybody found: {found}")

    @group.command("public-key", help="The public key of SIGNING_KEY_FILE, to be listed in PUBLIC_KEYS_FILE.")
    def public_key() -> None:
        click.echo(build().runtime.signer.public_key)

    @group.command(help="Let the consumers read topics again that were halted because most of their records were parked.")
    def resume() -> None:
        lifted = build().runtime.halts().lift()
        click.echo(f"resumed {', '.join(lifted)}" if lifted else "nothing was halted")


def _line(row: Doc) -> str:
    shown = (row.get("parked_at"), row["_id"], row.get("type", "-"), row.get("service", "-"), row.get("subject", "-"), row["reason"])
    return "  ".join(map(str, shown))
