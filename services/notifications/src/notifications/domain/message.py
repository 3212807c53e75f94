"""A message: one e-mail to one person about one thing, and how far it has come.

    planned -> claimed -> submitted -> accepted | rejected | ambiguous      or, before that, suppressed with a reason

Only a death between the final dot and the server's 250 makes a message ambiguous (RFC 1047 tells why that cannot be
avoided): both sides may hold it.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from notifications.domain import events

STATES = ("planned", "claimed", "submitted", "accepted", "rejected", "ambiguous", "suppressed")

LONGEST_WAIT = timedelta(hours=1)
CONTACT_WAIT = timedelta(seconds=30)
SOONEST = timedelta(seconds=0.5)
LONGEST_FOR_CONTACT = timedelta(days=3)
MOST_TRIES = 82  # doubling up to an hour, these last three days


class NoSuchMessage(LookupError):
    """This hub has no such message."""


@dataclass(slots=True)
class Message:
    """data: the causing event's, which names nobody.  due: not before this.  tries: times the server put us off."""

    id: str
    hub: str
    participant: str
    referral: str
    template: str
    cause: str
    cause_type: str
    data: Mapping[str, Any]
    planned_at: datetime
    due: datetime
    session: Mapping[str, Any] = field(default_factory=dict)
    state: str = "planned"
    reason: str = ""
    tries: int = 0
    resent: bool = False
    claimed_by: str = ""
    claimed_until: datetime | None = None
    submitted_at: datetime | None = None
    settled_at: datetime | None = None
    version: int = 0
    said: int = 0

    def accept(self, at: datetime) -> list[events.Accepted]:
        """The server has taken it."""
        self._settle("accepted", "", at)
        return [events.Accepted(self)]

    def reject(self, reason: str, at: datetime) -> list[events.Bounced | events.Ambiguous]:
        """The server has refused it for good; sending it again would not help."""
        if self.resent:
            return self._remain_in_doubt(reason, at)
        self._settle("rejected", reason, at)
        return [events.Bounced(self)]

    def suppress(self, reason: str, at: datetime) -> list[events.Suppressed | events.Ambiguous]:
        """It is not sent, because it is no longer true or cannot be."""
        if self.resent:
            return self._remain_in_doubt(reason, at)
        self._settle("suppressed", reason, at)
        return [events.Suppressed(self)]

    def doubt(self, at: datetime, *, resend: bool) -> list[events.Ambiguous]:
        """Nobody knows whether the server has it. Sent again at most once, if its template allows; else a person decides."""
        if resend and not self.resent:
            self.resent = True
            self._wait("sent again: it is unsure whether it arrived", at)
            return []
        self._settle("ambiguous", "the link died between the last dot and the server's answer", at)
        return [events.Ambiguous(self)]

    def put_off(self, reason: str, at: datetime) -> list[events.Suppressed | events.Ambiguous]:
        """Try again later, each time twice as late, until it has been tried MOST_TRIES times."""
        self.tries += 1
        if self.tries >= MOST_TRIES:
            return self.suppress(f"given up: {reason}", at)
        self._wait(reason, at + min(LONGEST_WAIT, timedelta(seconds=0.25 * 2 ** min(self.tries, 20))))
        return []

    def await_contact(self, at: datetime) -> list[events.Suppressed | events.Ambiguous]:
        """The contact travels on another topic and may come a moment later, or much later; no try of the server's."""
        waited = at - self.planned_at
        if waited > LONGEST_FOR_CONTACT:
            return self.suppress("no contact came", at)
        self._wait("no contact yet", at + max(SOONEST, min(CONTACT_WAIT, waited / 2)))
        return []

    def _remain_in_doubt(self, reason: str, at: datetime) -> list[Any]:
        """Its first copy may have arrived, whatever became of the second."""
        self._settle("ambiguous", f"sent twice, the first time in doubt; the second: {reason}", at)
        return [events.Ambiguous(self)]

    def _wait(self, reason: str, due: datetime) -> None:
        self.state, self.reason, self.due = "planned", reason, due
        self.claimed_by, self.claimed_until = "", None

    def _settle(self, state: str, reason: str, at: datetime) -> None:
        self.state, self.reason, self.settled_at = state, reason, at
        self.claimed_by, self.claimed_until = "", None


def message_id(cause: str, template: str, about: str = "") -> str:
    """The same for the same cause and template, so that an event told again plans nothing again."""
    digest = hashlib.sha256(f"{cause}|{template}|{about}".encode()).digest()
    return "M-" + base64.b32encode(digest[:15]).decode()
