import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.contracts import Sealing, described, referral, scheduling
from shared.contracts.parts import Place, StaffName, Wishes
from shared.errors import Misconfigured, Poison
from shared.events.sealing import BadSeal, SealingKey, Seals, UnknownSealingKey, read_seals

WISHES = described(referral.Accepted).sealed["wishes"]
NAME = described(referral.StaffChanged).sealed["name_for_scheduling"]
PLACE = described(scheduling.MembershipTaken).sealed["place"]

OLD, NEW = SealingKey("2026-10", bytes(range(32))), SealingKey("2026-11", bytes(range(32, 64)))
PAIR = ("referral", "scheduling")
REFERRAL, SCHEDULING = Seals("referral", {PAIR: (NEW, OLD)}), Seals("scheduling", {PAIR: (NEW, OLD)})
ASKED = Wishes(modalities=("analytic",), topics=("exam-stress",))
SUBJECTS = st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), min_size=1, max_size=12)
WORDS = st.lists(st.text(max_size=12), max_size=4).map(tuple)

quick = settings(max_examples=40, deadline=None)


def sealed(what=ASKED, subject="P-1", sealing=WISHES, by=REFERRAL):
    return by.seal(sealing, subject, what)


def opened(text, subject="P-1", sealing=WISHES, by=SCHEDULING, writer="referral"):
    return by.open(sealing, writer, subject, text)


@quick
@given(st.builds(Wishes, modalities=WORDS, topics=WORDS, variants=WORDS), SUBJECTS)
def test_what_was_sealed_opens_for_its_reader(wishes, subject):
    assert opened(sealed(wishes, subject), subject) == wishes


@quick
@given(st.builds(Wishes, modalities=WORDS))
def test_what_was_sealed_twice_never_looks_the_same(wishes):
    assert sealed(wishes) != sealed(wishes)


def test_sealed_text_shows_its_key_and_nothing_of_what_is_in_it():
    text = sealed()
    key, _, body = text.partition(".")
    assert key == "2026-11"
    assert b"analytic" not in base64.urlsafe_b64decode(body)


def test_no_wish_and_a_long_list_of_them_are_both_opaque():
    assert all(text.startswith("2026-11.") for text in (sealed(Wishes()), sealed(Wishes(modalities=("analytic",) * 50))))


@quick
@given(SUBJECTS, SUBJECTS)
def test_it_cannot_be_passed_off_as_another_persons(one, other):
    text = sealed(subject=one)
    if one == other:
        assert opened(text, other) == ASKED
    else:
        with pytest.raises(BadSeal, match="cannot be opened: it was altered, or sealed for something else"):
            opened(text, other)


@quick
@given(st.data())
def test_with_any_bit_flipped_it_cannot_be_opened(data):
    key, _, body = sealed().partition(".")
    raw = bytearray(base64.urlsafe_b64decode(body))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BadSeal):
        opened(f"{key}.{base64.urlsafe_b64encode(raw).decode()}")


@quick
@given(st.text(max_size=60))
def test_no_text_does_more_than_be_refused(text):
    with pytest.raises((BadSeal, UnknownSealingKey)):
        opened(f"{NEW.id}.{text}")
    with pytest.raises((BadSeal, UnknownSealingKey)):
        opened(text)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_a_text_that_is_too_short_to_be_sealed_is_refused(length):
    with pytest.raises(BadSeal):
        opened(f"{NEW.id}.{base64.urlsafe_b64encode(bytes(length)).decode()}")


def test_it_cannot_be_passed_off_as_another_field():
    with pytest.raises(BadSeal):
        opened(sealed(StaffName(display_name="Dr S. Ficta"), sealing=NAME))


ANOTHER_PAIR = {PAIR: (NEW,), ("referral", "notifications"): (NEW,), ("notifications", "scheduling"): (NEW,)}


def test_it_cannot_be_passed_off_as_for_another_reader_even_under_the_same_key():
    text = sealed(by=Seals("referral", ANOTHER_PAIR))
    with pytest.raises(BadSeal):
        opened(text, by=Seals("notifications", ANOTHER_PAIR))


def test_it_cannot_be_passed_off_as_of_another_writer_even_under_the_same_key():
    with pytest.raises(BadSeal):
        opened(sealed(), by=Seals("scheduling", ANOTHER_PAIR), writer="notifications")


def test_under_another_key_of_the_same_name_it_cannot_be_opened():
    with pytest.raises(BadSeal):
        opened(sealed(), by=Seals("scheduling", {PAIR: (replace(NEW, key=bytes(32)),)}))


def test_who_published_a_place_cannot_read_it_back_with_the_keys_it_has_for_reading():
    """Referral cannot open what scheduling says of groups."""
    keys = {("scheduling", "notifications"): (NEW,)}
    text = Seals("scheduling", keys).seal(PLACE, "P-1", Place(group="G", kind="seat", name="A", venue="V", cadence="weekly", revision=1))
    with pytest.raises(UnknownSealingKey):
        REFERRAL.open(PLACE, "scheduling", "P-1", text)


