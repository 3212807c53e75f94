import hashlib
import json

import pytest

from shared.errors import Misconfigured
from shared.web.principals import ROLES, Keyring, Principal

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


def keyring(path, rows=ROWS, may_combine=frozenset()):
    path.write_text(json.dumps(rows))
    return Keyring.read(path, may_combine)


def held_by(person, *roles, hub="london"):
    """A key for each role, all held by one person at one hub."""
    return [{"id": f"{hub}-{role}", "sha256": digest(f"{hub}-{role}"), "hub": hub, "role": role, "person": person} for role in roles]


def refusal(path):
    with pytest.raises(Misconfigured) as refused:
        Keyring.read(path)
    return str(refused.value)


def test_a_key_is_somebody_of_one_hub_and_one_role(path):
    known = keyring(path)
    assert known.principal(KEY) == Principal("london-intake", "london-intake", frozenset({"london"}), frozenset({"intake"}))
    assert known.principal(ANOTHER).hub == "north-west"
    assert known.principal(ANOTHER).roles == {"operator"}


def test_an_audit_names_who_holds_the_key(path):
    (row,) = held_by("Dr S. Ficta", "clinician")
    assert keyring(path, [row]).principal("london-clinician").person == "Dr S. Ficta"


@pytest.mark.parametrize("key", ["", " ", KEY.upper(), f"{KEY} ", f" {KEY}", KEY[:-1], "london-intake", "ключ", "\x00", "x" * 1_000_000])
def test_a_key_of_no_one_is_none(path, key):
    assert keyring(path).principal(key) is None


def test_the_hash_of_a_key_is_no_key(path):
    assert keyring(path).principal(digest(KEY)) is None


def test_an_empty_list_lets_nobody_in(path):
    assert keyring(path, []).principal(KEY) is None


def test_a_principal_is_named_by_an_id_and_never_by_the_key(path):
    told = repr(keyring(path).principal(KEY))
    assert "london-intake" in told
    assert KEY not in told
    assert digest(KEY) not in told


def test_the_roles_are_those_of_the_design():
    assert ROLES == ("intake", "clinician", "coordinator", "facilitator", "operator", "auditor")


def test_without_the_file_nothing_starts_and_one_is_told_what_to_write(path):
    told = refusal(path)
    assert told.startswith(f"API_KEYS_FILE {path}: ")
    assert told.endswith('Expected [{"id": "london-intake", "sha256": "…", "hub": "london", "role": "intake", "person": "who holds it"}]')


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


@pytest.mark.parametrize("knows_who", ["intake", "clinician"])
def test_nobody_learns_both_who_somebody_is_and_which_group_they_are_in(path, knows_who):
    path.write_text(json.dumps(held_by("Sam", "coordinator", knows_who)))
    told = refusal(path)
    assert told.startswith((f"API_KEYS_FILE {path}: Sam holds coordinator", f"API_KEYS_FILE {path}: Sam holds clinician"))
    assert "Give the roles to two people, or set may_combine_roles = true for london in HUBS_FILE" in told


def test_a_hub_whose_data_allows_it_may_combine_the_roles_and_no_other_may(path):
    rows = held_by("Sam", "coordinator", "intake")
    assert keyring(path, rows, frozenset({"london"})).principal("london-coordinator").person == "Sam"
    with pytest.raises(Misconfigured, match="set may_combine_roles = true for london"):
        keyring(path, rows, frozenset({"wales"}))


def test_one_person_may_hold_them_at_two_hubs_or_any_other_two_at_one(path):
    rows = held_by("Sam", "coordinator", "operator", "facilitator") + held_by("Sam", "intake", "clinician", hub="wales")
    assert keyring(path, rows).principal("wales-intake").hub == "wales"


def test_two_people_of_one_hub_may_hold_one_role_each(path):
    assert keyring(path, held_by("Sam", "coordinator") + held_by("Alex", "clinician"))


def test_one_key_in_two_entries_is_refused(path):
    path.write_text(json.dumps([*ROWS, {**ROWS[0], "id": "twin", "role": "coordinator"}]))
    assert "two entries have the same sha256" in refusal(path)
