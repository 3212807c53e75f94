"""Registering staff."""

from collections.abc import Sequence
from dataclasses import dataclass

from referral.application.ports import StaffWork
from referral.domain.blinding import own_tokens, person_index, registrations, ties_of
from referral.domain.ids import StaffId
from referral.domain.staff import StaffMember
from referral.domain.values import Registration, Tokens, Workplaces


@dataclass(frozen=True, slots=True)
class Register:
    """hubs: those that they work for."""

    display_name: str
    registration: Registration
    hubs: tuple[str, ...]
    ties: Workplaces = Workplaces()
    never_with: tuple[Registration, ...] = ()


@dataclass(frozen=True, slots=True)
class ListStaff:
    """All active staff of a hub."""


@dataclass(frozen=True, slots=True)
class SayStaffAgain:
    member: StaffId


def register(command: Register, work: StaffWork) -> StaffMember:
    """Register a member of staff. Somebody already registered by the same number is updated."""
    # Their name stays in the clear here: their own hub shows it. It is published sealed, and their workplaces blinded.
    index = person_index(work.secrets.blind_index, command.registration, "")
    tokens = _tokens(command, work.secrets.conflict)
    member = work.staff.known_by(index)
    if member:
        events = member.change(command.display_name, command.hubs, tokens)
    else:
        member = StaffMember(work.new.staff(), work.hub, index, command.display_name, command.hubs, tokens)
        events = member.register()
    work.staff.save(member, events)
    return member


def active(_query: ListStaff, work: StaffWork) -> Sequence[StaffId]:
    """The staff of a hub who have not left."""
    return work.staff.active()


def say_again(command: SayStaffAgain, work: StaffWork) -> None:
    """Publish a member of staff as they are, for consumers that have missed events."""
    member = work.staff.get(command.member)
    if member and member.state == "active":
        work.staff.save(member, member.register())


def _tokens(command: Register, key: bytes) -> Tokens:
    own = tuple(own_tokens(key, command.registration, None))
    return Tokens(own, ties_of(key, command.ties), registrations(key, command.never_with))
