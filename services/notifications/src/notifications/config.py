"""Settings of the notifications service, read from the environment once; called only by bootstrap."""

from dataclasses import dataclass
from pathlib import Path

from environs import Env
from marshmallow.validate import OneOf

from shared.settings import Common, common, settings


@dataclass(frozen=True, slots=True)
class Settings:
    """public_url: where participants reach the pages of signed links.  smtp_tls: starttls or none.
    mail_from and mail_from_name: what a mailbox shows as sender; they must say nothing of health."""

    common: Common
    vault_url: str
    vault_master_key: Path
    link_key: Path
    public_url: str
    smtp_host: str
    smtp_port: int
    smtp_tls: str
    mail_from: str
    mail_from_name: str


def read() -> Settings:
    return settings(_read)


def _read(env: Env) -> Settings:
    return Settings(
        common=common(env),
        vault_url=env.str("VAULT_URL"),
        vault_master_key=env.path("VAULT_MASTER_KEY_FILE"),
        link_key=env.path("LINK_KEY_FILE"),
        public_url=env.str("PUBLIC_URL").rstrip("/"),
        smtp_host=env.str("SMTP_HOST"),
        smtp_port=env.int("SMTP_PORT", 587),
        smtp_tls=env.str("SMTP_TLS", "starttls", validate=OneOf(["starttls", "none"])),
        mail_from=env.str("MAIL_FROM"),
        mail_from_name=env.str("MAIL_FROM_NAME", "Circlework"),
    )
