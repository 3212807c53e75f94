"""Events of other services about a person change their standing, and may cause messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from notifications.application.messages import plan_caused, plan_reminders
from notifications.application.ports import HearingWork, Page, StandingWork
from notifications.domain.happenings import Happened
from notifications.domain.ids import PersonId
from notifications.domain.standings import Membership, Standing


@dataclass(frozen=True, slots=True)
class Replace:
    """memberships: all of the person's that are not ended."""

    person: PersonId
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class Erase:
    person: PersonId


@dataclass(frozen=True, slots=True)
class Remind:
    person: PersonId


@dataclass(frozen=True, slots=True)
class Restate:
    person: PersonId


def hear(happened: Happened, work: HearingWork) -> None:
    """Update the membership that an event is about, then plan the messages it causes. Raises Poison for a place that cannot be opened."""
    if happened.membership is None and happened.type not in work.notifications.events:
        return
    standing = _standing(happened.person, work)
    if standing.is_erased:
        return
    is_changed = standing.note(happened)
    is_planned = plan_caused(happened, standing, work)
    if is_changed:
        plan_reminders(standing, work)
    if is_changed or is_planned:
        work.standings.save(standing)


def replace(command: Replace, work: HearingWork) -> None:
    """Replace the memberships by scheduling's state. Plans only reminders. Raises Poison for a place that cannot be opened."""
    standing = _standing(command.person, work)
    if standing.is_erased:
        return
    for membership in command.memberships:
        work.open_place(command.person, membership.sealed)
    standing.replace(command.memberships)
    plan_reminders(standing, work)
    work.standings.save(standing)


def erase(command: Erase, work: HearingWork) -> None:
    """Keep only the bare id. Planned messages are not sent; those that a sender has claimed are settled without an event."""
    standing = _standing(command.person, work)
    for message in work.messages.planned_for(standing):
        message.suppress("erased", work.now)
        work.messages.save(message)
    work.messages.forget_content(standing)
    work.contacts.delete(command.person)
    standing.erase()
    work.standings.save(standing)


def remind(command: Remind, work: HearingWork) -> None:
    """Plan the next reminder of a person whose last one is past."""
    standing = work.standings.get_anywhere(command.person)
    if standing and standing.remind_from and standing.remind_from <= work.now:
        plan_reminders(standing, work)
        work.standings.save(standing)


def restate(command: Restate, work: StandingWork) -> bool:
    """Publish a person's state; returns whether there is such a person."""
    standing = work.standings.get_anywhere(command.person)
    if standing is None or standing.is_erased:
        return False
    work.standings.save(standing, standing.restate())
    return True


def list_unreached(query: Page, work: StandingWork) -> Sequence[Standing]:
    """For roles that know the person: only whose newest message did not arrive. That one did arrive would tell of an offer."""
    return work.standings.unreached(query)


def _standing(person: PersonId, work: HearingWork) -> Standing:
    return work.standings.get_anywhere(person) or Standing(person, work.hub)
