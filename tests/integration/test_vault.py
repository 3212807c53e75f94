"""The identity vault against a real key store."""

import base64
import os
from pathlib import Path

import pytest

from embedded.stack import Stack
from shared.errors import Misconfigured
from shared.ids import new_pseudonym
from shared.mongo import connect
from shared.vault import Erased, Vault


@pytest.fixture
def master(tmp_path: Path) -> Path:
    path = tmp_path / "master.key"
    path.write_text(base64.b64encode(os.urandom(96)).decode())
    return path


def test_what_is_sealed_opens_again_and_tells_nothing_while_sealed(stack: Stack, master: Path) -> None:
    vault, participant = Vault(stack.place.store("vault"), master), new_pseudonym()
    vault.create_key(participant)
    sealed = vault.seal(participant, {"name": "Testina Ficta", "ties": {"sites": ["St. Elsewhere"]}})
    assert b"Testina" not in sealed
    assert sealed != vault.seal(participant, {"name": "Testina Ficta", "ties": {"sites": ["St. Elsewhere"]}})
    assert vault.open(sealed) == {"name": "Testina Ficta", "ties": {"sites": ["St. Elsewhere"]}}


def test_destroying_the_key_erases_the_person(stack: Stack, master: Path) -> None:
    participant = new_pseudonym()
    vault = Vault(stack.place.store("vault"), master)
    vault.create_key(participant)
    sealed = vault.seal(participant, {"name": "Testina Ficta"})
    connect(stack.place.store("vault"))["vault"]["keys"].delete_many({"keyAltNames": participant})
    with pytest.raises(Erased):
        Vault(stack.place.store("vault"), master).open(sealed)


def test_a_master_key_of_the_wrong_length_is_named_with_its_cure(stack: Stack, tmp_path: Path) -> None:
    path = tmp_path / "short.key"
    path.write_text(base64.b64encode(b"short").decode())
    with pytest.raises(Misconfigured, match="openssl rand -base64 96"):
        Vault(stack.place.store("vault"), path)
