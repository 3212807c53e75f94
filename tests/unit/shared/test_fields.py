import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.validation.fields import Address, Text, choice, listed

often = settings(max_examples=60, deadline=None)


def refusal(field, value):
    with pytest.raises(ValidationError) as refused:
        field.deserialize(value)
    return refused.value.messages


@pytest.mark.parametrize("text", ["Sam", "O’Brien-Smith", "王小明", "a" * 200, "=1+1", "<b>", "{'$ne': 1}", "🐢"])
def test_what_people_write_on_a_line_is_taken_as_it_is(text):
    assert Text().deserialize(text) == text


def test_text_is_trimmed_before_it_is_measured():
    assert Text(3).deserialize("  Sam \n") == "Sam"


def test_text_is_kept_in_one_form_however_it_was_typed():
    assert Text().deserialize("Zoe\u0308") == "Zo\u00eb"


@pytest.mark.parametrize("longest", [1, 3, 200])
def test_text_may_be_as_long_as_said_and_no_longer(longest):
    assert Text(longest).deserialize("a" * longest)
    assert refusal(Text(longest), "a" * (longest + 1)) == [f"{longest + 1} characters; shorten it to {longest}"]


@pytest.mark.parametrize("nothing", ["", " ", "\t\n"])
def test_nothing_is_a_text_only_where_nothing_may_stand(nothing):
    assert Text(empty=True).deserialize(nothing) == ""
    assert refusal(Text(), nothing) == ["is empty; give a value, or leave the field out"]


@often
@given(st.characters(categories=["Cc", "Co", "Cn", "Zl", "Zp", "Cs"]))
def test_a_character_that_nobody_types_is_refused(character):
    assert refusal(Text(), f"a{character}b") == ["contains a control character or an encoded word; type it as plain text on one line"]


@pytest.mark.parametrize("word", ["=?utf-8?q?=0ABcc:?=", "=?ISO-8859-1?B?QmNjOg==?=", "=?x?Q?", "Sam =?utf-8?b?CkJjYw==?= Ficta"])
def test_an_encoded_word_is_refused_before_it_reaches_a_header(word):
    assert refusal(Text(), word)[0].startswith("contains a control character or an encoded word")


@pytest.mark.parametrize("value", [7, True, 1.5, [], ["a"], {}, {"$ne": None}, {"$gt": ""}])
def test_what_is_no_text_is_refused(value):
    assert refusal(Text(), value) == ["Not a valid string."]


@often
@given(st.text(max_size=300))
def test_whatever_is_taken_is_one_short_printable_line_and_stays_the_same_when_taken_again(text):
    try:
        taken = Text().deserialize(text)
    except ValidationError as refused:
        assert len(refused.messages) == 1  # noqa: PT017 - taken and refused are both fine
        return
    assert 1 <= len(taken) <= 200
    assert taken.splitlines() == [taken]
    assert taken == Text().deserialize(taken) == unicodedata.normalize("NFC", text).strip()


@pytest.mark.parametrize("address", ["sam@home.example", "s.o'brien+x@mail.home.example", "SAM@HOME.EXAMPLE", " a@b-c.example "])
def test_an_address_that_people_have_is_taken(address):
    assert Address(254).deserialize(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        "sam",
        "sam@home",
        "@home.example",
        "sam@.example",
        "sam@home..example",
        "s..am@home.example",
        "sam@home.example.",
        "sam@-home.example",
        "sam@home-.example",
        "sam@home.1",
        "sam@@home.example",
        "sam@home.example,alex@home.example",
        "sam@home.example alex@home.example",
        "Sam <sam@home.example>",
        '"sam"@home.example',
        "sam@[127.0.0.1]",
        "sam@höme.example",
        f"{'s' * 65}@home.example",
        f"sam@{'h' * 64}.example",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address):
    assert refusal(Address(254), address) == ["not an e-mail address; give one like name@example.org"]


@pytest.mark.parametrize("address", ["sam@home.example\r\nBcc: all@home.example", "sam\x00@home.example", "=?utf-8?q?sam?=@home.example"])
def test_an_address_that_would_write_a_header_is_refused(address):
    assert refusal(Address(254), address)[0].startswith("contains a control character or an encoded word")


def test_a_code_is_one_of_those_there_are():
    field = choice(("gp", "sas"))
    assert field.deserialize("gp") == "gp"
    for other in ("GP", "", "gp "):
        assert refusal(field, other) == ["not a known value; use one of gp, sas"]


def test_a_list_has_an_end_and_each_of_its_entries_is_looked_at():
    field = listed(Text(3), most=2)
    assert field.deserialize(["a", " b "]) == ["a", "b"]
    assert refusal(field, ["a"] * 3) == ["too many; give at most 2"]
    assert refusal(field, ["a", "abcd"]) == {1: ["4 characters; shorten it to 3"]}
