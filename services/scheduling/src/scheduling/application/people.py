"""What is known of people: facts, ties, when they are free; and nothing, once they are erased."""

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
    """sealed_name: sealed for this service, and kept so."""

    person: PersonId
    hubs: tuple[HubCode, ...]
    tokens: Tokens
    sealed_name: str


@dataclass(frozen=True, slots=True)
class Erase:
    person: PersonId


@dataclass(frozen=True, slots=True)
class SetRight:
    """All that referral says of a person: what is known, and the accepted referrals that are open."""

    person: PersonId
    known: KnowParticipant | None
    accepted: tuple[StartWaiting, ...]


@dataclass(frozen=True, slots=True)
class Resay:
    person: PersonId


def know_participant(command: KnowParticipant, work: PlacementWork) -> None:
    """Take what was said last as true, here and on every roster that has them."""
    person = work.people.find(command.person) or Person(command.person, work.hub)
    if person.is_erased:
        return
    person.facts, person.tokens, person.free, person.busy = command.facts, command.tokens, command.free, command.busy
    work.people.save(person)
    _keep_one_offer(person, work)
    _tell_rosters(person, work)


def know_staff(command: KnowStaff, work: PlacementWork) -> None:
    """The same for somebody who runs groups, at whichever hubs these are."""
    person = work.people.find(command.person) or Person(command.person, work.hub)
    if person.is_erased:
        return
    person.hubs, person.tokens, person.sealed_name = command.hubs, command.tokens, command.sealed_name
    work.people.save(person)
    _tell_rosters(person, work)


def erase(command: Erase, work: PlacementWork) -> None:
    """Places, tokens and waits go; the bare pseudonym stays, so that whatever comes later about it is ignored."""
    person = work.people.find(command.person) or Person(command.person, work.hub)
    memberships.end_live(person, work)
    for entry in work.entries.of_person(person.id):
        entry.erase(person)
        work.entries.save(entry)
    work.memberships.forget(person.id)
    person.erase()
    work.people.save(person)


def set_right(command: SetRight, work: PlacementWork) -> None:
    """Bring what is known into line with all that referral says: start what is missing, end what it names no more."""
    if command.known:
        know_participant(command.known, work)
    open_referrals = {accepted.referral for accepted in command.accepted}
    for entry in work.entries.of_person(command.person):
        if entry.referral and entry.state != "closed" and entry.referral not in open_referrals:
            waiting.withdraw(Withdraw(entry.person, entry.referral), work)
    for accepted in command.accepted:
        waiting.start(accepted, work)


def resay(command: Resay, work: PlacementWork) -> None:
    """Publish all that this service says of a person. An erased one is said nothing of."""
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
    """Of two records that turn out to be one human the earlier offer stays."""
    if not person.has_open_offer:
        return
    humans = (person, *work.people.records_of(person))
    held = sorted(place.membership for human in humans for place in human.counted_places if place.state == "held")
    for later in held[1:]:
        _end(later, "another_taken", work)


def _tell_rosters(person: Person, work: PlacementWork) -> None:
    if not person.places:
        return  # who has no place is on no roster
    for group in work.groups.with_on_roster(person.id):
        group.know(person.id, person.tokens, person.facts.grade if person.facts else "none", person.sealed_name)
        work.groups.save(group)
        part(group, work)


def part(group: Group, work: PlacementWork) -> None:
    """End the offers of who must not meet somebody in the group; who has a place keeps it, and the coordinator sees the pair."""
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
