"""The identity vault against a real key store."""

import os

import pytest

from embedded.stack import Stack
from shared.ids import new_pseudonym
from shared.store.vault import Erased, Vault


@pytest.fixture
def master() -> bytes:
    return os.urandom(96)


def test_what_is_sealed_opens_again_and_tells_nothing_while_sealed(stack: Stack, master: bytes) -> None:
    vault, participant = Vault(stack.place.store("vault"), master), new_pseudonym()
    vault.create_key(participant)
    sealed = vault.seal(participant, {"name": "Testina Ficta", "ties": {"sites": ["St. Elsewhere"]}})
    assert b"Testina" not in sealed
    assert sealed != vault.seal(participant, {"name": "Testina Ficta", "ties": {"sites": ["St. Elsewhere"]}})
    assert vault.open(sealed) == {"name": "Testina Ficta", "ties": {"sites": ["St. Elsewhere"]}}


def test_destroying_the_key_erases_the_person(stack: Stack, master: bytes) -> None:
    participant = new_pseudonym()
    vault = Vault(stack.place.store("vault"), master)
    vault.create_key(participant)
    sealed = vault.seal(participant, {"name": "Testina Ficta"})
    assert participant not in vault.destroyed()
    vault.destroy_key(participant)
    assert participant in Vault(stack.place.store("vault"), master).destroyed(), "also for who restored another store"
    with pytest.raises(Erased):
        Vault(stack.place.store("vault"), master).open(sealed)
