"""The decisions of clinicians and hubs about a referral, and its status in scheduling."""

from dataclasses import dataclass

from referral.application.ports import ReferralWork
from referral.domain.advice import Signpost, UnknownReason
from referral.domain.ids import PersonId, ReferralId
from referral.domain.participants import Participant
from referral.domain.referrals import NoSuchReferral, Referral, Stands
from shared.errors import expect, theirs
from shared.store.use_cases import TwoSteps


@dataclass(frozen=True, slots=True)
class Accept:
    """by: who decides.  if_match: the shown version that they read, if it is to be compared."""

    referral: ReferralId
    by: str
    if_match: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """question: for the submitter; sealed before it is stored."""

    referral: ReferralId
    by: str
    question: str
    if_match: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """reason: a code from the service's data."""

    referral: ReferralId
    by: str
    reason: str
    if_match: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """reason: sealed before it is stored; empty when none is given."""

    referral: ReferralId
    by: str
    reason: str = ""
    if_match: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """signposts: the sources of help for the person."""

    referral: Referral
    signposts: tuple[Signpost, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A referral's status in scheduling. reason: why it ended, if `stands` is nothing."""

    referral: ReferralId
    stands: Stands
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CopyStanding:
    """The status of one person's referrals in scheduling."""

    person: PersonId
    standings: tuple[Standing, ...]


def accept(command: Accept, work: ReferralWork) -> Referral:
    """Publishes the person's facts to scheduling before the acceptance. Raises NoSuchReferral, NotNow, ChangedSinceRead."""
    referral, participant = _asked(command, work)
    accepted = referral.accept(command.by, work.now)
    work.referrals.save(referral)
    work.participants.save(participant, [*participant.tell(), *accepted])
    return referral


def decline(command: Decline, work: ReferralWork) -> Declined:
    """Raises NoSuchReferral, NotNow, ChangedSinceRead, UnknownReason."""
    referral, participant = _asked(command, work)
    reason = work.advice.reasons.get(command.reason)
    if reason is None:
        raise UnknownReason(command.reason, work.advice.reasons)
    events = referral.decline(command.by, work.now, reason.code, reason.signposts)
    work.referrals.save(referral)
    work.participants.save(participant, events)
    return Declined(referral, work.advice.signposts_of(referral.signposts))


def seal_question(command: Return, work: ReferralWork) -> bytes:
    """Raises NoSuchReferral."""
    return work.vault.seal_note(_found(command.referral, work).participant, command.question)


def give_back_with(command: Return, question: bytes, work: ReferralWork) -> Referral:
    """Raises NoSuchReferral, NotNow, ChangedSinceRead."""
    referral, participant = _asked(command, work)
    events = referral.give_back(command.by, work.now, question)
    work.referrals.save(referral)
    work.participants.save(participant, events)
    return referral


give_back = TwoSteps(seal_question, give_back_with)


def seal_reason(command: Withdraw, work: ReferralWork) -> bytes | None:
    """Raises NoSuchReferral."""
    referral = _found(command.referral, work)
    return work.vault.seal_note(referral.participant, command.reason) if command.reason else None


def withdraw_with(command: Withdraw, reason: bytes | None, work: ReferralWork) -> Referral:
    """Raises NoSuchReferral, NotNow, ChangedSinceRead."""
    referral, participant = _asked(command, work)
    events = referral.withdraw(command.by, work.now, reason)
    work.referrals.save(referral)
    work.participants.save(participant, events)
    return referral


withdraw = TwoSteps(seal_reason, withdraw_with)


def copy_standing(command: CopyStanding, work: ReferralWork) -> None:
    """Raises Poison, before anything is saved, for a referral that this person does not have at this hub."""
    participant = work.participants.get(command.person)
    if participant and participant.state != "known":
        return  # erased: later events about them are ignored
    referrals = [_theirs(standing.referral, command.person, work) for standing in command.standings]
    ended = []
    for referral, standing in zip(referrals, command.standings, strict=True):
        ended += referral.stand(standing.stands, standing.reason, work.now)
        work.referrals.save(referral)
    if participant and ended:
        work.participants.save(participant, ended)


def _theirs(referral: ReferralId, person: PersonId, work: ReferralWork) -> Referral:
    found = work.referrals.get(referral)
    return theirs(f"referral {referral}", found, found.participant if found else None, person)


def _found(referral: ReferralId, work: ReferralWork) -> Referral:
    found = work.referrals.get(referral)
    if found is None:
        raise NoSuchReferral(f"{referral}: look it up with GET /v1/referrals")
    return found


def _asked(command: Accept | Return | Decline | Withdraw, work: ReferralWork) -> tuple[Referral, Participant]:
    """The referral, if it still is as the caller read it, and its participant."""
    referral = _found(command.referral, work)
    expect(referral.shown_version, command.if_match)
    participant = work.participants.get(referral.participant)
    if participant is None:
        raise LookupError(f"{referral.id} has no participant")
    return referral, participant
