"""Reading referrals, as far as the reader needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from referral.application.ports import ReferralFilter, ReferralWork
from referral.domain.advice import DeclineReason, Signpost
from referral.domain.ids import ReferralId
from referral.domain.participants import Participant
from referral.domain.referrals import NoSuchReferral, Referral
from referral.domain.values import Identity

Need = Literal["outline", "matter", "person"]  # each includes the one before it


@dataclass(frozen=True, slots=True)
class ListReferrals:
    """after: the id of the last referral of the page before."""

    wanted: ReferralFilter
    after: str
    limit: int


@dataclass(frozen=True, slots=True)
class ReadReferral:
    """need: how much of the referral the reader needs to know."""

    referral: ReferralId
    need: Need


@dataclass(frozen=True, slots=True)
class ListDeclineReasons:
    """A query without parameters."""


@dataclass(frozen=True, slots=True)
class Matter:
    """The content of the referral, without the person's identity."""

    participant: Participant
    signposts: tuple[Signpost, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """The person. identity: None once they are erased.  note: the question, or the reason of a withdrawal."""

    identity: Identity | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A referral as far as its reader needs to know."""

    referral: Referral
    matter: Matter | None = None
    who: Who | None = None


def listed(query: ListReferrals, work: ReferralWork) -> Sequence[Referral]:
    """The hub's referrals, in the order in which they were made: any other order would reveal what consent hides."""
    return work.referrals.listed(query.wanted, query.after, query.limit)


def read_one(query: ReadReferral, work: ReferralWork) -> Seen:
    """Raises NoSuchReferral; Erased when the person's key has been destroyed at this moment."""
    referral = work.referrals.get(query.referral)
    participant = work.participants.get(referral.participant) if referral else None
    if referral is None or participant is None:
        raise NoSuchReferral(f"{query.referral}: look it up with GET /v1/referrals")
    if query.need == "outline":
        return Seen(referral)
    matter = Matter(participant, work.advice.signposts_of(referral.signposts))
    return Seen(referral, matter, _who(referral, participant, work) if query.need == "person" else None)


def _who(referral: Referral, participant: Participant, work: ReferralWork) -> Who:
    identity = work.vault.open_identity(participant.id, participant.sealed) if participant.sealed else None
    return Who(identity, work.vault.open_note(participant.id, referral.note) if referral.note else None)


def decline_reasons(_query: ListDeclineReasons, work: ReferralWork) -> Sequence[DeclineReason]:
    """The reasons for which a clinician may decline, from the service's data."""
    return tuple(work.advice.reasons.values())
