import hashlib
import json

import pytest

from shared.errors import Misconfigured
from shared.web.principals import ROLES, Caller, Keyring

KEY, ANOTHER = "ck_intake_of_london", "ck_operator_of_north_west"


def digest(key):
    return hashlib.sha256(key.encode()).hexdigest()


ROWS = [
    {"id": "london-intake", "sha256": digest(KEY), "hub": "london", "role": "intake"},
    {"id": "north-west-operator", "sha256": digest(ANOTHER), "hub": "north-west", "role": "operator"},
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "api-keys.json"


def keyring(path, rows=ROWS):
    path.write_text(json.dumps(rows))
    return Keyring.read(path)


def refusal(path):
    with pytest.raises(Misconfigured) as refused:
        Keyring.read(path)
    return str(refused.value)


def test_a_key_is_somebody_of_one_hub_and_one_role(path):
    known = keyring(path)
    assert known.caller(KEY) == Caller("london-intake", "london", "intake")
    assert known.caller(ANOTHER) == Caller("north-west-operator", "north-west", "operator")


@pytest.mark.parametrize("key", ["", " ", KEY.upper(), f"{KEY} ", f" {KEY}", KEY[:-1], "london-intake", "ключ", "\x00", "x" * 1_000_000])
def test_a_key_of_no_one_is_none(path, key):
    assert keyring(path).caller(key) is None


def test_the_hash_of_a_key_is_no_key(path):
    assert keyring(path).caller(digest(KEY)) is None


def test_an_empty_list_lets_nobody_in(path):
    assert keyring(path, []).caller(KEY) is None


def test_a_caller_is_named_by_an_id_and_never_by_the_key(path):
    told = repr(keyring(path).caller(KEY))
    assert "london-intake" in told
    assert KEY not in told
    assert digest(KEY) not in told


def test_the_roles_are_those_of_the_design():
    assert ROLES == ("intake", "clinician", "coordinator", "facilitator", "operator", "auditor")


def test_without_the_file_nothing_starts_and_one_is_told_what_to_write(path):
    told = refusal(path)
    assert told.startswith(f"API_KEYS_FILE {path}: ")
    assert told.endswith('Expected [{"id": "london-intake", "sha256": "…", "hub": "london", "role": "intake"}]')


@pytest.mark.parametrize("text", ["", "{", "7", "null", '"text"', '{"id": "london-intake"}', '["text"]', "[[]]", "[null]"])
def test_a_file_that_is_no_list_of_keys_is_refused_with_what_was_expected(path, text):
    path.write_text(text)
    assert refusal(path).startswith(f"API_KEYS_FILE {path}: ")


@pytest.mark.parametrize("field", ["id", "sha256", "hub", "role"])
def test_an_entry_that_lacks_a_field_is_refused_by_that_field(path, field):
    path.write_text(json.dumps([ROWS[1], {name: value for name, value in ROWS[0].items() if name != field}]))
    assert f"KeyError('{field}')" in refusal(path)


def test_a_refusal_repeats_no_hash(path):
    path.write_text(json.dumps([{"sha256": digest(KEY)}]))
    assert digest(KEY) not in refusal(path)
