"""The identity vault against a real key store."""

import os

import pytest
from pymongo.errors import EncryptionError

from embedded.stack import Stack
from shared.ids import new_pseudonym
from shared.store.vault import Erased, Misplaced, Vault


@pytest.fixture
def master() -> bytes:
    return os.urandom(96)


def test_what_is_sealed_opens_again_and_tells_nothing_while_sealed(stack: Stack, master: bytes) -> None:
    vault, participant = Vault(stack.place.store("vault"), master), new_pseudonym()
    vault.create_key(participant)
    sealed = vault.seal(participant, "identity", {"name": "Testina Ficta", "ties": {"sites": ["St. Elsewhere"]}})
    assert b"Testina" not in sealed
    assert sealed != vault.seal(participant, "identity", {"name": "Testina Ficta", "ties": {"sites": ["St. Elsewhere"]}})
    assert vault.open(participant, "identity", sealed) == {"name": "Testina Ficta", "ties": {"sites": ["St. Elsewhere"]}}


def test_destroying_the_key_erases_the_person(stack: Stack, master: bytes) -> None:
    participant = new_pseudonym()
    vault = Vault(stack.place.store("vault"), master)
    vault.create_key(participant)
    sealed = vault.seal(participant, "identity", {"name": "Testina Ficta"})
    assert participant not in vault.destroyed()
    vault.destroy_key(participant)
    assert participant in Vault(stack.place.store("vault"), master).destroyed(), "also for who restored another store"
    with pytest.raises(Erased):
        Vault(stack.place.store("vault"), master).open(participant, "identity", sealed)


def test_a_ciphertext_opens_for_nobody_else_and_for_nothing_else(stack: Stack, master: bytes) -> None:
    """The key's id is in the ciphertext, so without this A's contact would open as B's."""
    vault, mine, theirs = Vault(stack.place.store("vault"), master), new_pseudonym(), new_pseudonym()
    vault.create_key(mine)
    vault.create_key(theirs)
    sealed = vault.seal(mine, "contact", {"email": "mine@home.example"})
    assert vault.open(mine, "contact", sealed) == {"email": "mine@home.example"}
    for person, purpose in ((theirs, "contact"), (mine, "note")):
        with pytest.raises(Misplaced, match=f"what was to be the {purpose} of {person} was sealed for something else") as refused:
            vault.open(person, purpose, sealed)  # type: ignore[arg-type]
        assert "home.example" not in str(refused.value)


@pytest.mark.parametrize("sealed", [b"", b"x", bytes(200)])
def test_what_is_no_ciphertext_is_no_erased_person(stack: Stack, master: bytes, sealed: bytes) -> None:
    with pytest.raises(EncryptionError):
        Vault(stack.place.store("vault"), master).open("P-1", "contact", sealed)
