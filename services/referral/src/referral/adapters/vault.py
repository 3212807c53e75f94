"""People in the vault: which data is sealed, and in which form."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from referral.domain.ids import PersonId
from referral.domain.values import Identity, Person, Registration, Workplaces
from shared.store.vault import Vault

Document = Mapping[str, Any]


class PeopleInVault:
    """Raises Retryable while the vault is unavailable, Erased when a person's key has been destroyed, Misplaced for another's data."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def create_key(self, participant: PersonId) -> None:
        self._vault.create_key(participant)

    def destroy_key(self, participant: PersonId) -> None:
        self._vault.destroy_key(participant)

    def seal_identity(self, participant: PersonId, identity: Identity) -> bytes:
        return self._vault.seal(participant, "identity", identity_document(identity))

    def open_identity(self, participant: PersonId, sealed: bytes) -> Identity:
        return identity_in(self._vault.open(participant, "identity", sealed))

    def seal_contact(self, participant: PersonId, person: Person) -> bytes:
        """The details that notifications needs to write to them."""
        told = {"known_as": person.name_to_use, "email": person.email, "language": "en", "discreet": True}
        return self._vault.seal(participant, "contact", told)

    def seal_note(self, participant: PersonId, text: str) -> bytes:
        return self._vault.seal(participant, "note", {"text": text})

    def open_note(self, participant: PersonId, sealed: bytes) -> str:
        return str(self._vault.open(participant, "note", sealed)["text"])


def identity_document(identity: Identity) -> dict[str, object]:
    """The fields by their domain names; BSON has no dates without a time, so a birth date is text."""
    document = asdict(identity)
    if identity.person.birth_date:
        document["person"]["birth_date"] = identity.person.birth_date.isoformat()
    return document


def identity_in(document: Document) -> Identity:
    ties = document["ties"]
    workplaces = Workplaces(tuple(ties["employers"]), tuple(ties["sites"]), tuple(ties["programmes"]), ties["household"])
    return Identity(_person_in(document["person"]), workplaces, tuple(map(_registration_in, document["never_with"])))


def _person_in(document: Document) -> Person:
    born, registration = document["birth_date"], document["registration"]
    return Person(
        name=document["name"],
        email=document["email"],
        known_as=document["known_as"],
        phone=document["phone"],
        birth_date=date.fromisoformat(born) if born else None,
        registration=_registration_in(registration) if registration else None,
    )


def _registration_in(document: Document) -> Registration:
    return Registration(document["body"], document["number"])
