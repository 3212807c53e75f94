"""Referrals as JSON. Absent text is written as an empty string, as it has been since the first release."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from referral.application.reading import Matter, Seen, Who
from referral.application.referrals import Declined
from referral.application.submissions import Submission
from referral.domain.advice import DeclineReason, Signpost
from referral.domain.referrals import Referral
from referral.domain.values import Facts, Identity, Person, Registration
from shared.validation.problems import FieldProblem

Body = dict[str, Any]


def summary(referral: Referral) -> Body:
    """What everybody with access may see: no person, and nothing that consent hides."""
    return {
        "referral": referral.id,
        "participant": referral.participant,
        "status": referral.shown_status,
        "source": referral.source,
        "urgency": referral.urgency,
        "submitted_at": referral.received.isoformat(),
        "changed_at": referral.shown_at.isoformat(),
    }


def submitted(submission: Submission) -> Body:
    """The response to a new referral."""
    referral = submission.referral
    answer = {"referral": referral.id, "participant": referral.participant, "status": referral.shown_status}
    return answer | {"warnings": problems(submission.warnings)}


def declined(decision: Declined) -> Body:
    """The summary, with the reason and the person's signposts."""
    return summary(decision.referral) | {"reason": decision.referral.reason, "signposts": _signposts(decision.signposts)}


def seen(found: Seen) -> Body:
    """A referral as far as its reader needs to know."""
    body = summary(found.referral)
    if found.matter:
        body |= _matter(found.referral, found.matter)
    if found.who:
        body |= _who(found.who)
    return body


def reasons(found: Sequence[DeclineReason]) -> Body:
    """All decline reasons, on one page."""
    items = [{"code": reason.code, "meaning": reason.meaning, "signposts": list(reason.signposts)} for reason in found]
    return {"items": items, "next": None}


def problems(found: Iterable[FieldProblem], field: str = "field") -> list[Body]:
    """field: the name under which a problem's place is written; `column` for a CSV."""
    return [{field: problem.field, "reason": problem.reason, "cure": problem.cure} for problem in found]


def _matter(referral: Referral, matter: Matter) -> Body:
    person = matter.participant
    return {
        "facts": _facts(person.facts) if person.facts else None,
        "wishes": {name: list(codes) for name, codes in asdict(referral.wishes).items()},
        "availability": [{"weekday": w.weekday, "from": w.start, "to": w.end} for w in person.free],
        "consent": {"given_at": referral.consent.given_at.isoformat(), "to": list(referral.consent.to)},
        "accepted_at": referral.accepted.isoformat() if referral.accepted else None,
        "reason": referral.shown_reason or "",
        "signposts": _signposts(matter.signposts),
    }


def _who(who: Who) -> Body:
    """Nulls where the person has been erased."""
    if who.identity is None:
        return {"person": None, "ties": None, "never_with": None, "note": ""}
    return _identity(who.identity) | {"note": who.note or ""}


def _identity(identity: Identity) -> Body:
    ties = identity.ties
    return {
        "person": _person(identity.person),
        "ties": {
            "employers": list(ties.employers),
            "sites": list(ties.sites),
            "programmes": list(ties.programmes),
            "household": ties.household or "",
        },
        "never_with": [_registration(named) for named in identity.never_with],
    }


def _person(person: Person) -> Body:
    return {
        "name": person.name,
        "email": person.email,
        "known_as": person.known_as or "",
        "phone": person.phone or "",
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "registration": _registration(person.registration) if person.registration else None,
    }


def _registration(registration: Registration) -> Body:
    return {"body": registration.body, "number": registration.number}


def _facts(facts: Facts) -> Body:
    return asdict(facts) | {"specialty": facts.specialty or ""}


def _signposts(signposts: Iterable[Signpost]) -> list[Body]:
    return [asdict(signpost) for signpost in signposts]
