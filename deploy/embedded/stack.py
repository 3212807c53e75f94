"""A whole embedded stack: started, kept running and stopped. Used by `make run` and by the tests."""

import json
import os
import subprocess
import sys
import threading
import tomllib
import xmlrpc.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from embedded import data, programs, secrets, stores, waiting
from embedded.deployment import Deployment, Maildir
from embedded.ports import SERVICES, STORES
from embedded.programs import Place
from embedded.secrets import ApiKeys
from embedded.stores import Engine
from embedded.supervision import Supervisor, is_alive
from shared.events.access import give_access

Say = Callable[[str], None]
RUNNER = "runner.pid"


class AlreadyRunning(RuntimeError):
    """A stack is already running on the folder."""


def runner_of(folder: Path) -> int:
    """The process that runs the stack of a folder; 0 if none does."""
    path = folder / RUNNER
    pid = int(path.read_text() or 0) if path.exists() else 0
    return pid if pid and is_alive(pid) and b"embedded" in Path(f"/proc/{pid}/cmdline").read_bytes() else 0


PRIVATE_FOLDER, PRIVATE_FILE, _NOBODY_ELSE = 0o700, 0o600, 0o077


@contextmanager
def private_files() -> Iterator[None]:
    """Only their owner can read the files made meanwhile, by this process or by those that it starts."""
    before = os.umask(_NOBODY_ELSE)
    try:
        yield
    finally:
        os.umask(before)


class Stack:
    """say: called with each step as it begins."""

    def __init__(self, place: Place, say: Say = lambda _step: None) -> None:
        self.place, self._say = place, say
        self.hubs = list(tomllib.loads(place.hubs_file.read_text()))
        self.supervisor = Supervisor(place.folder, place.logs)
        self.keys: ApiKeys = {}
        self._over = threading.Event()

    def start(self) -> None:
        """Start all or nothing, with files that only their owner can read. Raises AlreadyRunning, PortInUse, OtherData,
        MongodCannotRun, KafkaNotFetched, NotReady, with a cure."""
        self.place.folder.mkdir(parents=True, exist_ok=True)
        self.place.folder.chmod(PRIVATE_FOLDER)
        with private_files():
            self._start()

    def _start(self) -> None:
        self._claim()
        self.supervisor.stop_leftover()
        engine = self._choose_engine()
        self.place.ports.check_free(self.place.own_parts)
        self.keys = secrets.make(self.place.secrets, self.hubs)
        try:
            self._start_infrastructure(engine)
            self._make_indexes()
            self._start_services()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self._over.set()
        self.supervisor.stop()
        if runner_of(self.place.folder) == os.getpid():
            (self.place.folder / RUNNER).unlink()

    def _claim(self) -> None:
        """Raises AlreadyRunning: a folder is for one stack only; one whose runner was killed is taken over."""
        other = runner_of(self.place.folder)
        if other and other != os.getpid():
            raise AlreadyRunning(
                f"a stack is running on {self.place.folder} (process {other}). Stop it with Ctrl-C; or start another beside it, "
                "on other ports and another folder: PORT_BASE=18000 make run ARGS='--data /tmp/another'"
            )
        (self.place.folder / RUNNER).write_text(str(os.getpid()))

    @property
    def deployment(self) -> Deployment:
        urls = {service: self.place.url(service) for service in SERVICES}
        return Deployment(urls, self.keys, Maildir(self.place.maildir))

    def keep_stack_file(self) -> None:
        """Write stack.json now, and keep it up to date when processes are restarted."""
        self._write_stack_file()
        threading.Thread(target=self._watch, daemon=True, name="stack-file").start()

    def _choose_engine(self) -> Engine | None:
        """The engine of the stores; None when they are given. It is recorded in the data folder."""
        if self.place.given:
            return None
        engine = stores.chosen()
        data.claim(self.place.folder, engine.name)
        self._say(engine.told)
        return engine

    def _start_infrastructure(self, engine: Engine | None) -> None:
        if engine:
            self._say("Kafka's jars (fetched once, then cached)")
        parts = programs.infrastructure(self.place, engine)
        self._say(", ".join(sorted(part.name for part in parts)))
        self.supervisor.start(parts, programs.services(self.place))
        ports, logs = self.place.ports, self.place.logs
        waiting.until_listening(ports.smtp, "The SMTP sink", logs / "sink.log")
        if engine:
            for name in STORES:
                self._prepare_store(name, engine)
            waiting.until_listening(ports.kafka, "Kafka", logs / "kafka.log")
        give_access(self.place.operator, {service: self.place.password(service) for service in SERVICES})

    def _prepare_store(self, name: str, engine: Engine) -> None:
        port, store, log = self.place.ports.store(name), f"The {name} store", self.place.logs / f"store-{name}.log"
        waiting.until_listening(port, store, log)
        engine.prepare(port, store, log)

    def _make_indexes(self) -> None:
        self._say("Topics, indexes, catalogue")
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            list(pool.map(self._indexes_of, SERVICES))

    def _indexes_of(self, service: str) -> None:
        environment = programs.bare_environment() | programs.environment(service, self.place)
        command = [sys.executable, "-m", service, "indexes"]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        except subprocess.TimeoutExpired as late:
            told = (late.stdout or b"").decode(errors="replace")[-1500:]
            raise waiting.NotReady(f"python -m {service} indexes did not finish within 60 s:\n{told}") from late
        if done.returncode:
            raise waiting.NotReady(f"python -m {service} indexes failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")

    def _start_services(self) -> None:
        self._say("Every process of the three services")
        self.supervisor.start_services()
        for service in SERVICES:
            waiting.until_ready(self.place.url(service), f"The {service} service", self.place.logs / f"{service}-api.log")
        for service in SERVICES:
            waiting.until_workers_are_alive(self.place.url(service), service, self.place.logs)

    def _watch(self) -> None:
        while not self._over.wait(0.3):
            with suppress(OSError, xmlrpc.client.Fault):  # supervisord is going down: the last file stays
                self._write_stack_file()

    def _write_stack_file(self) -> None:
        path = self.place.folder / "stack.json"
        fresh = path.with_suffix(".fresh")
        fresh.touch(PRIVATE_FILE)
        fresh.write_text(json.dumps(self.described(), indent=1))
        fresh.replace(path)

    def described(self) -> dict[str, object]:
        """The content of stack.json, for scripts: docs/how-to and the examples use each entry."""
        return {
            **{service: self.place.url(service) for service in SERVICES},
            "kafka": self.place.kafka,
            "kafka_users": self.kafka_users(),
            "smtp": f"127.0.0.1:{self.place.ports.smtp}",
            "mail": str(self.place.maildir),
            "keys": self.keys,
            "processes": self.supervisor.pids(),
        }

    def kafka_users(self) -> dict[str, dict[str, str]]:
        """How to connect to Kafka as each of its users."""
        accounts = (self.place.operator, *map(self.place.account, SERVICES))
        return {each.user: {"password": each.password, "mechanism": each.mechanism} for each in accounts}


@contextmanager
def running(place: Place, say: Say = lambda _step: None) -> Iterator[Stack]:
    """A stack for the length of a `with`."""
    stack = Stack(place, say)
    stack.start()
    try:
        yield stack
    finally:
        stack.stop()
