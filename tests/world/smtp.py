"""The way to the mail server: what it does with each mail is a matter of chance, and its sender may be killed at every step."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from notifications.adapters.mail_builder import MailBuilder
from notifications.application.ports import SendingWork
from notifications.application.sending import Outcome
from notifications.domain.messages import Message
from notifications.domain.places import Place
from support.smtp import ACCEPTS, Part, Step, answers, refuses
from world.runtime import World

_MAY_GO_WRONG: tuple[Part, ...] = (
    answers("deferred", "451"),
    answers("rejected", "550"),
    answers("unsure", "no answer to the dot"),
    refuses("deferred", "421"),
    refuses("rejected", "554"),
)


@dataclass
class WorldServer:
    """world.mail: one server for the whole history; it knows every Message-ID whose dot it may have seen."""

    world: World

    def deliver(self, mail: EmailMessage, before_dot: Callable[[], None]) -> Outcome:
        scheduler = self.world.scheduler
        scheduler.point("smtp")
        self.world.mail.parts = [killable(self.world, _part(scheduler.rng, scheduler.chances.mail))]
        return self.world.mail.deliver(mail, before_dot)


def _part(rng: random.Random, chance: float) -> Part:
    return rng.choice(_MAY_GO_WRONG) if rng.random() < chance else ACCEPTS


def killable(world: World, part: Part) -> Part:
    """The sender may die between the dot and the answer."""

    def play(before_dot: Step) -> Outcome:
        outcome = part(before_dot)
        world.scheduler.point("smtp answer")
        return outcome

    return play


@dataclass(frozen=True, slots=True)
class PlainBuilder(MailBuilder):
    """The real one without templates and calendar, which other tests look at: they are most of a mail's cost."""

    def build(self, message: Message, _place: Place | None, work: SendingWork) -> EmailMessage:
        work.notifications.get(message.template)
        opened = self._opened(message, work)
        mail = EmailMessage()
        mail["Message-ID"], mail["To"] = f"<{message.id}>", opened["email"]
        return mail
