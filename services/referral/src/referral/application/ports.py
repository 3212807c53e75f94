"""The interfaces that use cases need from adapters, and the Work of each family of use cases."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from referral.domain.advice import Advice
from referral.domain.contacts import Contact
from referral.domain.events import Event
from referral.domain.ids import PersonId, ReferralId, StaffId
from referral.domain.modalities import Modality
from referral.domain.participants import Participant
from referral.domain.referrals import Referral
from referral.domain.staff import StaffMember
from referral.domain.values import Identity, Person


@dataclass(frozen=True, slots=True)
class ReferralFilter:
    """None means any. status: the one shown to readers."""

    status: str | None = None
    urgency: str | None = None
    participant: str | None = None


class Referrals(Protocol):
    def get(self, identity: str) -> Referral | None:
        """None also for another hub's referral."""
        ...

    def open_for(self, participant: PersonId) -> Referral | None: ...

    def of(self, participant: PersonId) -> Sequence[Referral]: ...

    def listed(self, wanted: ReferralFilter, after: str, limit: int) -> Sequence[Referral]:
        """Up to `limit` after an id, oldest first."""
        ...

    def save(self, aggregate: Referral) -> None:
        """Raises Stale if it changed since it was read, or the person has just been given another open referral."""
        ...


class Participants(Protocol):
    def get(self, identity: str) -> Participant | None: ...

    def known_by(self, index: str) -> Participant | None: ...

    def in_state(self, state: str) -> Sequence[PersonId]: ...

    def save(self, aggregate: Participant, events: Iterable[Event] = ()) -> None:
        """Raises Stale if it changed since it was read, or another submission has just created the same person."""
        ...


class Contacts(Protocol):
    def of(self, participant: PersonId) -> Contact | None: ...

    def save(self, aggregate: Contact, events: Iterable[Event] = ()) -> None: ...


class Staff(Protocol):
    def get(self, identity: str) -> StaffMember | None: ...

    def active(self) -> Sequence[StaffId]:
        """Those of this hub who have not left."""
        ...

    def known_by(self, index: str) -> StaffMember | None: ...

    def save(self, aggregate: StaffMember, events: Iterable[Event] = ()) -> None: ...


class Modalities(Protocol):
    def catalogue(self) -> Sequence[Modality]: ...

    def get(self, identity: str) -> Modality | None: ...

    def save(self, aggregate: Modality) -> None: ...


class Vault(Protocol):
    """One key for each participant. Remote: never within a transaction. Raises Retryable while unavailable, Erased without the key."""

    def create_key(self, participant: PersonId) -> None: ...

    def destroy_key(self, participant: PersonId) -> None: ...

    def seal_identity(self, participant: PersonId, identity: Identity) -> bytes: ...

    def open_identity(self, participant: PersonId, sealed: bytes) -> Identity: ...

    def seal_contact(self, participant: PersonId, person: Person) -> bytes: ...

    def seal_note(self, participant: PersonId, text: str) -> bytes: ...

    def open_note(self, participant: PersonId, sealed: bytes) -> str: ...


@dataclass(frozen=True, slots=True)
class Secrets:
    """blind_index: the key to recognise a person.  conflict: the key to keep colleagues apart. One key for each purpose."""

    blind_index: bytes
    conflict: bytes


@dataclass(frozen=True, slots=True)
class NewIds:
    """Makes new, unused ids."""

    referral: Callable[[], ReferralId]
    person: Callable[[], PersonId]
    staff: Callable[[], StaffId]


@dataclass(frozen=True, slots=True)
class SubmissionWork:
    """The repositories and services for submitting a referral."""

    hub: str
    now: datetime
    referrals: Referrals
    participants: Participants
    contacts: Contacts
    modalities: Modalities
    vault: Vault
    secrets: Secrets
    advice: Advice
    new: NewIds


@dataclass(frozen=True, slots=True)
class ReferralWork:
    """The repositories and services for deciding on referrals, reading them and copying their status."""

    now: datetime
    referrals: Referrals
    participants: Participants
    vault: Vault
    advice: Advice


@dataclass(frozen=True, slots=True)
class ParticipantWork:
    """The repositories and services for erasing a participant and publishing their state."""

    now: datetime
    participants: Participants
    contacts: Contacts
    referrals: Referrals
    vault: Vault


@dataclass(frozen=True, slots=True)
class StaffWork:
    """The repositories and services for registering staff."""

    hub: str
    staff: Staff
    secrets: Secrets
    new: NewIds


@dataclass(frozen=True, slots=True)
class ModalityWork:
    """The repositories for listing a modality."""

    hub: str
    modalities: Modalities
