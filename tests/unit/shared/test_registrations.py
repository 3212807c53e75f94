"""One human has one registration, however it is typed; what cannot be a number is refused with the likely cause."""

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.validation.registrations import NoSuchBody, NotANumber, bodies, body_called

GMC = bodies()["GMC"]


@pytest.mark.parametrize("typed", ["GMC", "gmc", "G.M.C.", " G M C ", "General Medical Council", "general medical", "ＧＭＣ"])
def test_a_body_is_known_by_its_names(typed):
    assert body_called(typed) is GMC


@pytest.mark.parametrize("typed", ["GМC", "GM", "GMCC", "doctors", "", "$ne"])  # the first with a Cyrillic letter
def test_what_is_no_body_is_refused_with_those_that_there_are(typed):
    with pytest.raises(NoSuchBody, match="use one of GMC, GDC, NMC, GPhC, HCPC"):
        body_called(typed)


@pytest.mark.parametrize(
    ("body", "typed", "number"),
    [
        ("GMC", "9000001", "9000001"),
        ("GMC", "GMC 9000001", "9000001"),
        ("GMC", "gmc:900 0001", "9000001"),
        ("GMC", "GMC No. 9000001", "9000001"),
        ("GMC", "General Medical Council number 9000001", "9000001"),
        ("GMC", "900-00-01", "9000001"),
        ("GMC", "9000001.0", "9000001"),
        ("GMC", "９０００００１", "9000001"),
        ("GMC", "G.M.C. 9000001", "9000001"),
        ("GDC", "12345,0", "12345"),
        ("GMC", "\u200e9000001", "9000001"),
        ("GMC", "0096461", "0096461"),
        ("GDC", "GDC 12 34", "1234"),
        ("NMC", "12a3456e", "12A3456E"),
        ("NMC", "NMC PIN 12A3456E", "12A3456E"),
        ("GPhC", "GPhC 2012345", "2012345"),
        ("HCPC", "PYL 012345", "PYL012345"),
    ],
)
def test_a_number_is_read_however_people_write_it(body, typed, number):
    assert bodies()[body].number_in(typed) == number


@pytest.mark.parametrize("typed", ["96461", "GMC 96461", "417045", "96461.0", "1"])
def test_a_number_that_lost_its_zeros_is_refused_with_that_cause(typed):
    with pytest.raises(NotANumber, match="seven digits; if a spreadsheet has dropped zeros in front, format that column as text"):
        GMC.number_in(typed)


@pytest.mark.parametrize("typed", ["7.34E+06", "7,34E+06", "7.34e06", "9E+6", "GMC 7.34E+06"])
def test_a_number_that_a_spreadsheet_has_rounded_is_refused_with_that_cause(typed):
    with pytest.raises(NotANumber, match="a spreadsheet has rounded it; format that column as text"):
        GMC.number_in(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "12345678",
        "123456,0",
        "123456.7",
        "9000001,5",
        "90000O1",
        "9000001a",
        "n/a",
        "9000001 / 9000002",
        "-",
        "٩٠٠٠٠٠١x",
        "9000001.5",
        "１２３",
    ],
)
def test_what_is_no_number_of_the_body_is_refused_with_its_form(typed):
    with pytest.raises(NotANumber):
        GMC.number_in(typed)


@given(
    digits=some.text("0123456789", min_size=7, max_size=7), noise=some.lists(some.sampled_from(" -./\u200b\u00a0"), min_size=8, max_size=8)
)
def test_no_spelling_of_a_number_makes_another_number(digits, noise):
    typed = "".join(mark + digit for mark, digit in zip(noise, [*digits, ""], strict=True)).strip(".")
    try:
        assert GMC.number_in(typed) == digits
    except NotANumber:
        assert "." in typed, "a full stop may make it a decimal"


@given(typed=some.text(string.printable + "٣Ⅷ²①", max_size=30))
def test_whatever_is_typed_is_a_number_of_the_body_or_refused(typed):
    for body in bodies().values():
        with suppress(NotANumber):
            assert body.number.fullmatch(body.number_in(typed))
