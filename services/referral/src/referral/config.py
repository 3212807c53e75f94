"""Settings of the referral service, read from the environment once; called only by bootstrap."""

from dataclasses import dataclass
from pathlib import Path

from environs import Env

from shared.settings import Common, common, settings


@dataclass(frozen=True, slots=True)
class Settings:
    """common: what every service has.  The key files hold base64; vault_master_key 96 bytes, the others 32."""

    common: Common
    vault_url: str
    vault_master_key: Path
    blind_index_key: Path
    conflict_key: Path


def read() -> Settings:
    return settings(_read)


def _read(env: Env) -> Settings:
    return Settings(
        common=common(env),
        vault_url=env.str("VAULT_URL"),
        vault_master_key=env.path("VAULT_MASTER_KEY_FILE"),
        blind_index_key=env.path("BLIND_INDEX_KEY_FILE"),
        conflict_key=env.path("CONFLICT_KEY_FILE"),
    )
