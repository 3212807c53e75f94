"""How to reach a person: ciphertext under their own key, numbered by itself, because only notifications may read it."""

from dataclasses import dataclass

from referral.domain.ids import PersonId


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """sealed: what the vault made of the name to use, the address and the language."""

    person: PersonId
    sealed: bytes


@dataclass(frozen=True, slots=True)
class ContactErased:
    """There is no way to reach the person any more."""

    person: PersonId


@dataclass(slots=True)
class Contact:
    """id: whose it is.  sealed: None once it is erased."""

    id: PersonId
    hub: str
    sealed: bytes | None = None
    version: int = 0
    last_sequence: int = 0

    def change(self, sealed: bytes) -> list[ContactChanged]:
        """Take what was said last as true. Always published: two ciphertexts of one address do not look alike."""
        self.sealed = sealed
        return [ContactChanged(self.id, sealed)]

    def erase(self) -> list[ContactErased]:
        """Forget the ciphertext."""
        self.sealed = None
        return [ContactErased(self.id)]
