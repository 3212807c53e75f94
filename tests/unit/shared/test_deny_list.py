import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shared.validation.discretion
from shared.validation.discretion import is_discreet, telling_words

LINES = (Path(shared.validation.discretion.__file__).parent / "data" / "deny-list.txt").read_text().splitlines()
WORDS = [line.strip() for line in LINES if line.strip() and not line.startswith("#")]
STEMS = [word.removesuffix("*") for word in WORDS if word.endswith("*")]
WHOLE = [word for word in WORDS if not word.endswith("*")]


@pytest.mark.parametrize("word", [word.removesuffix("*") for word in WORDS])
def test_every_word_of_the_list_is_found_in_whatever_case(word):
    assert telling_words(f"Weekly {word.upper()}, room 3") == (word.upper(),)
    assert telling_words(word.title()) == (word.title(),)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(STEMS), st.text("abcdefghijklmnopqrstuvwxyzé", max_size=8))
def test_a_word_with_a_star_is_found_with_every_ending(stem, ending):
    assert telling_words(f"the {stem}{ending}.") == (stem + ending,)


@pytest.mark.parametrize("word", ["scare", "careful", "example", "examine", "drum", "drive", "aspect", "egp", "gps2", "prescription"])
def test_a_word_that_only_holds_one_of_the_list_tells_nothing(word):
    assert is_discreet(word)


@pytest.mark.parametrize("text", ["", "Weekly evening A", "Tuesday 18:30", "Room 3", "Circlework", "meeting.ics", "12 January 2027", "#"])
def test_a_plain_name_tells_nothing(text):
    assert telling_words(text) == ()


@pytest.mark.parametrize("text", ["Dr. Lee", "GP's evening", "well-being", "stress-free", "(balint)", "group.ics", "a\nclinic"])
def test_signs_around_a_word_do_not_hide_it(text):
    assert not is_discreet(text)


def test_words_are_told_in_the_order_and_spelling_in_which_they_stand():
    assert telling_words("Stress, a GROUP for Doctors") == ("Stress", "GROUP", "Doctors")


def test_the_list_holds_words_and_no_pattern():
    assert all(re.fullmatch(r"[a-z]+(?:[ -][a-z]+)*\*?", word) for word in WORDS)
    assert len(set(WORDS)) == len(WORDS)
    assert {"doctor", "therap", "group"} <= set(STEMS)
    assert {"dr", "nhs", "care"} <= set(WHOLE)
