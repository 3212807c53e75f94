"""Submitting a referral: the person is recognised or new, must not have an open referral, and is sealed and stored."""

from dataclasses import dataclass

from referral.application.modalities import as_problems, check_wishes
from referral.application.ports import SubmissionWork
from referral.domain.blinding import person_index, tokens_of
from referral.domain.contacts import Contact
from referral.domain.ids import PersonId
from referral.domain.participants import Participant
from referral.domain.referrals import AlreadyReferred, Referral
from referral.domain.submissions import out_of_time, somebody_elses
from referral.domain.values import Consent, Facts, Identity, Person, Registration, Window, Wishes, Workplaces
from shared.errors import Stale
from shared.store.use_cases import TwoSteps
from shared.validation.problems import FieldProblem, Refused

WORK_ADDRESS = FieldProblem(
    "person.email",
    "a work address: the employer may read it, and it may stop working at the next rotation",
    "ask the doctor for a private address",
)


@dataclass(frozen=True, slots=True)
class Submit:
    """free: when the person can come."""

    source: str
    person: Person
    facts: Facts
    consent: Consent
    ties: Workplaces = Workplaces()
    never_with: tuple[Registration, ...] = ()
    wishes: Wishes = Wishes()
    free: tuple[Window, ...] = ()
    urgency: str = "routine"

    @property
    def identity(self) -> Identity:
        """The part that only the vault may contain."""
        return Identity(self.person, self.ties, self.never_with)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The ciphertexts, and their participant. is_new: the pseudonym was made for it, because the index was not known."""

    participant: PersonId
    is_new: bool
    index: str
    identity: bytes
    contact: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """warnings: problems that do not stop the submission."""

    referral: Referral
    warnings: tuple[FieldProblem, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """index: of the person, for comparison with others that are foreseen."""

    index: str
    warnings: tuple[FieldProblem, ...]


def foresee(command: Submit, work: SubmissionWork) -> Foreseen:
    """What a submission would come to, without submitting. Raises Refused, CatalogueNotHere,
    AlreadyReferred."""
    index = _checked(command, work)
    known = _known(command, index, work)
    if known and (already := work.referrals.open_for(known.id)):
        raise AlreadyReferred(already.id)
    return Foreseen(index, _warnings(command, work))


def _checked(command: Submit, work: SubmissionWork) -> str:
    """The person's index. Raises Refused, CatalogueNotHere."""
    if flaws := out_of_time(command.consent, command.person.birth_date, work.now):
        raise Refused(as_problems(flaws))
    check_wishes(command.wishes, work.modalities.catalogue())
    return person_index(work.secrets.blind_index, command.person.registration, command.person.email)


def _known(command: Submit, index: str, work: SubmissionWork) -> Participant | None:
    """The participant of this index. Raises Refused when it is somebody else, who has the same number or address."""
    known = work.participants.known_by(index)
    if known and known.sealed:
        identity = work.vault.open_identity(known.id, known.sealed)
        if flaws := somebody_elses(identity.person, command.person):
            raise Refused(as_problems(flaws))
    return known


def _warnings(command: Submit, work: SubmissionWork) -> tuple[FieldProblem, ...]:
    return (WORK_ADDRESS,) if work.advice.is_work_address(command.person.email) else ()


def seal(command: Submit, work: SubmissionWork) -> Sealed:
    """Seal the identity under the key of the known participant, or under a new one's. Raises Refused, CatalogueNotHere.

    It must refuse only what a repeated request would be refused for too, because the Idempotency-Key is looked up afterwards.
    """
    index = _checked(command, work)
    known = _known(command, index, work)
    participant = known.id if known else _new_pseudonym(work)
    identity = work.vault.seal_identity(participant, command.identity)
    return Sealed(participant, known is None, index, identity, work.vault.seal_contact(participant, command.person))


def _new_pseudonym(work: SubmissionWork) -> PersonId:
    pseudonym = work.new.person()
    # If the submission is refused after all, the key stays behind for a pseudonym that is never used. It opens nothing.
    work.vault.create_key(pseudonym)
    return pseudonym


def take(command: Submit, sealed: Sealed, work: SubmissionWork) -> Submission:
    """Store the referral and its person. Raises AlreadyReferred; Stale if the person became known, or unknown, since sealing."""
    known = work.participants.known_by(sealed.index)
    if (known.id if known else None) != (None if sealed.is_new else sealed.participant):
        raise Stale("somebody else has just submitted this person")
    if known and (already := work.referrals.open_for(known.id)):
        raise AlreadyReferred(already.id)
    participant = known or Participant(sealed.participant, work.hub, sealed.index)
    referral = _new_referral(command, participant, work)
    changed = participant.know(sealed.identity, command.facts, tokens_of(work.secrets.conflict, command.identity), command.free)
    work.referrals.save(referral)
    work.participants.save(participant, [*changed, *referral.submit()])
    contact = work.contacts.of(participant.id) or Contact(participant.id, work.hub)
    work.contacts.save(contact, contact.change(sealed.contact))
    return Submission(referral, _warnings(command, work))


def _new_referral(command: Submit, participant: Participant, work: SubmissionWork) -> Referral:
    return Referral(
        id=work.new.referral(),
        hub=work.hub,
        participant=participant.id,
        index=participant.index,
        source=command.source,
        wishes=command.wishes,
        urgency=command.urgency,
        consent=command.consent,
        received=work.now,
        shown_at=work.now,
    )


submit = TwoSteps(seal, take)
