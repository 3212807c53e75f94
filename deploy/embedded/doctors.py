"""Plays the doctors of the examples: reads their mails and answers offers by the link, following the story."""

import re
import threading
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Self

import httpx

from embedded.deployment import Mailbox

_LINK = re.compile(r"https?://\S+/answer/\S+")


class Doctors:
    """answers: of each address: accept, decline or none."""

    def __init__(self, mailbox: Mailbox, answers: Mapping[str, str]) -> None:
        self._mailbox, self._answers, self._seen = mailbox, answers, set[str]()
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
            for identity, mail in self._mailbox.mails():
                if identity not in self._seen and self._answered(mail):
                    self._seen.add(identity)

    def _answered(self, mail: EmailMessage) -> bool:
        """Answer the offer in a mail, if it contains one; returns whether the mail is done with."""
        answer, link = self._answers.get(str(mail["To"]), "none"), link_in(mail)
        if link is None or answer == "none":
            return True
        try:
            httpx.get(link, timeout=10)  # read the page first, as a browser does, which must change nothing
            return httpx.post(link, data={"answer": answer}, timeout=10).status_code < 500  # noqa: PLR2004
        except httpx.HTTPError:
            return False  # the service is being restarted: try again


def link_in(mail: EmailMessage) -> str | None:
    body = mail.get_body(("plain",))
    found = _LINK.search(body.get_content()) if body else None
    return found.group() if found else None
