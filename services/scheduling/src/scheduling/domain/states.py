"""All that this service publishes about a person, for consumers that have missed events."""

from dataclasses import dataclass
from datetime import datetime

from scheduling.domain.groups import Place
from scheduling.domain.ids import BookingId, EntryId, MembershipId, PersonId, ReferralId
from scheduling.domain.people import Person, Stands
from scheduling.domain.waiting import EntryState, WaitingEntry


@dataclass(frozen=True, slots=True)
class EntryNow:
    entry: EntryId
    referral: ReferralId | None
    booking: BookingId | None
    state: EntryState
    clock: datetime
    stands: Stands


@dataclass(frozen=True, slots=True)
class MembershipNow:
    membership: MembershipId
    referral: ReferralId | None
    booking: BookingId | None
    state: str
    stands: Stands
    place: Place


@dataclass(frozen=True, slots=True)
class PersonStated:
    person: PersonId
    entries: tuple[EntryNow, ...]
    memberships: tuple[MembershipNow, ...]


def entry_now(entry: WaitingEntry, person: Person) -> EntryNow:
    return EntryNow(entry.id, entry.referral, entry.booking, entry.state, entry.clock, person.stands(entry.referral))
