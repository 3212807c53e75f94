"""Places: offered by the matcher, answered by the person, lapsed at the deadline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduling.application.ports import PlacementWork
from scheduling.domain.groups import Group
from scheduling.domain.ids import GroupId, MembershipId, PersonId
from scheduling.domain.matching import Decision
from scheduling.domain.memberships import Answer, LateYes, Membership, Placement
from scheduling.domain.people import Person
from scheduling.domain.placement import Candidate, fits, rejections
from scheduling.domain.waiting import WaitingEntry
from shared.errors import theirs


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    person: PersonId
    membership: MembershipId
    answer: Answer
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Lapse:
    membership: MembershipId


@dataclass(frozen=True, slots=True)
class OffersOf:
    person: PersonId


@dataclass(frozen=True, slots=True)
class MembersOf:
    group: GroupId


def offer(command: Decision, work: PlacementWork) -> MembershipId | None:
    """Carry out the matcher's decision, if it still holds for the data read here; None if it does not."""
    entry, group = work.entries.find(command.entry), work.groups.get_anywhere(command.group)
    if entry is None or entry.state != "waiting":
        return None
    person = work.people.get(entry.person)
    others = tuple(work.people.records_of(person))
    candidate = entry.candidate(person, (person, *others))
    if candidate is None or not _still_holds(candidate, group, work.now):
        return None
    placement = Placement(new_membership(entry, group, work), group, person, entry, others)
    happened = placement.offer(candidate, work.now) if command.what == "offer" else placement.give_pass(work.now)
    work.save(placement, happened)
    return placement.membership.id


def _still_holds(candidate: Candidate, group: Group, at: datetime) -> bool:
    return not any(record.has_open_offer for record in candidate.records) and fits(candidate, group, at)


def new_membership(entry: WaitingEntry, group: Group, work: PlacementWork) -> Membership:
    return Membership(
        id=MembershipId(work.new_id("S")),
        hub=entry.hub,
        person=entry.person,
        group=group.id,
        kind=group.terms.kind,
        state="held",
        entry=entry.id,
        referral=entry.referral,
        booking=entry.booking,
    )


def answer(command: TakeAnswer, work: PlacementWork) -> None:
    """Take an answer. A yes that was given in time but arrives late makes a new membership if there is room.

    Raises Poison for another person's place, or one that was never offered here.
    """
    person, found = work.people.find(command.person), work.memberships.find(command.membership)
    if person and person.is_erased:
        return
    membership = theirs(f"place {command.membership}", found, found.person if found else None, command.person)
    placement = work.placement_of(membership)
    try:
        happened = placement.answer(command.answer, command.answered_at, work.now)
    except LateYes:
        _take_late(placement, work)
    else:
        if happened:
            work.save(placement, happened)


def answer_all(commands: tuple[TakeAnswer, ...], work: PlacementWork) -> None:
    """Take answers that are published again; one already taken, or to an unknown place, changes nothing."""
    for command in commands:
        if work.memberships.find(command.membership):
            answer(command, work)


def _take_late(lapsed: Placement, work: PlacementWork) -> None:
    """Seat them if the place still suits them, even if it, or another, has been offered to them meanwhile."""
    entry = lapsed.entry
    if entry is None or not entry.is_open:
        return
    aside = _set_aside(entry, work)
    candidate = _still_for_them(lapsed, entry, aside, work.now)
    if aside and aside.group.id == lapsed.group.id:
        work.save(aside, aside.accept(work.now))
    elif candidate:
        if aside:
            work.save(aside, aside.end("another_taken", work.now))
        again = Placement(new_membership(entry, lapsed.group, work), lapsed.group, lapsed.person, entry, lapsed.records)
        again.offer(candidate, work.now)
        work.save(again, again.take(work.now))


def _set_aside(entry: WaitingEntry, work: PlacementWork) -> Placement | None:
    """The open offer for the same waiting entry, if any."""
    live = work.memberships.live_of(entry.person)
    held = next((known for known in live if known.entry == entry.id and known.state == "held"), None)
    return work.placement_of(held) if held else None


def _still_for_them(lapsed: Placement, entry: WaitingEntry, aside: Placement | None, at: datetime) -> Candidate | None:
    """The candidate, if the group suits them when the offer to be set aside is ignored; that offer is not changed here."""
    person = replace(lapsed.person)
    if aside:
        person.lose(aside.membership.id)
    candidate = entry.candidate(person, (person, *lapsed.records))
    found = rejections(candidate, lapsed.group, at) if candidate else ()
    return None if any(rejection.policy != "not_refused_before" for rejection in found) else candidate


def lapse(command: Lapse, work: PlacementWork) -> None:
    """The deadline has passed without an answer: the person waits on, and the place is free for the next."""
    membership = work.memberships.find(command.membership)
    if membership is None:
        return
    placement = work.placement_of(membership)
    happened = placement.lapse(work.now)
    if happened:
        work.save(placement, happened)


def offers_of(query: OffersOf, work: PlacementWork) -> Sequence[Membership]:
    """All offers ever made to a person of this hub, oldest first."""
    return [membership for membership in work.memberships.of_person(query.person) if membership.deadline]


def members_of(query: MembersOf, work: PlacementWork) -> Group:
    """A group of this hub, for its roster. Raises NoSuchGroup."""
    return work.groups.get(query.group)


def end_live(person: Person, work: PlacementWork) -> None:
    """End all places of an erased person, without publishing anything."""
    for membership in work.memberships.live_of(person.id):
        placement = work.placement_of(membership)
        placement.end("erased", work.now)
        work.save(placement, ())
