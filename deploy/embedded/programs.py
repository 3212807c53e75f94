"""The programs of an embedded stack: name, command and environment of each. None gets more than it needs:
scheduling gets neither the address of the vault nor any of its keys."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from embedded import kafka, secrets
from embedded.kafka import OPERATOR, Tls
from embedded.ports import SERVICES, STORES, Ports
from embedded.stores import Engine
from shared.events.account import PLAIN, SCRAM, Account

ROOT = Path(__file__).parent.parent.parent
HUBS_FILE = ROOT / "deploy" / "hubs.toml"
STAFF_FILE = ROOT / "deploy" / "staff.toml"

PROCESSES = {
    "referral": ("api", "consumer", "relay", "timers"),
    "scheduling": ("api", "consumer", "relay", "matcher", "timers"),
    "notifications": ("api", "consumer", "relay", "timers", "sender"),
}

Environment = dict[str, str]


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: list[str]
    environment: Environment = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """A broker and stores that run elsewhere. operator: who may do everything on the broker.  stores: the URL of each."""

    operator: Account
    stores: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """The folder and ports of a stack. hubs_file: the hubs it serves.  given: the infrastructure it uses instead of its own.
    staff_file: whom intake may register as facilitators."""

    folder: Path
    ports: Ports
    hubs_file: Path = HUBS_FILE
    given: Given | None = None
    staff_file: Path = STAFF_FILE

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def clock_file(self) -> Path:
        """The seconds by which the domain's clock is ahead; empty means the real time."""
        return self.folder / "clock"

    @property
    def maildir(self) -> Path:
        return self.folder / "mail"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def kafka(self) -> str:
        return self.given.operator.address if self.given else f"127.0.0.1:{self.ports.kafka}"

    @property
    def operator(self) -> Account:
        """Who may do everything on the broker."""
        if self.given:
            return self.given.operator
        authority = self.tls.authority if self.tls else None
        return Account(self.kafka, OPERATOR, self.password(OPERATOR), authority, PLAIN)

    def account(self, service: str) -> Account:
        """The service's own user on the broker."""
        return replace(self.operator, user=service, password=self.password(service), mechanism=SCRAM)

    def password(self, user: str) -> str:
        return (self.secrets / secrets.kafka_file(user)).read_text()

    @property
    def tls(self) -> Tls | None:
        """TLS to Kafka, if the operator has put both files there."""
        own, authority = self.secrets / "kafka-tls.pem", self.secrets / "kafka-ca.pem"
        return Tls(own, authority) if own.exists() and authority.exists() else None

    @property
    def own_parts(self) -> dict[str, int]:
        """The parts that listen on this machine, with their ports."""
        return self.ports.of_services() if self.given else self.ports.all()

    def store(self, name: str) -> str:
        if self.given:
            return self.given.stores[name]
        return f"mongodb://127.0.0.1:{self.ports.store(name)}/?directConnection=true"

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports.service(service)}"


def infrastructure(place: Place, engine: Engine | None) -> list[Program]:
    """Kafka, a store for each service and the vault, unless they are given; and the SMTP sink. engine: None when they are given."""
    sink = [sys.executable, "-m", "embedded.sink", "--port", str(place.ports.smtp), "--maildir", str(place.maildir)]
    if engine is None:
        return [Program("sink", sink)]
    stores = [_store(name, place, engine) for name in STORES]
    return [_kafka(place), *stores, Program("sink", sink)]


def _kafka(place: Place) -> Program:
    return Program("kafka", kafka.command(place.folder / "kafka", place.ports, place.password(OPERATOR), place.tls))


def _store(name: str, place: Place, engine: Engine) -> Program:
    folder = place.folder / "stores" / name
    folder.mkdir(parents=True, exist_ok=True)
    return Program(f"store-{name}", engine.command(place.ports.store(name), folder))


def services(place: Place) -> list[Program]:
    """Every process of every service."""
    return [
        Program(f"{service}-{process}", [sys.executable, "-m", service, process], environment(service, place))
        for service in SERVICES
        for process in PROCESSES[service]
    ]


def environment(service: str, place: Place) -> Environment:
    """The settings of one service."""
    common = {
        "HUBS_FILE": str(place.hubs_file),
        "API_KEYS_FILE": str(place.secrets / "api-keys.json"),
        "SEALING_KEYS_FILE": str(place.secrets / f"sealing-keys-of-{service}.json"),
        "SIGNING_KEY_FILE": str(place.secrets / f"signing-of-{service}.key"),
        "PUBLIC_KEYS_FILE": str(place.secrets / "public-keys.json"),
        "CLOCK_FILE": str(place.clock_file),
        "MONGO_URL": place.store(service),
        "KAFKA": place.kafka,
        "KAFKA_USER": service,
        "KAFKA_PASSWORD_FILE": str(place.secrets / secrets.kafka_file(service)),
        "KAFKA_CA_FILE": str(place.account(service).certificates or ""),
        "PORT": str(place.ports.service(service)),
        "BIND": "127.0.0.1",
        "LOG_LEVEL": "INFO",
        "DRAIN_SECONDS": "0",
        "WORKER": "1",
        "GUNICORN_CONF": str(ROOT / "deploy" / "gunicorn.conf.py"),
    }
    vault = {"VAULT_URL": place.store("vault"), "VAULT_MASTER_KEY_FILE": str(place.secrets / "vault-master.key")}
    own = {
        "referral": vault
        | {
            "BLIND_INDEX_KEY_FILE": str(place.secrets / "blind-index.key"),
            "CONFLICT_KEY_FILE": str(place.secrets / "conflict.key"),
            "STAFF_FILE": str(place.staff_file),
        },
        "scheduling": {},
        "notifications": vault
        | {
            "LINK_KEY_FILE": str(place.secrets / "link.key"),
            "PUBLIC_URL": place.url("notifications"),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(place.ports.smtp),
            "SMTP_TLS": "none",
            "MAIL_FROM": "hello@circlework.example",
        },
    }
    return common | own[service]


def bare_environment() -> Environment:
    """The only variables of the machine's environment that programs get, and two of our own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT / "deploy"), "PYTHONUNBUFFERED": "1"}
