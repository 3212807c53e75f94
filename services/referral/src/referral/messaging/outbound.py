"""The only module that publishes this service's facts. A confidentiality review reads this file: only pseudonyms, codes and
blinded tokens go out, the contact as ciphertext, and wishes and staff names sealed for those who need them."""

import base64
from collections.abc import Callable
from typing import assert_never

from referral.domain import contacts, participants, referrals, staff
from referral.domain.events import Event
from referral.domain.participants import OpenReferral
from referral.domain.values import Facts, Tie, Tokens, Window, Wishes
from shared.contracts import Fact, described, parts
from shared.contracts import referral as published
from shared.events.sealing import Seals

ReferralEvent = referrals.Submitted | referrals.Returned | referrals.Accepted | referrals.Declined | referrals.Withdrawn | referrals.Ended
ParticipantEvent = participants.ParticipantChanged | participants.ParticipantErased | participants.ParticipantStated
OtherEvent = contacts.ContactChanged | contacts.ContactErased | staff.StaffChanged | staff.StaffLeft


def publisher(seals: Seals) -> Callable[[Event], Fact]:
    """The function that the store calls for each event that it saves."""

    def publish(event: Event) -> Fact:
        match event:
            case participants.ParticipantChanged() | participants.ParticipantErased() | participants.ParticipantStated():
                return _of_participant(event, seals)
            case contacts.ContactChanged() | contacts.ContactErased() | staff.StaffChanged() | staff.StaffLeft():
                return _of_contact_or_staff(event, seals)
            case _:
                return _of_referral(event, seals)

    return publish


def _of_participant(event: ParticipantEvent, seals: Seals) -> Fact:
    match event:
        case participants.ParticipantChanged():
            return published.ParticipantChanged(
                person=event.person,
                facts=_facts(event.facts),
                tokens=_tokens(event.tokens),
                free=_windows(event.free),
                busy=_windows(event.busy),
            )
        case participants.ParticipantErased():
            return published.ParticipantErased(person=event.person)
        case participants.ParticipantStated():
            return published.ParticipantState(
                person=event.person,
                facts=_facts(event.facts) if event.facts else None,
                tokens=_tokens(event.tokens) if event.tokens else None,
                free=_windows(event.free),
                busy=_windows(event.busy),
                referrals=tuple(_open(referral, event.person, seals) for referral in event.referrals),
            )
        case _:
            assert_never(event)


def _of_referral(event: ReferralEvent, seals: Seals) -> Fact:
    match event:
        case referrals.Submitted():
            return published.Submitted(
                person=event.person, referral=event.referral, source=event.source, urgency=event.urgency, received=event.received
            )
        case referrals.Returned():
            return published.Returned(person=event.person, referral=event.referral, source=event.source)
        case referrals.Accepted():
            return published.Accepted(
                person=event.person,
                referral=event.referral,
                source=event.source,
                urgency=event.urgency,
                received=event.received,
                accepted=event.accepted,
                wishes=_sealed_wishes(event.wishes, event.person, seals),
            )
        case referrals.Declined():
            return published.Declined(
                person=event.person, referral=event.referral, source=event.source, reason=event.reason, signposts=event.signposts
            )
        case referrals.Withdrawn():
            return published.Withdrawn(person=event.person, referral=event.referral, source=event.source)
        case referrals.Ended():
            return published.Ended(person=event.person, referral=event.referral, source=event.source, reason=event.reason)
        case _:
            assert_never(event)


def _of_contact_or_staff(event: OtherEvent, seals: Seals) -> Fact:
    match event:
        case contacts.ContactChanged():
            return published.ContactChanged(person=event.person, sealed=base64.b64encode(event.sealed).decode())
        case contacts.ContactErased():
            return published.ContactErased(person=event.person)
        case staff.StaffChanged():
            return published.StaffChanged(
                person=event.person,
                hubs=event.hubs,
                tokens=_tokens(event.tokens),
                name_for_scheduling=_sealed_name("name_for_scheduling", event, seals),
                name_for_notifications=_sealed_name("name_for_notifications", event, seals),
            )
        case staff.StaffLeft():
            return published.StaffLeft(person=event.person)
        case _:
            assert_never(event)


def _sealed_wishes(wishes: Wishes, person: str, seals: Seals) -> str:
    """The wishes, sealed for scheduling as in an acceptance."""
    told = parts.Wishes(modalities=wishes.modalities, topics=wishes.topics, variants=wishes.variants)
    return seals.seal(described(published.Accepted).sealed["wishes"], person, told)


def _sealed_name(field: str, event: staff.StaffChanged, seals: Seals) -> str:
    return seals.seal(described(published.StaffChanged).sealed[field], event.person, parts.StaffName(display_name=event.display_name))


def _open(referral: OpenReferral, person: str, seals: Seals) -> parts.ReferralState:
    """The state of an open referral. Nobody needs to know its wishes before it has been accepted."""
    return parts.ReferralState(
        referral=referral.referral,
        source=referral.source,
        urgency=referral.urgency,
        received=referral.received,
        accepted=referral.accepted,
        wishes=_sealed_wishes(referral.wishes, person, seals) if referral.accepted else None,
    )


def _facts(facts: Facts) -> parts.Facts:
    return parts.Facts(profession=facts.profession, grade=facts.grade, gender=facts.gender, work_status=facts.work_status)


def _tokens(tokens: Tokens) -> parts.Tokens:
    ties = None if tokens.ties is None else tuple(map(_tie, tokens.ties))
    return parts.Tokens(own=tokens.own, ties=ties, never_with=tokens.never_with)


def _tie(tie: Tie) -> parts.Tie:
    return parts.Tie(token=tie.token, since=tie.since, until=tie.until, sure=tie.sure)


def _windows(windows: tuple[Window, ...]) -> tuple[parts.Window, ...]:
    return tuple(parts.Window(weekday=w.weekday, start=w.start, end=w.end, since=w.since, until=w.until) for w in windows)
