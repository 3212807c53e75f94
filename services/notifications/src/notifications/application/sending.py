"""Sends what is due: claim, check that it is still true, build, hand over to the server, keep what came of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol

from notifications.application.ports import Work
from notifications.domain.message import Message
from notifications.domain.notification import NoSuchNotification
from notifications.domain.truth import CHECKS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a server did. kind: accepted, rejected (for good), deferred (not now) or unsure.  reason: its code, never its text."""

    kind: str
    reason: str = ""


class CannotBuild(ValueError):
    """The message cannot become an e-mail, and never will; the reason names nobody."""


class NoContact(LookupError):
    """Nobody has told yet how to reach this participant."""


class Claims(Protocol):
    """The messages of a sender's hubs. Each step checks that the claim still is this sender's."""

    def claim(self, most: int) -> Sequence[Message]: ...

    def submit(self, message: Message) -> None:
        """Note that the final dot is about to be sent. Raises Stale when the claim is lost."""
        ...

    def give_back(self, messages: Sequence[Message]) -> None:
        """Others may have them at once."""
        ...

    def settle(self, message: Message, decide: Callable[[Message, Work], Iterable[Any]]) -> None: ...

    def recover(self, *, is_start: bool) -> Sequence[Message]:
        """Give back what dead senders had claimed; what they had submitted, they may have sent: those are returned.

        At its start a sender takes over from its predecessor of the same name at once; else claims must have lapsed.
        """
        ...

    def work(self, hub: str) -> Work: ...


class Post(Protocol):
    """Builds the e-mail of a message. Raises CannotBuild, NoContact."""

    def build(self, message: Message, work: Work) -> EmailMessage: ...


class Server(Protocol):
    def deliver(self, mail: EmailMessage, before_dot: Callable[[], None]) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Sender:
    claims: Claims
    post: Post
    server: Server

    def recover(self, *, is_start: bool) -> None:
        """After a death: whatever was between the dot and the answer is in doubt."""
        for message in self.claims.recover(is_start=is_start):
            self._settle(message, Outcome("unsure"))

    def send_due(self, told_to_stop: Callable[[], bool] = lambda: False, most: int = 20) -> int:
        """Send up to `most` due messages; how many were sent. When told to stop, what is claimed and not sent is given back."""
        claimed = list(self.claims.claim(most))
        for number, message in enumerate(claimed):
            if told_to_stop():
                self.claims.give_back(claimed[number:])
                return number
            self._send(message)
        return len(claimed)

    def _send(self, message: Message) -> None:
        work = self.claims.work(message.hub)
        try:
            if untrue := _untrue(message, work):
                return self._suppress(message, f"no longer true: {untrue}")
            mail = self.post.build(message, work)
        except NoSuchNotification:  # another sender, of a newer release, may know it
            return self.claims.settle(message, lambda m, w: m.put_off("this sender does not know the template", w.now))
        except NoContact:
            return self.claims.settle(message, lambda m, w: m.await_contact(w.now))
        except CannotBuild as error:
            return self._suppress(message, str(error))
        outcome = self.server.deliver(mail, lambda: self.claims.submit(message))
        return self._settle(message, outcome)

    def _suppress(self, message: Message, reason: str) -> None:
        self.claims.settle(message, lambda m, w: m.suppress(reason, w.now))

    def _settle(self, message: Message, outcome: Outcome) -> None:
        self.claims.settle(message, lambda m, w: _decide(m, outcome, w))


def _note_what_was_told(message: Message, work: Work) -> None:
    """An offer is told once a mail with its answers has been taken."""
    standing = work.standings.find(message.referral)
    if standing and work.notifications.get(message.template).answers:
        standing.tell(message.data["offer"])
        work.standings.save(standing)


def _untrue(message: Message, work: Work) -> str | None:
    """Why what the message says is no longer true."""
    check = CHECKS[work.notifications.get(message.template).still_true]
    try:
        return check(message, work.standings.find(message.referral), work.now)
    except (KeyError, TypeError, ValueError) as error:
        raise CannotBuild(f"what it says cannot be checked ({type(error).__name__})") from error


def _decide(message: Message, outcome: Outcome, work: Work) -> Iterable[Any]:
    if outcome.kind == "accepted":
        _note_what_was_told(message, work)
        return message.accept(work.now)
    if outcome.kind == "rejected":
        return message.reject(outcome.reason, work.now)
    if outcome.kind == "deferred":
        return message.put_off(outcome.reason, work.now)
    return message.doubt(work.now, resend=work.notifications.get(message.template).resend_when_unsure)
