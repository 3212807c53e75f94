"""One function per use case: load, decide, save."""

from dataclasses import asdict

from referral.application.commands import Decide, RegisterFacilitator, Submit
from referral.application.ports import Work
from referral.domain import blinding
from referral.domain.advice import UnknownReason
from referral.domain.facilitator import Facilitator
from referral.domain.participant import Participant
from referral.domain.referral import AlreadyReferred, Referral
from referral.domain.values import Conflicts, Identity, Person


def submit(command: Submit, work: Work) -> Referral:
    """Raises UnknownWish, AlreadyReferred."""
    work.modalities.check(command.wishes)
    identity = Identity(command.person, command.ties, command.never_with)
    index = blinding.person_index(work.secrets.blind_index, identity)
    if known := work.referrals.open_for(index):
        raise AlreadyReferred(known.id)
    participant = _know(identity, index, work)
    referral = Referral(
        id=work.new_id("R"),
        hub=work.hub,
        participant=participant.id,
        index=index,
        source=command.source,
        facts=command.facts,
        wishes=command.wishes,
        availability=command.availability,
        urgency=command.urgency,
        consent=command.consent,
        submitted_at=work.now,
    )
    work.referrals.save(referral, referral.submit())
    return referral


def _know(identity: Identity, index: str, work: Work) -> Participant:
    """The participant this person is, known by what was said last; a new pseudonym for somebody new."""
    participant = work.participants.known_as(index) or _meet(index, work)
    sealed = work.safe.seal(participant.id, asdict(identity))
    conflicts = blinding.conflicts(work.secrets.conflict, identity)
    work.participants.save(participant, participant.know(sealed, conflicts, identity.person))
    return participant


def _meet(index: str, work: Work) -> Participant:
    pseudonym = work.new_pseudonym()
    work.safe.create_key(pseudonym)
    return Participant(pseudonym, work.hub, index, b"", Conflicts())


def accept(command: Decide, work: Work) -> Referral:
    """Raises NoSuchReferral, NotNow."""
    referral = work.referrals.get(command.referral)
    participant = work.participants.get(referral.participant)
    events = referral.accept(command.by, work.now, participant.conflicts)
    work.referrals.save(referral, events)
    return referral


def give_back(command: Decide, work: Work) -> Referral:
    """Raises NoSuchReferral, NotNow."""
    referral = work.referrals.get(command.referral)
    question = work.safe.seal(referral.participant, {"text": command.text})
    events = referral.give_back(command.by, work.now, question)
    work.referrals.save(referral, events)
    return referral


def decline(command: Decide, work: Work) -> Referral:
    """Raises NoSuchReferral, NotNow, UnknownReason."""
    referral = work.referrals.get(command.referral)
    reason = work.advice.reasons.get(command.text)
    if reason is None:
        raise UnknownReason(command.text, work.advice.reasons)
    events = referral.decline(command.by, work.now, reason.code, reason.signposts)
    work.referrals.save(referral, events)
    return referral


def withdraw(command: Decide, work: Work) -> Referral:
    """Raises NoSuchReferral, NotNow."""
    referral = work.referrals.get(command.referral)
    reason = work.safe.seal(referral.participant, {"text": command.text})
    events = referral.withdraw(command.by, work.now, reason)
    work.referrals.save(referral, events)
    return referral


def register_facilitator(command: RegisterFacilitator, work: Work) -> Facilitator:
    """The same registration again is the same facilitator, with the ties given last."""
    # Their name stays in the clear: participants are told who runs their group. Where they work does not.
    identity = Identity(Person(command.display_name, "", registration=command.registration), command.ties, command.never_with)
    index = blinding.person_index(work.secrets.blind_index, identity)
    facilitator = work.facilitators.known_as(index)
    if facilitator is None:
        facilitator = Facilitator(work.new_id("F"), work.hub, index, command.display_name, command.hubs, Conflicts())
    facilitator.display_name, facilitator.hubs = command.display_name, command.hubs
    facilitator.conflicts = blinding.conflicts(work.secrets.conflict, identity)
    work.facilitators.save(facilitator, facilitator.register())
    return facilitator


def progress(status: str, referral: str, work: Work) -> None:
    """Note what scheduling says of a referral."""
    found = work.referrals.get(referral)
    found.progress(status, work.now)
    work.referrals.save(found)
