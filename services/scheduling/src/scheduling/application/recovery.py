"""Recovers the published places in a store that was restored from a backup."""

from dataclasses import dataclass, replace

from scheduling.application.memberships import new_membership
from scheduling.application.ports import PlacementWork
from scheduling.domain import recovery
from scheduling.domain.ids import GroupId, HubCode, MembershipId, PersonId, ReferralId
from scheduling.domain.memberships import Placement
from scheduling.domain.recovery import Said


@dataclass(frozen=True, slots=True)
class Recover:
    """The state of a membership published before the store was restored. group: None if only its end was published."""

    hub: HubCode
    person: PersonId
    membership: MembershipId
    said: Said
    group: GroupId | None = None
    referral: ReferralId | None = None


def recover(command: Recover, work: PlacementWork) -> None:
    """Recover a place as it was published, without publishing it again. Raises NoRoom; NoSuchGroup if the backup lacks the group."""
    person, known = work.people.find(command.person), work.memberships.find(command.membership)
    if person is None or person.is_erased:
        return
    if known:
        placement, candidate = work.placement_of(known), None
    elif command.group and command.referral and (entry := work.entries.of_referral(command.referral)):
        others = tuple(work.people.records_of(person))
        group = work.groups.get_anywhere(command.group)
        membership = replace(new_membership(entry, group, work), id=command.membership)
        placement = Placement(membership, group, person, entry, others)
        candidate = entry.candidate(person, (person, *others)) if entry.is_open else None
    else:
        return
    recovery.recover(placement, command.said, candidate)
    work.save(placement, ())
