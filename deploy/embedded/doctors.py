"""Plays the doctors of the examples: reads their mails and answers offers by the link, as the story says."""

import email
import re
import threading
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Self

import httpx

_LINK = re.compile(r"https?://\S+/answer/\S+")


class Doctors:
    """answers: what each address answers: accept, decline or none."""

    def __init__(self, maildir: Path, answers: Mapping[str, str]) -> None:
        self._maildir, self._answers, self._seen = maildir, answers, set[str]()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True, name="doctors")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=10)

    def _read(self) -> None:
        while not self._over.wait(0.2):
            for path in mails(self._maildir):
                if path.name not in self._seen and self._answered(path):
                    self._seen.add(path.name)

    def _answered(self, path: Path) -> bool:
        """Answer the offer in a mail, if it holds one; whether it needs no more looking at."""
        mail = parsed(path)
        answer, link = self._answers.get(str(mail["To"]), "none"), link_in(mail)
        if link is None or answer == "none":
            return True
        try:
            httpx.get(link, timeout=10)  # reading it first, as a browser does, changes nothing
            return httpx.post(link, data={"answer": answer}, timeout=10).status_code < 500  # noqa: PLR2004
        except httpx.HTTPError:
            return False  # the service is being started anew: try again


def mails(maildir: Path) -> list[Path]:
    """The files of all mails, oldest first."""
    return sorted((maildir / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)


def parsed(path: Path) -> EmailMessage:
    found = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    if not isinstance(found, EmailMessage):
        raise TypeError(f"{path} is no mail")
    return found


def link_in(mail: EmailMessage) -> str | None:
    body = mail.get_body(("plain",))
    found = _LINK.search(body.get_content()) if body else None
    return found.group() if found else None
