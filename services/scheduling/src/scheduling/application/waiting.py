"""Waiting entries: from the acceptance of a referral until it is met, withdrawn or closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling.application.ports import PlacementWork
from scheduling.domain.groups import Group
from scheduling.domain.ids import EntryId, PersonId, ReferralId
from scheduling.domain.memberships import Membership, Reason
from scheduling.domain.people import Person
from scheduling.domain.placement import Rejection, Urgency, Wishes, rejections
from scheduling.domain.waiting import NoSuchEntry, WaitingEntry
from shared.errors import theirs


@dataclass(frozen=True, slots=True)
class StartWaiting:
    person: PersonId
    referral: ReferralId
    wishes: Wishes
    urgency: Urgency
    received: datetime
    accepted: datetime


@dataclass(frozen=True, slots=True)
class Withdraw:
    """reason: withdrawn, unless something else ended the referral."""

    person: PersonId
    referral: ReferralId
    reason: Reason = "withdrawn"


@dataclass(frozen=True, slots=True)
class ReadWaiting:
    """whose: a participant, or one entry."""

    whose: str


@dataclass(frozen=True, slots=True)
class ListWaiting:
    after: str
    limit: int


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Every reason why a group does not suit a person now."""

    group: Group
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class SeenWaiting:
    """placed: the live membership from this entry, a seat rather than a pass."""

    entry: WaitingEntry
    placed: Membership | None
    why_not: tuple[WhyNot, ...]
    at: datetime


def start(command: StartWaiting, work: PlacementWork) -> None:
    """Add an accepted person to the waiting list, for the matcher. Raises NoSuchPerson; Poison for another person's referral."""
    person = work.people.get(command.person)
    if person.is_erased or _entry_of(command.referral, person, work):
        return
    entry = WaitingEntry(
        id=EntryId(work.new_id("W")),
        hub=person.hub,
        person=person.id,
        referral=command.referral,
        booking=None,
        wishes=command.wishes,
        urgency=command.urgency,
        received=command.received,
        clock=command.accepted,
    )
    started = entry.start(person)
    work.entries.save(entry)
    work.people.save(person, started)


def withdraw(command: Withdraw, work: PlacementWork) -> None:
    """End the offers, places and waiting entry of a referral. Before its acceptance there are none.

    Raises Poison for another person's referral.
    """
    person = work.people.find(command.person)
    if person is None or person.is_erased:
        return
    entry = _entry_of(command.referral, person, work)
    for membership in work.memberships.live_of(person.id):
        if membership.referral == command.referral:
            placement = work.placement_of(membership)
            work.save(placement, placement.end(command.reason, work.now))
    if entry:
        closed = entry.close(command.reason, person)
        work.entries.save(entry)
        work.people.save(person, closed)


def _entry_of(referral: ReferralId, person: Person, work: PlacementWork) -> WaitingEntry | None:
    entry = work.entries.of_referral(referral)
    return theirs(f"referral {referral}", entry, entry.person, person.id) if entry else None


def listed(query: ListWaiting, work: PlacementWork) -> Sequence[SeenWaiting]:
    """The open entries of the hub, with every reason why a group does not suit."""
    entries = work.entries.listed(query.after, query.limit)
    groups = work.groups.open_to_this_hub()
    people = {person.id: person for person in work.people.all([entry.person for entry in entries])}
    return [_seen(entry, people[entry.person], groups, work) for entry in entries if entry.person in people]


def read(query: ReadWaiting, work: PlacementWork) -> SeenWaiting:
    """An entry, or a participant's newest. Raises NoSuchEntry."""
    whose = query.whose
    found = [work.entries.get(EntryId(whose))] if whose.startswith("W-") else work.entries.of_person(PersonId(whose))
    if not found:
        raise NoSuchEntry(f"{whose} is not, and has not been, on this hub's waiting list")
    return _seen(found[-1], work.people.get(found[-1].person), work.groups.open_to_this_hub(), work)


def _seen(entry: WaitingEntry, person: Person, groups: Sequence[Group], work: PlacementWork) -> SeenWaiting:
    of_entry = [known for known in work.memberships.live_of(person.id) if known.entry == entry.id]
    why_not = _why_not(entry, person, groups, work) if entry.state == "waiting" else ()
    placed = min(of_entry, key=lambda known: known.kind == "pass", default=None)
    return SeenWaiting(entry, placed, why_not, work.now)


def _why_not(entry: WaitingEntry, person: Person, groups: Sequence[Group], work: PlacementWork) -> tuple[WhyNot, ...]:
    """The reasons for each group of the modalities that they wished for."""
    candidate = entry.candidate(person, (person, *work.people.records_of(person)))
    if candidate is None:
        return ()
    wished = [group for group in groups if not entry.wishes.modalities or group.terms.modality in entry.wishes.modalities]
    found = (WhyNot(group, rejections(candidate, group, work.now)) for group in wished)
    return tuple(each for each in found if each.rejections)
