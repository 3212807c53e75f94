"""Sends due messages: claim, check that each is still true, build, deliver to the server, store the outcome."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from typing import Literal, Protocol

from notifications.application.ports import SendingWork
from notifications.domain.ids import MessageId, PersonId
from notifications.domain.messages import Message, Settled
from notifications.domain.notification import NoSuchNotification
from notifications.domain.places import Place
from notifications.domain.standings import Standing
from notifications.domain.truth import CHECKS, Circumstances
from shared.errors import Poison, Retryable
from shared.events.sealing import UnknownSealingKey
from shared.process.in_flight import InFlight
from shared.process.logs import log
from shared.store.mongo import is_away

OutcomeKind = Literal["accepted", "rejected", "deferred", "unsure", "withheld", "unreachable"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a try. kind: by the server: accepted, rejected (for good), deferred (not now) or unsure; without reaching it:
    withheld (for good), unreachable (no contact yet).  reason: the server's code, never its text.  concerns_us: the server refuses
    us, not the address: somebody must look, and the mail is kept."""

    kind: OutcomeKind
    reason: str | None = None
    concerns_us: bool = False


class CannotBuild(ValueError):
    """The message can never become an e-mail; the reason names nobody."""


class NotNow(Exception):
    """The message cannot be built until somebody has corrected a fault. The reason names nobody."""


class NoContact(LookupError):
    """No contact of this person has arrived yet."""


class Claims(Protocol):
    """The messages of a sender's hubs. Each step checks that this sender still has the claim."""

    def claim(self, most: int) -> Sequence[Message]: ...

    def submit(self, message: Message) -> None:
        """Record that the final dot is about to be sent. Raises Stale when the claim is lost."""
        ...

    def release(self, messages: Sequence[Message]) -> None:
        """Release the claims, so that other senders can claim the messages at once."""
        ...

    def settle(self, message: Message, outcome: Outcome) -> None:
        """Run `settle` below, in a transaction."""
        ...

    def recover(self, *, is_start: bool) -> Sequence[Message]:
        """Release the claims of dead senders; returns the messages that they had submitted, and so may have sent.

        At its start a sender takes over from its predecessor of the same name at once; else claims must have lapsed.
        """
        ...

    def work(self, hub: str) -> SendingWork: ...


class MailBuilder(Protocol):
    """Builds the e-mail of a message, about `place` if it is about one. Raises CannotBuild, NotNow, NoContact, NoSuchNotification."""

    def build(self, message: Message, place: Place | None, work: SendingWork) -> EmailMessage: ...


class Server(Protocol):
    def deliver(self, mail: EmailMessage, before_dot: Callable[[], None]) -> Outcome: ...


Trouble = Literal["withheld", "failed", "unreadable", "refused"]  # what the log says as message_withheld, …
Count = Callable[[Trouble], None]


def uncounted(_trouble: Trouble) -> None:
    """Where nobody watches."""


