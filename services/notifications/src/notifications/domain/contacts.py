"""How to reach a person: sealed under their own key; opened only while a message to them is built."""

from dataclasses import dataclass

from notifications.domain.ids import PersonId


@dataclass(frozen=True, slots=True)
class Contact:
    """sealed: the vault's ciphertext."""

    id: PersonId
    hub: str
    sealed: bytes
