"""How to reach a running Circlework, wherever it runs: the URLs of the services, their keys, and the mailbox."""

import email
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import httpx

from embedded.secrets import ApiKeys


class Mailbox(Protocol):
    def mails(self) -> Iterator[tuple[str, EmailMessage]]:
        """(id, mail) of every mail that has arrived, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Deployment:
    """urls: of each service.  keys: by hub and role."""

    urls: Mapping[str, str]
    keys: ApiKeys
    mailbox: Mailbox


@dataclass(frozen=True, slots=True)
class Maildir:
    folder: Path

    def mails(self) -> Iterator[tuple[str, EmailMessage]]:
        return ((path.name, parsed(path)) for path in mails(self.folder))


@dataclass(frozen=True, slots=True)
class Mailpit:
    """https://mailpit.axllent.org/docs/api-v1/"""

    url: str

    def mails(self) -> Iterator[tuple[str, EmailMessage]]:
        listed = httpx.get(f"{self.url}/api/v1/messages", params={"limit": 500}, timeout=20).json()["messages"]
        for each in reversed(listed):  # it lists the newest first
            raw = httpx.get(f"{self.url}/api/v1/message/{each['ID']}/raw", timeout=20).content
            yield each["ID"], _mail(raw)


def mails(maildir: Path) -> list[Path]:
    """The files of all mails, oldest first."""
    return sorted((maildir / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)


def parsed(path: Path) -> EmailMessage:
    return _mail(path.read_bytes())


def _mail(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=policy.default)
    if not isinstance(found, EmailMessage):
        raise TypeError("no mail")
    return found
