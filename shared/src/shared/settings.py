"""Settings that every service has, read from the environment once; each service's `config.py` adds its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname
from typing import TypeVar

from environs import Env, EnvError
from marshmallow.validate import OneOf

from shared.errors import Misconfigured
from shared.hubs import Hubs, read_hubs, served

S = TypeVar("S")

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """worker: the name under which a consumer is known to its group; the same again after a restart."""

    hubs: Hubs
    api_keys: Path
    mongo_url: str
    kafka: str
    port: int
    log_level: str
    worker: str


def common(env: Env) -> Common:
    hubs = read_hubs(env.path("HUBS_FILE"))
    return Common(
        hubs=served(hubs, env.list("HUBS", []), env.list("HUBS_EXCEPT", [])),
        api_keys=env.path("API_KEYS_FILE"),
        mongo_url=env.str("MONGO_URL"),
        kafka=env.str("KAFKA"),
        port=env.int("PORT", 8000),
        log_level=env.str("LOG_LEVEL", "INFO", validate=OneOf(LEVELS)),
        worker=env.str("WORKER", gethostname()),
    )


def settings(read: Callable[[Env], S]) -> S:
    """Read the environment with `read`. Raises Misconfigured, which ends the process, naming what is missing or malformed."""
    try:
        return read(Env())
    except EnvError as error:
        raise Misconfigured(f"Setting: {error}. docs/operations.md lists every setting with an example.") from error
