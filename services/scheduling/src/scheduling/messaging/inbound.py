"""What this service does when it hears something: a table, and how each event reads as a command."""

from dataclasses import asdict

from scheduling.application import handlers
from scheduling.application.commands import StartWaiting, TakeAnswer
from scheduling.application.ports import Work
from scheduling.domain.people import Conflicts, Facilitator, Facts, Window, Wishes
from shared.contracts import notifications, parts, referral
from shared.events.inbox import Subscriptions


def start_waiting(fact: referral.Accepted, work: Work) -> None:
    command = StartWaiting(
        referral=fact.referral,
        participant=fact.participant,
        facts=Facts(**asdict(fact.facts)),
        conflicts=_conflicts(fact.conflicts),
        wishes=Wishes(**asdict(fact.wishes)),
        availability=tuple(Window(**asdict(window)) for window in fact.availability),
        urgency=fact.urgency,
        clock_start=fact.clock_start,
    )
    handlers.start_waiting(command, work)


def release_everything(fact: referral.Withdrawn, work: Work) -> None:
    handlers.release_everything(fact.referral, work)


def keep_facilitator(fact: referral.FacilitatorRegistered, work: Work) -> None:
    facilitator = Facilitator(fact.facilitator, fact.display_name, fact.hubs, _conflicts(fact.conflicts))
    handlers.keep_facilitator(facilitator, work)


def take_answer(fact: notifications.Answered, work: Work) -> None:
    handlers.take_answer(TakeAnswer(fact.referral, fact.to, fact.answer, fact.answered_at), work)


SUBSCRIPTIONS: Subscriptions = {
    referral.Accepted: start_waiting,
    referral.Withdrawn: release_everything,
    referral.FacilitatorRegistered: keep_facilitator,
    notifications.Answered: take_answer,
}


def _conflicts(blinded: parts.Conflicts) -> Conflicts:
    return Conflicts(own=blinded.own, ties=blinded.ties, never_with=blinded.never_with)
