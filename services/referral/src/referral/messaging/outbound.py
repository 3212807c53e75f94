"""The only place where facts leave this service. A confidentiality review reads this file: nothing but pseudonyms,
codes and blinded tokens goes out, and the contact as ciphertext."""

import base64
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from typing import Any

from referral.application.ports import Safe
from referral.domain import events
from referral.domain.referral import Referral
from referral.domain.values import Conflicts
from shared.contracts import Fact, parts
from shared.contracts import referral as said


def submitted(event: events.Submitted) -> said.Submitted:
    return said.Submitted(**_about(event.referral))


def returned(event: events.Returned) -> said.Returned:
    return said.Returned(**_about(event.referral))


def declined(event: events.Declined) -> said.Declined:
    return said.Declined(**_about(event.referral), reason=event.referral.reason, signposts=event.referral.signposts)


def withdrawn(event: events.Withdrawn) -> said.Withdrawn:
    return said.Withdrawn(**_about(event.referral))


def accepted(event: events.Accepted) -> said.Accepted:
    referral = event.referral
    if referral.accepted_at is None:
        raise ValueError("an accepted referral has the time of its acceptance")
    return said.Accepted(
        referral=referral.id,
        participant=referral.participant,
        wishes=parts.Wishes(**asdict(referral.wishes)),
        facts=parts.Facts(
            profession=referral.facts.profession,
            grade=referral.facts.grade,
            gender=referral.facts.gender,
            work_status=referral.facts.work_status,
        ),
        availability=tuple(parts.Window(**asdict(window)) for window in referral.availability),
        conflicts=_blinded(event.conflicts),
        urgency=referral.urgency,
        clock_start=referral.accepted_at,
    )


def registered(event: events.FacilitatorRegistered) -> said.FacilitatorRegistered:
    return said.FacilitatorRegistered(
        facilitator=event.facilitator, display_name=event.display_name, hubs=event.hubs, conflicts=_blinded(event.conflicts)
    )


def contact(event: events.ContactKnown, safe: Safe) -> said.ContactChanged:
    person = event.person
    known_as = person.known_as or person.name.partition(" ")[0]
    sealed = safe.seal(event.participant, {"known_as": known_as, "email": person.email, "language": "en", "discreet": True})
    return said.ContactChanged(participant=event.participant, sealed=base64.b64encode(sealed).decode())


def publisher(safe: Safe) -> Callable[[Any], Iterable[Fact]]:
    """What the store calls for each domain event it saves."""
    table: dict[type, Callable[[Any], Fact]] = {
        events.Submitted: submitted,
        events.Returned: returned,
        events.Declined: declined,
        events.Withdrawn: withdrawn,
        events.Accepted: accepted,
        events.FacilitatorRegistered: registered,
        events.ContactKnown: partial(contact, safe=safe),
    }
    return lambda event: [table[type(event)](event)]


def _about(referral: Referral) -> dict[str, str]:
    return {"referral": referral.id, "participant": referral.participant, "source": referral.source, "urgency": referral.urgency}


def _blinded(conflicts: Conflicts) -> parts.Conflicts:
    return parts.Conflicts(own=conflicts.own, ties=conflicts.ties, never_with=conflicts.never_with)
