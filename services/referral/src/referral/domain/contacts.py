"""How to reach a person: ciphertext under their own key. Its events are numbered separately, because only notifications may read them."""

from dataclasses import dataclass

from referral.domain.ids import PersonId


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """sealed: the vault's ciphertext of the name to use, the address and the language."""

    person: PersonId
    sealed: bytes


@dataclass(frozen=True, slots=True)
class ContactErased:
    """The person can no longer be reached."""

    person: PersonId


@dataclass(slots=True)
class Contact:
    """id: of the participant.  sealed: None once it is erased."""

    id: PersonId
    hub: str
    sealed: bytes | None = None
    version: int = 0
    last_sequence: int = 0

    def change(self, sealed: bytes) -> list[ContactChanged]:
        """Replace the ciphertext. Always published, because two ciphertexts of one address do not look alike."""
        self.sealed = sealed
        return [ContactChanged(self.id, sealed)]

    def say_again(self) -> list[ContactChanged]:
        """Publish what is known, for a reader that has missed it, or must check another signature."""
        return [ContactChanged(self.id, self.sealed)] if self.sealed else []

    def erase(self) -> list[ContactErased]:
        """Delete the ciphertext."""
        self.sealed = None
        return [ContactErased(self.id)]
