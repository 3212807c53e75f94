"""What a coordinator can read. Participants are pseudonyms everywhere in here."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduling.domain.catalogue import Modality
from scheduling.domain.entry import Entry
from scheduling.domain.group import Group

Seen = dict[str, Any]


def group(found: Group, at: datetime) -> Seen:
    terms = found.terms
    return {
        "group": found.id,
        "modality": terms.modality,
        "variant": terms.variant or None,
        "length": terms.length or None,
        "topic": terms.topic or None,
        "name": terms.name,
        "state": found.state(at),
        "facilitators": [{"facilitator": f.id, "display_name": f.display_name} for f in found.facilitators],
        "place": found.place,
        "zone": found.zone,
        "capacity": found.capacity,
        "seats_taken": len(found.seated),
        "seats_held": len(found.held),
        "sessions": len(found.meetings),
        "first_session": local(found.meetings[0].start, found.zone),
    }


def sessions(found: Group) -> list[Seen]:
    return [
        {
            "session": session.id,
            "number": session.number,
            "name": session.name,
            "parent": session.parent,
            "start": local(session.start, session.zone),
            "end": local(session.end, session.zone),
            "state": session.state,
        }
        for session in found.sessions
    ]


def seats(found: Group) -> list[Seen]:
    return [
        {
            "seat": member.seat or None,
            "offer": member.offer,
            "participant": member.participant,
            "state": member.state,
            "meets_a_colleague": found.has_a_colleague_of(member),
        }
        for member in found.members
    ]


def entry(found: Entry, at: datetime) -> Seen:
    return {
        "referral": found.id,
        "participant": found.participant,
        "state": found.state,
        "urgency": found.urgency,
        "clock_start": found.clock_start.isoformat(),
        "days_waited": (at - found.clock_start).days,
        "wishes": {
            "modalities": list(found.wishes.modalities),
            "topics": list(found.wishes.topics),
            "variants": list(found.wishes.variants),
        },
        "why_not": [
            {"group": w.group, "rejections": [{"policy": r.policy, "reason": r.reason} for r in w.rejections]} for w in found.why_not
        ],
        "group": found.group or None,
        "seat": found.seat or None,
    }


def offers(found: Entry) -> list[Seen]:
    return [
        {
            "offer": offer.id,
            "referral": found.id,
            "participant": found.participant,
            "group": offer.group,
            "state": offer.state,
            "made_at": offer.made_at.isoformat(),
            "deadline": offer.deadline.isoformat(),
        }
        for offer in found.offers
    ]


def local(instant: datetime, zone: str) -> str:
    """RFC 3339 on the wall clock of the place."""
    return instant.astimezone(ZoneInfo(zone)).isoformat()


def modality(found: Modality) -> Seen:
    """An entry of the catalogue, as loaded."""
    return {
        "code": found.code,
        "public_name": found.public_name,
        "discreet_name": found.discreet_name,
        "what_to_expect": found.what_to_expect,
        "membership": found.membership,
        "way_in": found.way_in,
        "cadence": found.cadence,
        "minutes": found.minutes,
        "sessions": found.sessions,
        "open_ended": found.open_ended,
        "capacity": {"least": found.capacity.least, "most": found.capacity.most, "usual": found.capacity.usual},
        "grade_mixing": found.grade_mixing,
        "sensitive": found.sensitive,
        "offer_hours": found.offer_hours,
        "eligibility": _eligibility(found),
        "variants": [{"code": v.code, "public_name": v.public_name} for v in found.variants],
        "lengths": [{"code": length.code, "sessions": length.sessions, "open_ended": length.open_ended} for length in found.lengths],
        "topics": list(found.topics),
    }


def _eligibility(found: Modality) -> Seen:
    allowed = found.eligibility
    return {
        "professions": sorted(allowed.professions),
        "grades": sorted(allowed.grades),
        "genders": sorted(allowed.genders),
        "work_statuses": sorted(allowed.work_statuses),
    }
