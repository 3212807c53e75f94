"""People's facts, ties and free times; nothing of them is kept once they are erased."""

from dataclasses import dataclass

from scheduling.application import memberships, waiting
from scheduling.application.ports import PlacementWork
from scheduling.application.waiting import StartWaiting, Withdraw
from scheduling.domain.colleagues import must_part, offers_to_end
from scheduling.domain.groups import Group
from scheduling.domain.ids import HubCode, MembershipId, PersonId
from scheduling.domain.memberships import Membership, Reason
from scheduling.domain.people import Facts, Person, Window
from scheduling.domain.states import MembershipNow, PersonStated, entry_now
from scheduling.domain.tokens import Tokens


@dataclass(frozen=True, slots=True)
class KnowParticipant:
    person: PersonId
    facts: Facts
    tokens: Tokens
    free: tuple[Window, ...]
    busy: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class KnowStaff:
    """sealed_name: sealed for this service, and stored sealed."""

    person: PersonId
    hubs: tuple[HubCode, ...]
    tokens: Tokens
    sealed_name: str


@dataclass(frozen=True, slots=True)
class Erase:
    person: PersonId


@dataclass(frozen=True, slots=True)
class SetRight:
    """All that referral publishes about a person: their details, and the accepted referrals that are open."""

    person: PersonId
    known: KnowParticipant | None
    accepted: tuple[StartWaiting, ...]


@dataclass(frozen=True, slots=True)
class Resay:
    person: PersonId


def know_participant(command: KnowParticipant, work: PlacementWork) -> None:
    """Update the person's details, here and on every roster with them."""
    person = work.people.find(command.person) or Person(command.person, work.hub)
    if person.is_erased:
        return
    person.facts, person.tokens, person.free, person.busy = command.facts, command.tokens, command.free, command.busy
    work.people.save(person)
    _keep_one_offer(person, work)
    _tell_rosters(person, work)


def know_staff(command: KnowStaff, work: PlacementWork) -> None:
    """The same for a facilitator, at any hub."""
    person = work.people.find(command.person) or Person(command.person, work.hub)
    if person.is_erased:
        return
    person.hubs, person.tokens, person.sealed_name = command.hubs, command.tokens, command.sealed_name
    work.people.save(person)
    _tell_rosters(person, work)


def erase(command: Erase, work: PlacementWork) -> None:
    """End places and waiting, and delete tokens; the bare pseudonym stays, so that later events about it are ignored."""
    person = work.people.find(command.person) or Person(command.person, work.hub)
    memberships.end_live(person, work)
    for entry in work.entries.of_person(person.id):
        entry.erase(person)
        work.entries.save(entry)
    work.memberships.forget(person.id)
    person.erase()
    work.people.save(person)


def set_right(command: SetRight, work: PlacementWork) -> None:
    """Bring a person into line with referral's state: start missing entries, end those it no longer names."""
    if command.known:
        know_participant(command.known, work)
    open_referrals = {accepted.referral for accepted in command.accepted}
    for entry in work.entries.of_person(command.person):
        if entry.referral and entry.state != "closed" and entry.referral not in open_referrals:
            waiting.withdraw(Withdraw(entry.person, entry.referral), work)
    for accepted in command.accepted:
        waiting.start(accepted, work)


def resay(command: Resay, work: PlacementWork) -> None:
    """Publish a person's state, unless they have been erased. Raises NoSuchPerson."""
    person = work.people.get(command.person)
    if person.is_erased:
        return
    entries = tuple(entry_now(entry, person) for entry in work.entries.of_person(person.id) if entry.state != "closed")
    live = tuple(_membership_now(membership, person, work) for membership in work.memberships.live_of(person.id))
    work.people.save(person, [PersonStated(person.id, entries, live)])


def _membership_now(membership: Membership, person: Person, work: PlacementWork) -> MembershipNow:
    deadline = membership.deadline if membership.state == "held" else None
    place = work.groups.get_anywhere(membership.group).place(membership.kind, work.now, deadline)
    stands = person.stands(membership.referral)
    return MembershipNow(membership.id, membership.referral, membership.booking, membership.state, stands, place)


def _keep_one_offer(person: Person, work: PlacementWork) -> None:
    """When two records turn out to be one person, the earlier offer stays."""
    if not person.has_open_offer:
        return
    humans = (person, *work.people.records_of(person))
    held = sorted(place.membership for human in humans for place in human.counted_places if place.state == "held")
    for later in held[1:]:
        _end(later, "another_taken", work)


def _tell_rosters(person: Person, work: PlacementWork) -> None:
    if not person.places:
        return  # somebody without a place is on no roster
    for group in work.groups.with_on_roster(person.id):
        group.know(person.id, person.tokens, person.facts.grade if person.facts else "none", person.sealed_name)
        work.groups.save(group)
        part(group, work)


def part(group: Group, work: PlacementWork) -> None:
    """End the offers of people who must not meet a member; those with a place keep it, and the coordinator sees the pair."""
    for offer in offers_to_end(group, work.now):
        _end(offer, "conflict", work)
    found = must_part(group, work.now)
    new = [pair for pair in found if pair not in group.pairs]
    group.pair(found)
    work.groups.save(group)
    for membership in dict.fromkeys(side for pair in new for side in (pair.one, pair.other)):
        _say_in_conflict(membership, work)


def _end(identity: MembershipId, reason: Reason, work: PlacementWork) -> None:
    membership = work.memberships.find(identity)
    if membership:
        placement = work.placement_of(membership)
        work.save(placement, placement.end(reason, work.now))


def _say_in_conflict(identity: MembershipId, work: PlacementWork) -> None:
    membership = work.memberships.find(identity)
    if membership:
        placement = work.placement_of(membership)
        work.save(placement, placement.part())