def test_the_newest_key_seals_and_every_older_one_still_opens():
    before = sealed(by=Seals("referral", {PAIR: (OLD,)}))
    assert before.startswith("2026-10.")
    assert opened(before) == opened(sealed()) == ASKED


def test_a_key_that_is_not_here_is_named_with_the_cure_and_the_event_can_wait_for_it():
    with pytest.raises(UnknownSealingKey) as refused:
        opened(sealed(), by=Seals("scheduling", {PAIR: (OLD,)}))
    assert str(refused.value) == (
        "sealed under the key '2026-11' of referral>scheduling, which is not here: "
        "add that key to SEALING_KEYS_FILE, restart, then redrive the event"
    )
    assert isinstance(refused.value, Poison)


def test_text_without_a_key_s_name_is_not_repeated_at_length():
    with pytest.raises(UnknownSealingKey) as refused:
        opened("x" * 5000)
    assert len(str(refused.value)) < 250


def test_who_has_no_key_for_a_reader_cannot_seal_and_is_told_what_to_write():
    with pytest.raises(Misconfigured, match=r"^SEALING_KEYS_FILE has no key for referral>scheduling; expected \{"):
        sealed(by=Seals("referral", {}))
    with pytest.raises(Misconfigured):
        sealed(by=Seals("referral", {PAIR: ()}))


def test_fields_of_a_later_release_inside_what_is_sealed_are_ignored():
    later = Sealing("scheduling", WISHES.purpose, Place)
    place = Place(group="G", kind="seat", name="A", venue="V", cadence="weekly", revision=1)
    with pytest.raises(ValidationError) as refused:
        opened(sealed(ASKED), sealing=later)
    assert "group" in refused.value.messages
    assert opened(REFERRAL.seal(later, "P-1", place)) == Wishes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sealing-keys.json"


def row(key):
    return {"id": key.id, "key": base64.b64encode(key.key).decode()}


def test_the_keys_are_read_from_a_file_the_newest_first(path):
    path.write_text(json.dumps({"referral>scheduling": [row(NEW), row(OLD)], "scheduling>notifications": [row(OLD)]}))
    seals = read_seals("scheduling", path)
    assert seals.keys == {PAIR: (NEW, OLD), ("scheduling", "notifications"): (OLD,)}
    assert opened(sealed(), by=seals) == ASKED


def refusal(path):
    with pytest.raises(Misconfigured) as refused:
        read_seals("scheduling", path)
    told = str(refused.value)
    assert told.startswith(f"SEALING_KEYS_FILE {path}: ")
    assert told.endswith('Expected {"referral>scheduling": [{"id": "2026-11", "key": "<32 bytes in base64>"}]}')
    return told


def test_without_the_file_nothing_starts(path):
    assert "No such file" in refusal(path)


@pytest.mark.parametrize("text", ["", "{", "7", "null", "[]", '"text"', '{"referral>scheduling": 7}', '{"referral>scheduling": [7]}'])
def test_a_file_that_is_no_list_of_keys_by_pair_is_refused(path, text):
    path.write_text(text)
    assert refusal(path)


@pytest.mark.parametrize("pair", ["referral", "referral>", ">scheduling", ""])
def test_a_pair_that_is_none_is_named(path, pair):
    path.write_text(json.dumps({pair: [row(NEW)]}))
    assert f"{pair!r} is not writer>reader" in refusal(path)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "referral>scheduling, scheduling>notifications"),
        ({"referral>scheduling": [row(NEW)]}, "scheduling>notifications"),
        ({"referral>scheduling": [], "scheduling>notifications": [row(NEW)]}, "referral>scheduling"),
    ],
)
def test_without_a_key_for_each_pair_that_it_belongs_to_a_service_does_not_start(path, given, missing):
    path.write_text(json.dumps(given))
    assert f"no key for {missing}" in refusal(path)


@pytest.mark.parametrize("field", ["id", "key"])
def test_a_key_that_lacks_a_field_is_refused_by_that_field(path, field):
    path.write_text(json.dumps({"referral>scheduling": [{name: value for name, value in row(NEW).items() if name != field}]}))
    assert f"KeyError('{field}')" in refusal(path)


@pytest.mark.parametrize("wrong", [{"id": ""}, {"id": "2026.11"}, {"key": base64.b64encode(bytes(31)).decode()}, {"key": "###"}])
def test_a_key_of_another_length_or_with_a_dot_in_its_name_is_refused_and_never_shown(path, wrong):
    path.write_text(json.dumps({"referral>scheduling": [row(NEW) | wrong]}))
    told = refusal(path)
    assert row(NEW)["key"] not in told


def test_a_key_is_never_shown():
    assert NEW.key.hex() not in repr(SCHEDULING)
    assert repr(NEW.key) not in repr(SCHEDULING)
