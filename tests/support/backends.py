"""Where the tests' broker and stores run: BACKEND=embedded (the default), containers, or external. The one room that knows the three."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from secrets import token_hex

import pymongo
from pymongo.errors import PyMongoError
from testcontainers.core.container import DockerContainer

from embedded.kafka import OPERATOR, SMALL, protected
from embedded.ports import STORES
from embedded.programs import Given
from shared.events.account import PLAIN, Account

KAFKA_IMAGE = os.environ.get("KAFKA_IMAGE", "apache/kafka:4.1.0")
MONGO_IMAGE = os.environ.get("MONGO_IMAGE", "mongo:8.0")
EXTERNAL = {
    "KAFKA": "host:9092",
    "KAFKA_USER": "operator",
    "KAFKA_PASSWORD": "…",
    **{f"STORE_{name.upper()}": "mongodb://host:27017/?replicaSet=rs0" for name in STORES},
}


class UnknownBackend(ValueError):
    """BACKEND is none of the three, or an address of `external` is missing."""


@contextmanager
def infrastructure() -> Iterator[Given | None]:
    """The broker and stores that were chosen; None means that the stack brings its own."""
    chosen = os.environ.get("BACKEND", "embedded")
    if chosen not in BACKENDS:
        raise UnknownBackend(f"BACKEND={chosen}: choose one of {', '.join(BACKENDS)}")
    with BACKENDS[chosen]() as given:
        yield given


@contextmanager
def _embedded() -> Iterator[None]:
    yield None


@contextmanager
def _external() -> Iterator[Given]:
    missing = [f"{name}={example}" for name, example in EXTERNAL.items() if not os.environ.get(name)]
    if missing:
        raise UnknownBackend(f"BACKEND=external needs the addresses: {' '.join(missing)}")
    operator = Account(os.environ["KAFKA"], os.environ["KAFKA_USER"], os.environ["KAFKA_PASSWORD"])
    yield Given(operator, {name: os.environ[f"STORE_{name.upper()}"] for name in STORES})


@contextmanager
def _containers() -> Iterator[Given]:
    """Apache Kafka, and a replica set for each service and the vault, by testcontainers."""
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")  # its image is one more to pull; `with` cleans up
    with ExitStack() as running:
        kafka = running.enter_context(_kafka())
        stores = {name: running.enter_context(_replica_set()) for name in STORES}
        yield Given(kafka, stores)


@contextmanager
def _kafka() -> Iterator[Account]:
    """The broker must tell its clients an address that they can reach, which is known only once the port is mapped: it waits for it."""
    waits = "until [ -s /tmp/advertised ]; do sleep 0.1; done"
    begins = "export KAFKA_ADVERTISED_LISTENERS=$(cat /tmp/advertised); exec /etc/kafka/docker/run"
    password = token_hex(32)
    settings = {
        **SMALL,
        **protected(password),
        "listeners": "CLIENTS://:9092,CONTROLLER://:9093",
        "controller.quorum.voters": "1@localhost:9093",
    }
    container = DockerContainer(KAFKA_IMAGE).with_exposed_ports(9092).with_command(["bash", "-c", f"{waits}; {begins}"])
    for name, value in settings.items():
        container = container.with_env(_variable(name), value)
    container = container.with_env("KAFKA_HEAP_OPTS", "-Xmx512m")
    with container as started:
        address = f"{started.get_container_host_ip()}:{started.get_exposed_port(9092)}"
        started.exec(["bash", "-c", f"echo CLIENTS://{address} > /tmp/advertised"])
        _until(lambda: b"Kafka Server started" in b"".join(started.get_logs()), 60, "Kafka's container did not start")
        yield Account(address, OPERATOR, password, mechanism=PLAIN)


def _variable(name: str) -> str:
    """The variable of the image for a setting of the broker: https://hub.docker.com/r/apache/kafka"""
    return "KAFKA_" + name.upper().replace("_", "__").replace("-", "___").replace(".", "_")


@contextmanager
def _replica_set() -> Iterator[str]:
    container = (
        DockerContainer(MONGO_IMAGE)
        .with_exposed_ports(27017)
        .with_command(["mongod", "--replSet", "rs0", "--bind_ip_all", "--setParameter", "transactionLifetimeLimitSeconds=10"])
    )
    with container as started:
        url = f"mongodb://{started.get_container_host_ip()}:{started.get_exposed_port(27017)}/?directConnection=true"
        _until(lambda: b"Waiting for connections" in b"".join(started.get_logs()), 60, "MongoDB's container did not start")
        started.exec(["mongosh", "--quiet", "--eval", "rs.initiate()"])
        _until(lambda: _is_primary(url), 30, "MongoDB's container did not become a replica set")
        yield url


def _is_primary(url: str) -> bool:
    try:
        with pymongo.MongoClient(url, serverSelectionTimeoutMS=1000) as client:
            return bool(client.admin.command("hello")["isWritablePrimary"])
    except PyMongoError:
        return False


def _until(condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)


BACKENDS = {"embedded": _embedded, "containers": _containers, "external": _external}
