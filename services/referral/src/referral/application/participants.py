"""Erasing participants, and publishing their state again."""

from collections.abc import Sequence
from dataclasses import dataclass

from referral.application.ports import ParticipantWork
from referral.domain.ids import PersonId
from referral.domain.participants import NotKnown, Participant, State
from shared.store.use_cases import TwoSteps


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase for good, at the person's request, by an operator."""

    participant: PersonId


@dataclass(frozen=True, slots=True)
class FindParticipant:
    participant: PersonId


@dataclass(frozen=True, slots=True)
class ListParticipants:
    state: State


@dataclass(frozen=True, slots=True)
class SayAgain:
    """Publish the state and the contact of one participant."""

    participant: PersonId


def find(query: FindParticipant, work: ParticipantWork) -> Participant | None:
    """None also for another hub's participant."""
    return work.participants.get(query.participant)


def in_state(query: ListParticipants, work: ParticipantWork) -> Sequence[PersonId]:
    """The hub's participants in a state, such as those whose erasure has to be finished."""
    return work.participants.in_state(query.state)


def erase(command: Erase, work: ParticipantWork) -> Participant:
    """Delete all but the pseudonym, and publish the erasure. The key is destroyed after this commit. Raises NotKnown."""
    participant = _get(command.participant, work)
    if participant.state != "known":
        return participant
    for referral in work.referrals.of(participant.id):
        referral.erase(work.now)
        work.referrals.save(referral)
    work.participants.save(participant, participant.erase())
    if contact := work.contacts.of(participant.id):
        work.contacts.save(contact, contact.erase())
    return participant


def destroy_key(command: Erase, work: ParticipantWork) -> None:
    """Only once the erasure has been committed: until then the key is needed. Raises NotKnown; Retryable without the vault."""
    if _get(command.participant, work).state == "erasing":
        work.vault.destroy_key(command.participant)


def complete(command: Erase, _destroyed: None, work: ParticipantWork) -> Participant:
    """Record that the key has been destroyed. Raises NotKnown."""
    participant = _get(command.participant, work)
    if participant.state == "erasing":
        participant.key_is_destroyed()
        work.participants.save(participant)
    return participant


finish_erasure = TwoSteps(destroy_key, complete)


def say_again(command: SayAgain, work: ParticipantWork) -> None:
    """Publish the state of a participant and their contact, unless they have been erased. Raises NotKnown."""
    participant = _get(command.participant, work)
    if participant.state == "known":
        if contact := work.contacts.of(participant.id):
            work.contacts.save(contact, contact.say_again())
        open_ones = tuple(referral.as_open() for referral in work.referrals.of(participant.id) if referral.is_open)
        work.participants.save(participant, [participant.state_event(open_ones)])


def _get(participant: PersonId, work: ParticipantWork) -> Participant:
    found = work.participants.get(participant)
    if found is None:
        raise NotKnown(f"{participant} is not known at this hub")
    return found
