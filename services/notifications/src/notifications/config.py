"""Settings of the notifications service, read from the environment once; called only by bootstrap."""

from dataclasses import dataclass

from shared.process.settings import Common, one_of, setting
from shared.process.settings import read as read_settings
from shared.store.vault import VAULT_KEY, VAULT_URL


@dataclass(frozen=True, kw_only=True)
class Settings:
    """mail_from and mail_from_name: the sender that a mailbox shows; they must not hint at health."""

    common: Common
    vault_url: str = VAULT_URL
    vault_key: bytes = VAULT_KEY
    link_key: bytes = setting("LINK_KEY_FILE", "key", "the key that signs links: 32 bytes in base64", "/run/secrets/link.key", length=32)
    public_url: str = setting(
        "PUBLIC_URL", "str", "the URL at which participants reach the pages of signed links", "https://answers.circlework.example"
    )
    smtp_host: str = setting("SMTP_HOST", "str", "the SMTP server that accepts our e-mails", "smtp.circlework.example")
    smtp_port: int = setting("SMTP_PORT", "int", "its port", "587", default=587)
    smtp_tls: str = setting(
        "SMTP_TLS",
        "str",
        "starttls: verified, and never in clear text; none: for a server on this machine",
        "none",
        default="starttls",
        validate=one_of("starttls", "none"),
    )
    mails_in_flight: int = setting(
        "MAILS_IN_FLIGHT", "int", "how many mails a sender delivers at once, each over a connection of its own", "4", default=4
    )
    mail_from: str = setting("MAIL_FROM", "str", "the sender's address", "hello@circlework.example")
    mail_from_name: str = setting("MAIL_FROM_NAME", "str", "the sender's name", "Circlework", default="Circlework")


def read() -> Settings:
    """The settings from the environment. Raises Misconfigured, naming all that are missing or malformed."""
    return read_settings(Settings)
