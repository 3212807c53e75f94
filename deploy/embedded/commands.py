"""The commands behind `make run` and `make clean-data`."""

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import click
from rich.console import Console

from embedded.client import Refused
from embedded.data import FOLDER, OtherData, may_be_removed
from embedded.deployment import Deployment, Mailpit
from embedded.kafka import KafkaNotFetched
from embedded.ports import SERVICES, PortInUse, Ports
from embedded.programs import ROOT, Place, bare_environment
from embedded.programs import environment as environment_of
from embedded.runner import DiskFull, Runner, check_space
from embedded.stack import AlreadyRunning, Stack, runner_of
from embedded.stores import MongodCannotRun
from embedded.stories import Stories
from embedded.waiting import NotReady

COMPOSE_KEYS = ROOT / "deploy" / "secrets" / "api-keys.json"
_EXPECTED = (AlreadyRunning, PortInUse, OtherData, MongodCannotRun, KafkaNotFetched, NotReady, DiskFull, Refused)

data_option = click.option("--data", type=click.Path(path_type=Path), default=FOLDER, help="The folder of the stack's data.")


@click.group()
def main() -> None:
    """The embedded stack."""


@main.command()
@click.option("--once", is_flag=True, help="Print a table and exit when every example referral has its outcome.")
@click.option("--no-examples", is_flag=True, help="Start with only the catalogue, the hubs and their keys.")
@data_option
def run(once: bool, no_examples: bool, data: Path) -> None:  # noqa: FBT001 - click passes flags by name
    """Start everything and run until Ctrl-C."""
    console = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 160)
    signals = {signal.SIGINT, signal.SIGTERM}
    try:
        ports = Ports.from_environment()
    except PortInUse as problem:
        raise click.ClickException(str(problem)) from problem
    stack = Stack(Place(data.resolve(), ports), lambda step: console.print(f"  {step} …"))
    for each in signals:
        signal.signal(each, _leave)
    code = 0
    try:
        check_space(data)
        stack.start()
        stack.keep_stack_file()
        runner = Runner(stack, console)
        if once:
            code = runner.once()
        else:
            runner.stay(with_examples=not no_examples)
    except KeyboardInterrupt:
        code = 130 if once else 0
    except _EXPECTED as problem:
        console.print(f"[red]Cannot continue:[/] {problem}", highlight=False)
        code = 1
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # stopping must not be interrupted
        console.print("  Stopping …")
        stack.stop()
    sys.exit(code)


@main.command()
@click.option("--keys", type=click.Path(path_type=Path, exists=True), default=COMPOSE_KEYS, help="The keys that `make secrets` wrote.")
@click.option("--mail", default="http://127.0.0.1:8025", help="The URL of Mailpit.")
def feed(keys: Path, mail: str) -> None:
    """Feed the examples to the containers of docker-compose.yml, and print the outcome of each."""
    console = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 160)
    urls = {service: f"http://127.0.0.1:{Ports().service(service)}" for service in SERVICES}
    stories = Stories(Deployment(urls, json.loads(keys.read_text()), Mailpit(mail)), console)
    with stories.bars() as bars:
        fed = stories.tell(bars)
    unmet = stories.report(fed)
    for subject, count in Counter(str(each["Subject"]) for _, each in Mailpit(mail).mails()).most_common():
        console.print(f"{count:5} e-mails: {subject}", highlight=False)
    console.print(f"Read them at {mail}")
    sys.exit(1 if unmet else 0)


@main.command(context_settings={"ignore_unknown_options": True})
@data_option
@click.argument("service", type=click.Choice(SERVICES))
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
def operate(data: Path, service: str, command: tuple[str, ...]) -> None:
    """Run a service's command against the running stack, such as: scheduling parked list."""
    file = data / "stack.json"
    if not runner_of(data) or not file.exists():
        raise click.ClickException(f"no stack is running on {data}: start one with `make run`")
    place = Place(data.resolve(), Ports.of_kafka(json.loads(file.read_text())["kafka"]))
    environment = bare_environment() | environment_of(service, place)
    sys.exit(subprocess.run([sys.executable, "-m", service, *command], env=environment, check=False).returncode)


@main.command()
@data_option
def clean_data(data: Path) -> None:
    """Delete the embedded stack's data."""
    if other := runner_of(data):
        raise click.ClickException(f"a stack is running on {data} (process {other}): stop it first, with Ctrl-C")
    if data.exists() and not may_be_removed(data):
        raise click.ClickException(f"{data} does not look like the data of an embedded stack; remove it yourself")
    shutil.rmtree(data, ignore_errors=True)


def _leave(*_: object) -> None:
    raise KeyboardInterrupt
