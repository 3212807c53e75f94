import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.validation.fields import Address, Name, Text, Workplace, choice, listed

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
    assert taken == Text().deserialize(taken)
    assert [c for c in taken if not c.isspace()] == [c for c in unicodedata.normalize("NFC", _seen(text)) if not c.isspace()]


def _seen(text):
    """As a reader sees it: format characters are invisible, but for those that join letters."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf" or c in "\u200c\u200d")


MEANINGLESS = "\u00ad\u200b\u200e\u200f\u202a\u202c\u2060\u2066\u2069\ufeff\u061c"


@pytest.mark.parametrize("hidden", MEANINGLESS)
def test_what_is_copied_along_and_means_nothing_is_left_out(hidden):
    assert Text().deserialize(f"{hidden}Sa{hidden}m{hidden}") == "Sam"
    assert Address(254).deserialize(f"s{hidden}am@home.example{hidden}") == "sam@home.example"
    assert refusal(Name(), hidden) == ["is empty; give a value, or leave the field out"]


@pytest.mark.parametrize("turning", ["\u202d", "\u202e", "\ufff9", "\U000e0041"])
def test_what_turns_or_hides_what_is_read_is_refused(turning):
    assert refusal(Text(), f"Sam{turning}eman")[0].startswith("contains a control character")


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u3000"])
def test_every_kind_of_space_is_a_space(space):
    assert Text().deserialize(f"Sam{space}Ficta") == "Sam Ficta"


def test_letters_are_joined_as_their_language_joins_them():
    assert Name().deserialize("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize("name", ["sam@home.example", "https://home.example", "www.home.example", "-", "123", "..."])
def test_what_is_no_name_is_refused(name):
    assert refusal(Name(), name) == ["not a name; give the name that the person goes by"]


@pytest.mark.parametrize("name", ["$ne", "{'$ne': 1}", "=1+1", "<script>", "[object]"])
def test_what_is_no_workplace_is_refused(name):
    assert refusal(Workplace(), name) == ["not a name; write it as people there call it"]


DOMAINS = [("sam@bücher.example", "sam@xn--bcher-kva.example"), ("Sam@HOME.Example", "Sam@home.example")]


@pytest.mark.parametrize(("typed", "written"), DOMAINS)
def test_a_domain_is_kept_as_mail_servers_write_it(typed, written):
    assert Address(254).deserialize(typed) == written
    assert Address(254).deserialize(written) == written


@pytest.mark.parametrize("address", ["sam@home.example", "s.o'brien+x@mail.home.example", "SAM@home.example", " a@b-c.example "])
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
        "sám@home.example",
        "sam@home.e",
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
