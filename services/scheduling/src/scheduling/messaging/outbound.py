"""The only module that publishes this service's facts. A confidentiality review reads this file: a group, its kind, facilitators, venue
and times are sealed for notifications; a participant is a pseudonym; nobody's modality goes out in the clear."""

from collections.abc import Callable
from typing import assert_never

from scheduling.domain.events import Event
from scheduling.domain.groups import Meeting, Place
from scheduling.domain.memberships import Ended, InConflict, Offered, Taken
from scheduling.domain.modalities import ModalityListed
from scheduling.domain.roster import OnRoster
from scheduling.domain.states import EntryNow, MembershipNow, PersonStated
from scheduling.domain.waiting import WaitingClosed, WaitingStarted
from shared import contracts
from shared.contracts import Fact, parts, referral
from shared.contracts import scheduling as published
from shared.events.sealing import Seals

_PLACE = contracts.described(published.MembershipTaken).sealed["place"]
_NAME = contracts.described(referral.StaffChanged).sealed["name_for_scheduling"]


def publisher(seals: Seals) -> Callable[[Event], Fact]:
    """The function that the store calls for each domain event that it saves."""

    def sealed(place: Place, person: str) -> str:
        return seals.seal(_PLACE, person, _place(place, seals))

    def publish(event: Event) -> Fact:
        match event:
            case WaitingStarted():
                return _waiting_started(event)
            case WaitingClosed():
                return _waiting_closed(event)
            case Offered() | Taken():
                return _with_place(event, sealed(event.place, event.whose.person))
            case InConflict() | Ended():
                return _without_place(event)
            case PersonStated():
                return _stated(event, sealed)
            case ModalityListed():
                return _modality_listed(event)
            case _:
                assert_never(event)

    return publish


def _with_place(event: Offered | Taken, place: str) -> Fact:
    shape = published.MembershipOffered if isinstance(event, Offered) else published.MembershipTaken
    whose = event.whose
    return shape(
        person=whose.person,
        membership=whose.membership,
        stands=whose.stands,
        referral=whose.referral,
        booking=whose.booking,
        place=place,
    )


def _without_place(event: InConflict | Ended) -> Fact:
    person, membership, stands = event.whose.person, event.whose.membership, event.whose.stands
    referral_id, booking = event.whose.referral, event.whose.booking
    if isinstance(event, InConflict):
        return published.MembershipInConflict(person=person, membership=membership, stands=stands, referral=referral_id, booking=booking)
    return published.MembershipEnded(
        person=person, membership=membership, stands=stands, referral=referral_id, booking=booking, reason=event.reason
    )


def _modality_listed(event: ModalityListed) -> Fact:
    return published.ModalityListed(
        listing=event.listing, code=event.code, way_in=event.way_in, variants=event.variants, topics=event.topics
    )


def name_of(row: OnRoster, seals: Seals) -> str:
    """A facilitator's name, which is stored sealed; empty without one."""
    return str(seals.open(_NAME, "referral", row.person, row.sealed_name).display_name) if row.sealed_name else ""


def _waiting_started(event: WaitingStarted) -> Fact:
    return published.WaitingStarted(
        person=event.person, entry=event.entry, clock=event.clock, stands=event.stands, referral=event.referral, booking=event.booking
    )


def _waiting_closed(event: WaitingClosed) -> Fact:
    return published.WaitingClosed(
        person=event.person, entry=event.entry, reason=event.reason, stands=event.stands, referral=event.referral, booking=event.booking
    )


def _stated(event: PersonStated, sealed: Callable[[Place, str], str]) -> Fact:
    memberships = tuple(_membership_state(each, sealed(each.place, event.person)) for each in event.memberships)
    return published.PersonState(person=event.person, entries=tuple(map(_entry_state, event.entries)), memberships=memberships)


def _entry_state(entry: EntryNow) -> parts.EntryState:
    return parts.EntryState(
        entry=entry.entry, state=entry.state, clock=entry.clock, stands=entry.stands, referral=entry.referral, booking=entry.booking
    )


def _membership_state(now: MembershipNow, place: str) -> parts.MembershipState:
    return parts.MembershipState(
        membership=now.membership, state=now.state, stands=now.stands, place=place, referral=now.referral, booking=now.booking
    )


def _place(place: Place, seals: Seals) -> parts.Place:
    return parts.Place(
        group=place.group,
        kind=place.kind,
        name=place.name,
        venue=place.venue,
        cadence=place.cadence,
        revision=place.revision,
        meetings=tuple(_meeting(meeting, place) for meeting in place.meetings),
        run_by=tuple(name_of(row, seals) for row in place.run_by),
        deadline=place.deadline,
        colleagues_may_come=place.colleagues_may_come,
    )


def _meeting(meeting: Meeting, place: Place) -> parts.Meeting:
    return parts.Meeting(session=meeting.session, start=meeting.start, end=meeting.end, zone=place.zone, venue=place.venue)
