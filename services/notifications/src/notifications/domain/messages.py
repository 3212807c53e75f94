"""A message: one e-mail to one person about one thing, and its state.

    planned -> claimed -> submitted -> accepted | rejected | ambiguous      or, before that, suppressed or superseded with a reason

Only a failure between the final dot and the server's 250 makes a message ambiguous (RFC 1047 explains why that cannot be
avoided): both sides may have it.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from notifications.domain.ids import EventId, MembershipId, MessageId, PersonId, SessionId

MessageState = Literal["planned", "claimed", "submitted", "accepted", "rejected", "ambiguous", "suppressed", "superseded"]
STATES: tuple[MessageState, ...] = get_args(MessageState)
NOT_ARRIVED: tuple[MessageState, ...] = ("rejected", "ambiguous")  # or perhaps not: somebody should look at the address

LONGEST_WAIT = timedelta(hours=1)
CONTACT_WAIT = timedelta(seconds=30)
SOONEST = timedelta(seconds=0.5)
LONGEST_FOR_CONTACT = timedelta(days=3)
MOST_TRIES = 82  # doubling up to an hour, these last three days


class NoSuchMessage(LookupError):
    """This hub has no such message."""


@dataclass(frozen=True, slots=True)
class _OfMessage:
    """The message, its recipient, its template, and the events that it is about."""

    person: PersonId
    message: MessageId
    template: str
    causes: tuple[EventId, ...]


@dataclass(frozen=True, slots=True)
class Accepted(_OfMessage):
    """The mail server has accepted it."""


@dataclass(frozen=True, slots=True)
class Bounced(_OfMessage):
    reason: str


@dataclass(frozen=True, slots=True)
class Suppressed(_OfMessage):
    reason: str


@dataclass(frozen=True, slots=True)
class Ambiguous(_OfMessage):
    reason: str


Settled = Accepted | Bounced | Suppressed | Ambiguous


@dataclass(slots=True)
class Message:
    """causes: the events it is about.  membership, place: those it is about, the place sealed as received; None if there is none.
    session: of a reminder.  due: when it may be sent.  tries: how often it was put off."""

    id: MessageId
    hub: str
    person: PersonId
    template: str
    causes: tuple[EventId, ...]
    cause_type: str
    planned_at: datetime
    due: datetime
    membership: MembershipId | None = None
    place: str | None = None
    session: SessionId | None = None
    state: MessageState = "planned"
    reason: str | None = None
    tries: int = 0
    resent: bool = False
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    submitted_at: datetime | None = None
    settled_at: datetime | None = None
    version: int = 0

    @property
    def _which(self) -> tuple[PersonId, MessageId, str, tuple[EventId, ...]]:
        return self.person, self.id, self.template, self.causes

    def accept(self, at: datetime) -> list[Settled]:
        """The mail server has accepted it."""
        self._settle("accepted", None, at)
        return [Accepted(*self._which)]

    def reject(self, reason: str, at: datetime) -> list[Settled]:
        """The server has refused it for good; sending it again would not help."""
        if self.resent:
            return self._remain_in_doubt(reason, at)
        self._settle("rejected", reason, at)
        return [Bounced(*self._which, reason)]

    def suppress(self, reason: str, at: datetime) -> list[Settled]:
        """Do not send it, because it is no longer true or cannot be sent."""
        if self.resent:
            return self._remain_in_doubt(reason, at)
        self._settle("suppressed", reason, at)
        return [Suppressed(*self._which, reason)]

    def doubt(self, at: datetime, *, resend: bool) -> list[Settled]:
        """It is not known whether the server has it. Sent again at most once, if its template allows; otherwise a person decides."""
        if resend and not self.resent:
            self.resent = True
            self._wait("sent again: it is unsure whether it arrived", at)
            return []
        return self._leave_ambiguous("the link died between the last dot and the server's answer", at)

    def put_off(self, reason: str, at: datetime) -> list[Settled]:
        """Try again later, doubling the wait up to an hour, until it has been tried MOST_TRIES times."""
        self.tries += 1
        if self.tries >= MOST_TRIES:
            return self.suppress(f"given up: {reason}", at)
        self._wait(reason, at + min(LONGEST_WAIT, timedelta(seconds=0.25 * 2 ** min(self.tries, 20))))
        return []

    def await_contact(self, at: datetime) -> list[Settled]:
        """Wait for the contact, which is on another topic and may come a moment or days later; does not count as a try."""
        waited = at - self.planned_at
        if waited > LONGEST_FOR_CONTACT:
            return self.suppress("no contact came", at)
        self._wait("no contact yet", at + max(SOONEST, min(CONTACT_WAIT, waited / 2)))
        return []

    def follow(self, newer: "Message") -> None:
        """Take the due time and place of a newer one, because the timetable changed before it was sent."""
        self.place, self.due = newer.place, newer.due

    def _remain_in_doubt(self, reason: str, at: datetime) -> list[Settled]:
        """Ambiguous: its first copy may have arrived, whatever happened to the second."""
        return self._leave_ambiguous(f"sent twice, the first time in doubt; the second: {reason}", at)

    def _leave_ambiguous(self, reason: str, at: datetime) -> list[Settled]:
        self._settle("ambiguous", reason, at)
        return [Ambiguous(*self._which, reason)]

    def _wait(self, reason: str, due: datetime) -> None:
        self.state, self.reason, self.due = "planned", reason, due
        self.claimed_by, self.claimed_until = None, None

    def _settle(self, state: MessageState, reason: str | None, at: datetime) -> None:
        self.state, self.reason, self.settled_at = state, reason, at
        self.claimed_by, self.claimed_until = None, None


def message_id(cause: str, template: str, about: str = "") -> MessageId:
    """The same for the same cause and template, so that a repeated event plans no second message."""
    digest = hashlib.sha256(f"{cause}|{template}|{about}".encode()).digest()
    return MessageId("M-" + base64.b32encode(digest[:15]).decode())
