"""Brings those who wait and groups with room together. One offer at a time for each who waits."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from scheduling.application.ports import Work
from scheduling.domain import placement
from scheduling.domain.entry import Entry, Offer
from scheduling.domain.group import Group, Member


def place(entry: Entry, work: Work, events: Iterable[Any] = ()) -> None:
    """Offer the best group that `entry` can join, or keep why there is none; saves it with `events` before."""
    work.take_turn()
    candidate, possible = entry.candidate, []
    for group in work.groups.wished_for(entry.wishes):
        found = placement.rejections(candidate, group, work.now)
        entry.note(group.id, found) if found else possible.append(group)
    chosen = placement.best(candidate, possible, work.now)
    offered = _offer(entry, chosen, work) if chosen else []
    work.entries.save(entry, [*events, *offered])


def fill(group: Group, work: Work) -> None:
    """A place may have come up in `group`: ask those who wait, the most urgent and longest waiting first."""
    work.take_turn()
    for entry in work.entries.waiting_for(group):
        found = placement.rejections(entry.candidate, group, work.now)
        if not found:
            work.entries.save(entry, _offer(entry, group, work))
        elif entry.note(group.id, found):
            work.entries.save(entry)


def _offer(entry: Entry, group: Group, work: Work) -> list[Any]:
    """An offer with a deadline, or to a drop-in group the times at once."""
    if group.terms.is_open_access:
        return list(entry.give_times(group))
    offer = Offer(work.new_id("O"), group.id, work.now, _deadline(group, work.now))
    group.hold(member(entry, offer.id))
    work.groups.save(group)
    return list(entry.offer(offer, group))


def _deadline(group: Group, now: datetime) -> datetime:
    """A closed series cannot be joined once it has begun, so no offer of it stands longer."""
    wanted = now + timedelta(hours=group.terms.offer_hours)
    return min(wanted, group.meetings[0].start) if group.terms.membership == "closed" else wanted


def member(entry: Entry, offer: str) -> Member:
    """How a group knows somebody to whom it is offered."""
    return Member(entry.participant, entry.id, offer, entry.facts.grade, entry.conflicts)


def release(offer: Offer, work: Work) -> None:
    """Free the place of an offer and ask the next. Whoever had it has been saved."""
    group = work.groups.get(offer.group)
    group.give_up(offer.id)
    work.groups.save(group)
    fill(group, work)
