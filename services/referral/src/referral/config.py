"""Settings of the referral service, read from the environment once; called only by bootstrap."""

from dataclasses import dataclass
from pathlib import Path

from marshmallow.validate import Range

from shared.process.settings import Common, is_there, setting
from shared.process.settings import read as read_settings
from shared.store.vault import VAULT_KEY, VAULT_URL


@dataclass(frozen=True, kw_only=True)
class Settings:
    common: Common
    vault_url: str = VAULT_URL
    vault_key: bytes = VAULT_KEY
    blind_index_key: bytes = setting(
        "BLIND_INDEX_KEY_FILE",
        "key",
        "the key of the index by which a person is found again: 32 bytes in base64",
        "/run/secrets/blind-index.key",
        length=32,
    )
    conflict_key: bytes = setting(
        "CONFLICT_KEY_FILE",
        "key",
        "the key that blinds where people work and live: 32 bytes in base64",
        "/run/secrets/conflict.key",
        length=32,
    )
    staff_file: Path = setting(
        "STAFF_FILE", "path", "the hubs' staff, of whom intake may register facilitators", "deploy/staff.toml", validate=is_there
    )
    import_seconds: float = setting(
        "IMPORT_SECONDS", "float", "the deadline of an import of referrals", "60", default=60.0, validate=Range(1, 600)
    )


def read() -> Settings:
    return read_settings(Settings)