@dataclass(frozen=True, slots=True)
class Sender:
    """in_flight: to how many people mails are sent at once. Those to one person go one after the other, as they fell due.
    count: counts the messages that nobody else could send either, so that somebody hears of them."""

    claims: Claims
    builder: MailBuilder
    server: Server
    in_flight: InFlight = map
    count: Count = uncounted

    def recover(self, *, is_start: bool) -> None:
        """After a sender died: messages between the final dot and the server's answer are in doubt."""
        for message in self.claims.recover(is_start=is_start):
            self._by_itself(message, partial(self.claims.settle, message, Outcome("unsure")))

    def send_due(self, told_to_stop: Callable[[], bool] = lambda: False, most: int = 20) -> int:
        """Send up to `most` due messages; returns how many were tried. When told to stop, releases the claims on the rest."""
        mails: dict[PersonId, list[Message]] = defaultdict(list)
        for message in self.claims.claim(most):
            mails[message.person].append(message)
        return sum(self.in_flight(lambda messages: self._send_all(messages, told_to_stop), mails.values()))

    def _send_all(self, messages: Sequence[Message], told_to_stop: Callable[[], bool]) -> int:
        for number, message in enumerate(messages):
            if told_to_stop():
                self.claims.release(messages[number:])
                return number
            self._send(message)
        return len(messages)

    def _send(self, message: Message) -> None:
        self._by_itself(message, lambda: self._deliver(message))

    def _by_itself(self, message: Message, do: Callable[[], None]) -> None:
        """Whatever is wrong with one message, the others go on: its claim lapses, and it is tried again later. Raises Retryable, and what
        the driver raises while the store is unavailable."""
        try:
            do()
        except Retryable:
            raise
        except Exception as error:
            if is_away(error):
                raise
            log().error("message_failed", message=message.id, template=message.template, error=type(error).__name__)
            self.count("failed")

    def _deliver(self, message: Message) -> None:
        mail = self._built(message)
        if isinstance(mail, Outcome):
            return self.claims.settle(message, mail)
        outcome = self.server.deliver(mail, lambda: self.claims.submit(message))
        if outcome.concerns_us:
            log().error("message_refused", message=message.id, template=message.template, reason=outcome.reason)
            self.count("refused")
        return self.claims.settle(message, outcome)

    def _built(self, message: Message) -> EmailMessage | Outcome:
        """The e-mail, or the outcome that explains why there is none."""
        work = self.claims.work(message.hub)
        try:
            return self._still_true(message, work)
        except NoSuchNotification:  # another sender, of a newer release, may have it
            return Outcome("deferred", "this sender does not know the template")
        except NoContact:
            return Outcome("unreachable")
        except NotNow as error:
            return Outcome("deferred", str(error))
        except UnknownSealingKey as error:
            what = str(error).partition(":")[0]
            return Outcome("deferred", f"{what}: add that key to SEALING_KEYS_FILE and restart the sender, which then tries again")
        except (CannotBuild, Poison) as error:
            log().error("message_withheld", message=message.id, template=message.template, reason=str(error))
            self.count("withheld")
            return Outcome("withheld", str(error))

    def _still_true(self, message: Message, work: SendingWork) -> EmailMessage | Outcome:
        notification = work.notifications.get(message.template)
        standing = work.standings.get_anywhere(message.person)
        if standing and standing.is_erased:
            return Outcome("withheld", "erased")
        place = _place(message, standing, work)
        if untrue := CHECKS[notification.still_true](Circumstances(message, standing, place, work.now)):
            return Outcome("withheld", f"no longer true: {untrue}")
        return self.builder.build(message, place, work)


def _place(message: Message, standing: Standing | None, work: SendingWork) -> Place | None:
    """The place as last published: the timetable may have changed since the message was planned."""
    known = standing.membership(message.membership) if standing else None
    sealed = known.sealed if known else message.place
    return work.open_place(message.person, sealed) if sealed else None


@dataclass(frozen=True, slots=True)
class Settle:
    """version: of the message as it was claimed."""

    message: MessageId
    version: int
    outcome: Outcome


def settle(command: Settle, work: SendingWork) -> None:
    """Store the outcome of a message, unless the claim was lost meanwhile. Nothing is published about an erased person."""
    message = work.messages.get(command.message)
    if message is None or message.version != command.version:
        return
    standing = work.standings.get_anywhere(message.person) or Standing(message.person, message.hub)
    happened = _decide(message, command.outcome, work)
    work.messages.save(message)
    if happened and not standing.is_erased:
        _note(message, command.outcome, standing, work)
        work.standings.save(standing, happened)


def _note(message: Message, outcome: Outcome, standing: Standing, work: SendingWork) -> None:
    """Update the standing. An offer counts as sent once the server has accepted a mail with its answer link."""
    standing.note_settled(message)
    entry = work.notifications.entries.get(message.template)
    if outcome.kind == "accepted" and message.membership and entry and entry.answers:
        standing.note_told(message.membership)


def _decide(message: Message, outcome: Outcome, work: SendingWork) -> list[Settled]:
    reason, entry = outcome.reason or "no reason was given", work.notifications.entries.get(message.template)
    match outcome.kind:
        case "accepted":
            return message.accept(work.now)
        case "rejected":
            return message.reject(reason, work.now)
        case "deferred":
            return message.put_off(reason, work.now)
        case "withheld":
            return message.suppress(reason, work.now)
        case "unreachable":
            return message.await_contact(work.now)
        case "unsure":
            return message.doubt(work.now, resend=entry is not None and entry.resend_when_unsure)
