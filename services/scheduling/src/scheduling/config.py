"""Settings of the scheduling service, read from the environment once; called only by bootstrap.

There is no setting for the vault: this service has no way to learn who anybody is.
"""

from dataclasses import dataclass
from pathlib import Path

from environs import Env

from shared.settings import Common, common, settings

CATALOGUE = Path(__file__).parent / "data" / "catalogue"


@dataclass(frozen=True, slots=True)
class Settings:
    """common: what every service has.  catalogue: the folder of modalities."""

    common: Common
    catalogue: Path


def read() -> Settings:
    return settings(_read)


def _read(env: Env) -> Settings:
    return Settings(common=common(env), catalogue=env.path("CATALOGUE", CATALOGUE))
