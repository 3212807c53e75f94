"""The interfaces that use cases need from adapters, family by family."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduling.domain.catalogue import Catalogue
from scheduling.domain.events import PersonEvent
from scheduling.domain.groups import Group
from scheduling.domain.ids import EntryId, GroupId, HubCode, MembershipId, PersonId, ReferralId
from scheduling.domain.memberships import Membership, Placement
from scheduling.domain.modalities import Listing, ModalityListed
from scheduling.domain.people import Person
from scheduling.domain.roster import OnRoster
from scheduling.domain.sessions import Session
from scheduling.domain.timetable import Timetable
from scheduling.domain.waiting import WaitingEntry


class People(Protocol):
    """People by id alone: an event or the matcher may concern another hub's person."""

    def find(self, person: PersonId) -> Person | None: ...

    def get(self, person: PersonId) -> Person:
        """Raises NoSuchPerson."""
        ...

    def all(self, people: Sequence[PersonId]) -> Sequence[Person]: ...

    def records_of(self, person: Person) -> Sequence[Person]:
        """All other records of the same person, at any hub."""
        ...

    def may_run_groups(self, people: Sequence[PersonId]) -> Sequence[Person]:
        """Those of the staff who may run groups at this hub, in the order of `people`."""
        ...

    def save(self, person: Person, events: Iterable[PersonEvent] = ()) -> None: ...


class Entries(Protocol):
    def get(self, entry: EntryId) -> WaitingEntry:
        """Raises NoSuchEntry."""
        ...

    def find(self, entry: EntryId) -> WaitingEntry | None: ...

    def of_referral(self, referral: ReferralId) -> WaitingEntry | None:
        """The newest, of any hub."""
        ...

    def of_person(self, person: PersonId) -> Sequence[WaitingEntry]:
        """At this hub, oldest first."""
        ...

    def listed(self, after: str, limit: int) -> Sequence[WaitingEntry]:
        """The open entries of this hub, by id."""
        ...

    def save(self, entry: WaitingEntry) -> None: ...


class Groups(Protocol):
    def get(self, group: GroupId) -> Group:
        """Raises NoSuchGroup, also for another hub's group."""
        ...

    def get_anywhere(self, group: GroupId) -> Group:
        """Raises NoSuchGroup."""
        ...

    def with_on_roster(self, person: PersonId) -> Sequence[Group]:
        """The groups with the person on their roster that are not over, at every hub."""
        ...

    def open_to_this_hub(self) -> Sequence[Group]: ...

    def listed(self, after: str, limit: int) -> Sequence[Group]: ...

    def save(self, group: Group) -> None: ...


class Memberships(Protocol):
    def find(self, membership: MembershipId) -> Membership | None: ...

    def live_in(self, group: GroupId) -> Sequence[Membership]: ...

    def live_of(self, person: PersonId) -> Sequence[Membership]: ...

    def of_person(self, person: PersonId) -> Sequence[Membership]:
        """All past and present ones at this hub, oldest first."""
        ...

    def forget(self, person: PersonId) -> None:
        """Remove every membership of somebody who is erased."""
        ...

    def save(self, membership: Membership) -> None: ...


class Sessions(Protocol):
    def of_group(self, group: GroupId) -> Sequence[Session]: ...

    def save(self, session: Session) -> None: ...


class Listings(Protocol):
    def of(self, code: str) -> Listing: ...

    def save(self, listing: Listing, events: Iterable[ModalityListed] = ()) -> None: ...


@dataclass(frozen=True, slots=True)
class PlacementWork:
    """For use cases about places, waiting entries and people. hub: of the request or event."""

    hub: HubCode
    now: datetime
    people: People
    entries: Entries
    groups: Groups
    memberships: Memberships
    new_id: Callable[[str], str]

    def placement_of(self, membership: Membership) -> Placement:
        """A membership with its group, person, entry and records. Raises NoSuchPerson, NoSuchGroup."""
        person = self.people.get(membership.person)
        entry = self.entries.find(membership.entry) if membership.entry else None
        group = self.groups.get_anywhere(membership.group)
        return Placement(membership, group, person, entry, tuple(self.people.records_of(person)))

    def save(self, placement: Placement, events: Iterable[PersonEvent]) -> None:
        """Write a whole placement. Every record of the person is written, so that of two places at once only one commits."""
        self.memberships.save(placement.membership)
        if placement.entry:
            self.entries.save(placement.entry)
        if placement.membership.kind != "pass":
            self.groups.save(placement.group)
        for record in placement.records:
            self.people.save(record)
        self.people.save(placement.person, events)


LayOut = Callable[[Group, Timetable], tuple[Session, ...]]


@dataclass(frozen=True, slots=True)
class GroupWork:
    """For opening, ending and reading groups."""

    placing: PlacementWork
    sessions: Sessions
    catalogue: Catalogue
    lay_out: LayOut
    is_discreet: Callable[[str], bool]
    name_of: Callable[[OnRoster], str]

    @property
    def now(self) -> datetime:
        return self.placing.now

    @property
    def groups(self) -> Groups:
        return self.placing.groups


@dataclass(frozen=True, slots=True)
class ModalityWork:
    """The catalogue, and what was last published of it for each hub."""

    hub: HubCode
    catalogue: Catalogue
    listings: Listings
