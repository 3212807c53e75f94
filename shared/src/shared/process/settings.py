"""Settings: declared once as the fields of a dataclass; read, checked and documented from that declaration."""

import base64
import os
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from socket import gethostname
from typing import Any, TypeVar, get_type_hints

from environs import Env, EnvValidationError, FileAwareEnv
from marshmallow import ValidationError
from marshmallow.validate import OneOf, Range, Regexp

from shared.errors import Misconfigured
from shared.events.account import Account
from shared.process.hubs import Hubs, deployment, read_hubs, served

S = TypeVar("S")

_DECLARED = "setting"


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment. kind: the parser of environs that reads it.  shown_default: for the documentation."""

    name: str
    kind: str
    about: str
    example: str
    default: object
    shown_default: str
    options: Mapping[str, object]

    @property
    def is_required(self) -> bool:
        return self.default is MISSING


def setting(  # noqa: PLR0913 - one for each thing that docs/operations.md shows
    name: str, kind: str, about: str, example: str, *, default: object = MISSING, shown: str = "", **options: object
) -> Any:
    """A field that is read from the environment. Without a default it must be set.

    kind: str, int, float, path, list, secret (may be given as a file: MONGO_URL_FILE), or key (a file that contains `length`
    bytes in base64).
    """
    shown = shown or ("" if default is MISSING else ", ".join(default) if isinstance(default, list) else str(default))
    declared = Setting(name, kind, about, example, default, shown, options)
    return field(metadata={_DECLARED: declared}, repr=kind not in {"key", "secret"})


def one_of(*choices: str) -> OneOf:
    return OneOf(choices, error=f"not one of {', '.join(choices)}")


def is_there(path: Path) -> None:
    if not path.is_file():
        raise ValidationError(f"{path} is not there.")


@dataclass(frozen=True, kw_only=True)
class OnKafka:
    """As whom a process connects to Kafka."""

    kafka: str = setting("KAFKA", "str", "the brokers to connect to first", "kafka:9092")
    kafka_user: str = setting("KAFKA_USER", "str", "the user to connect as (SCRAM-SHA-512)", "referral")
    kafka_password: str = setting("KAFKA_PASSWORD", "secret", "the password of that user", "change-me")
    kafka_certificates: Path | None = setting(
        "KAFKA_CA_FILE",
        "path",
        "the certificates of the authority that the brokers' certificates are checked against",
        "/run/secrets/kafka-ca.pem",
        default=None,
        shown="no file: no TLS",
        validate=is_there,
    )

    @property
    def account(self) -> Account:
        return Account(self.kafka, self.kafka_user, self.kafka_password, self.kafka_certificates)


@dataclass(frozen=True, kw_only=True)
class Common(OnKafka):
    """The settings of every service. hubs: those this process serves."""

    hubs_file: Path = setting("HUBS_FILE", "path", "the file that lists the hubs", "deploy/hubs.toml")
    only: list[str] = setting("HUBS", "list", "the hubs that this process serves; empty means all", "london,north-west", default=[])
    not_these: list[str] = setting("HUBS_EXCEPT", "list", "the hubs that this process does not serve", "london", default=[])
    deployment: str = setting(
        "DEPLOYMENT",
        "str",
        "the name that all processes of these hubs, and no others, share: their consumer group, lease, heartbeats and halts are "
        "named after it. Under a new name everything is read again",
        "all",
        default="",
        shown="all; with HUBS or HUBS_EXCEPT, a name made from their values",
        validate=Regexp(r"[A-Za-z0-9+._-]{0,200}\Z", error="contains more than letters, digits and + . _ -, or is longer than 200"),
    )
    api_keys: Path = setting("API_KEYS_FILE", "path", "the hashes of the API keys", "/run/secrets/api-keys.json")
    sealing_keys: Path = setting(
        "SEALING_KEYS_FILE", "path", "the keys of sealed fields, for each pair of writer and reader", "/run/secrets/sealing-keys.json"
    )
    signing_key: bytes = setting(
        "SIGNING_KEY_FILE",
        "key",
        "the key that signs the service's events: 32 bytes in base64",
        "/run/secrets/signing.key",
        length=32,
    )
    public_keys: Path = setting(
        "PUBLIC_KEYS_FILE", "path", "the public keys of all services' events, several while one is rotated", "/run/secrets/public-keys.json"
    )
    mongo_url: str = setting(
        "MONGO_URL", "secret", "the service's own store: a replica set", "mongodb://referral-store:27017/?replicaSet=rs0"
    )
    bind: str = setting("BIND", "str", "the address that the API listens on", "127.0.0.1", default="0.0.0.0")  # noqa: S104 - in a container
    drain_seconds: float = setting(
        "DRAIN_SECONDS",
        "float",
        "how many seconds an API that is told to stop fails /readyz before it stops accepting requests",
        "2",
        default=2.0,
    )
    port: int = setting("PORT", "int", "the port that the API listens on", "8001", default=8000, validate=Range(1, 65535))
    threads: int = setting("THREADS", "int", "how many requests the API works on at once", "8", default=8, validate=Range(1, 256))
    request_seconds: float = setting(
        "REQUEST_SECONDS",
        "float",
        "the deadline of a request, from its headers to the response: 408 if its body is late, 503 if the service is",
        "5",
        default=5.0,
        validate=Range(1, 600),
    )
    gunicorn_conf: Path = setting(
        "GUNICORN_CONF", "path", "gunicorn's configuration", "deploy/gunicorn.conf.py", default="deploy/gunicorn.conf.py"
    )
    log_level: str = setting(
        "LOG_LEVEL", "str", "the lowest level logged", "WARNING", default="INFO", validate=one_of("DEBUG", "INFO", "WARNING", "ERROR")
    )
    clock_file: Path | None = setting(
        "CLOCK_FILE",
        "path",
        "a file with the seconds by which the domain's clock is ahead of the real one; embedded stack and tests only",
        "/tmp/clock",  # noqa: S108 - an example
        default=None,
        shown="no file: the real time",
    )
    beat_file: Path | None = setting(
        "BEAT_FILE",
        "path",
        "a file that a worker touches once a second while it is healthy",
        "/run/circlework/beat",
        default=None,
        shown="no file",
    )
    worker: str = setting(
        "WORKER",
        "str",
        "the name of a worker; it stays the same after a restart",
        "consumer-0",
        default=gethostname(),
        shown="the host's name",
    )
    hubs: Hubs = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "deployment", self.deployment or deployment(self.only, self.not_these))
        object.__setattr__(self, "hubs", served(read_hubs(self.hubs_file), self.only, self.not_these))


def read(shape: type[S]) -> S:
    """The settings of a process. Raises Misconfigured, which ends it, naming every setting that is missing or malformed."""
    env, files = _env(), FileAwareEnv(eager=False, strip_whitespace=True)
    known = {each.name: each for each in declared(shape)}
    told: dict[str, list[str]] = {name: ["It is empty."] for name in known if known[name].is_required and os.environ.get(name) == ""}
    try:
        found = _read(shape, env, files)
    except ValueError as error:  # a file named by `…_FILE` that cannot be read
        raise Misconfigured(str(error)) from error
    for each in (env, files):
        try:
            each.seal()
        except EnvValidationError as error:
            told |= {name: list(reasons) for name, reasons in _by_name(error).items()}
    if told:
        raise Misconfigured("\n".join(_mistake(known[name], told[name]) for name in known if name in told))
    return _build(shape, found)


def declared(shape: type) -> Iterator[Setting]:
    """Every setting of a shape and of the shapes inside it, in order."""
    for each in fields(shape):
        if _DECLARED in each.metadata:
            yield each.metadata[_DECLARED]
        elif is_dataclass(inner := get_type_hints(shape)[each.name]) and isinstance(inner, type):
            yield from declared(inner)


def _read(shape: type, env: Env, files: Env) -> dict[str, object]:
    found = {}
    for each in fields(shape):
        if known := each.metadata.get(_DECLARED):
            default = {} if known.is_required else {"default": known.default}
            parser = files.str if known.kind == "secret" else getattr(env, known.kind)
            is_left_out = known.default is None and os.environ.get(known.name) == ""
            found[each.name] = known.default if is_left_out else parser(known.name, **default, **known.options)
        elif each.init:
            found[each.name] = _read(get_type_hints(shape)[each.name], env, files)
    return found


def _build(shape: type[S], found: Mapping[str, object]) -> S:
    hints = get_type_hints(shape)
    return shape(**{name: _build(hints[name], value) if isinstance(value, dict) else value for name, value in found.items()})


def _by_name(error: EnvValidationError) -> Mapping[str, list[str]]:
    if not isinstance(error.error_messages, Mapping):
        raise error
    return error.error_messages


def _mistake(known: Setting, reasons: list[str]) -> str:
    return f"{known.name}: {' '.join(reasons)} Expected: {known.about}; for example {known.name}={known.example}"


def _env() -> Env:
    env = Env(eager=False)
    env.add_parser("key", _key)
    return env


def _key(path: str, length: int) -> bytes:
    try:
        key = base64.b64decode(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ValidationError(f"{path} cannot be read: {error}.") from error
    if len(key) != length:
        raise ValidationError(f"{path} contains {len(key)} bytes, not {length} (openssl rand -base64 -out {path} {length}).")
    return key
