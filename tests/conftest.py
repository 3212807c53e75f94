"""One embedded stack for the whole run, started when the first test asks for it; a hub or database of its own per test."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from embedded.ports import Ports
from embedded.programs import Place
from embedded.stack import Stack, running
from embedded.supervision import is_alive
from shared.store.mongo import connect
from shared.store.transactions import Store
from support.backends import infrastructure
from support.hub import Hub, fresh_hub, hubs_file, staff_file

PORT_BASE = 28000  # unless the environment sets it; below the ports that the system gives to clients
STEPS: list[str] = []  # what the stack has said as it started


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which database the tests ran on: the stand-in must not pass for the real one unnoticed."""
    for step in STEPS:
        if "MongoDB" in step:
            terminalreporter.write_line(f"The stores ran on {step}")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Kafka, stores, sink and every process of every service, serving a hub for each test."""
    with tempfile.TemporaryDirectory(prefix="circlework-tests-") as folder, infrastructure() as given:
        hubs = Path(folder) / "hubs.toml"
        hubs.write_text(hubs_file())
        staff = Path(folder) / "staff.toml"
        staff.write_text(staff_file())
        place = Place(Path(folder) / "stack", Ports.from_environment(PORT_BASE), hubs, given, staff)
        with running(place, STEPS.append) as started:
            yield started
            pids = started.supervisor.pids()
        left = [name for name, pid in pids.items() if is_alive(pid)]
        assert left == [], "stopping a stack leaves no process behind"


@pytest.fixture
def hub(stack: Stack) -> Hub:
    """A hub that no other test has touched."""
    return fresh_hub(stack)


@pytest.fixture
def another_hub(stack: Stack) -> Hub:
    return fresh_hub(stack)


@pytest.fixture
def store(stack: Stack) -> Iterator[Store]:
    """An empty database on a real store."""
    with connect(stack.place.store("referral"), timeout_ms=10_000) as client:
        yield Store(client, f"test-{uuid4().hex[:12]}")
