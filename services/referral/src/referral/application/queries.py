"""What can be read, at the reader's need to know."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from referral.application.ports import Participants, Safe
from referral.domain.advice import Advice
from referral.domain.referral import Referral

KNOWS_WHO = ("intake", "clinician")  # roles that see the person behind the pseudonym
KNOWS_WHAT = (*KNOWS_WHO, "coordinator")  # roles that see facts, wishes and availability


def summary(referral: Referral) -> dict[str, Any]:
    """What everybody with access may see: no person."""
    return {
        "referral": referral.id,
        "participant": referral.participant,
        "status": referral.shown_status,
        "source": referral.source,
        "urgency": referral.urgency,
        "submitted_at": referral.submitted_at.isoformat(),
        "changed_at": (referral.changed_at or referral.submitted_at).isoformat(),
    }


def seen_by(role: str, referral: Referral, participants: Participants, safe: Safe, advice: Advice) -> dict[str, Any]:
    """The referral as this role may see it."""
    seen = summary(referral)
    if role in KNOWS_WHAT:
        seen |= _matter(referral, advice)
    if role in KNOWS_WHO:
        seen |= _who(safe.open(participants.get(referral.participant).sealed))
        seen["note"] = safe.open(referral.note)["text"] if referral.note else ""
    return seen


def _matter(referral: Referral, advice: Advice) -> dict[str, Any]:
    windows = [{"weekday": w.weekday, "from": w.start, "to": w.end} for w in referral.availability]
    return {
        "facts": asdict(referral.facts),
        "wishes": asdict(referral.wishes),
        "availability": windows,
        "consent": {"given_at": referral.consent.given_at.isoformat(), "to": list(referral.consent.to)},
        "accepted_at": referral.accepted_at.isoformat() if referral.accepted_at else None,
        "reason": referral.reason,
        "signposts": signposts(referral, advice),
    }


def signposts(referral: Referral, advice: Advice) -> list[Mapping[str, str]]:
    """Where a declined person is pointed to."""
    return [asdict(advice.signposts[code]) for code in referral.signposts]


def _who(identity: dict[str, Any]) -> dict[str, Any]:
    return {"person": identity["person"], "ties": identity["ties"], "never_with": identity["never_with"]}
