"""Staff are registered."""

from dataclasses import dataclass

from referral.application.ports import StaffWork
from referral.domain.blinding import own_tokens, person_index, registrations, ties_of
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


def register(command: Register, work: StaffWork) -> StaffMember:
    """The same registration again is the same member of staff, as they were described last."""
    # Their name stays in the clear here: participants are told who runs their group. Where they work does not.
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


def _tokens(command: Register, key: bytes) -> Tokens:
    own = tuple(own_tokens(key, command.registration, None))
    return Tokens(own, ties_of(key, command.ties), registrations(key, command.never_with))
