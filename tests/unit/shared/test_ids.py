import re
from time import time_ns

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ulid import ULID

from shared.ids import is_pseudonym, new_id, new_pseudonym

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MANY = [new_pseudonym() for _ in range(2000)]
ONE_OF_MANY = st.sampled_from(MANY)

often = settings(max_examples=60, deadline=None)


def check_character(body):
    """As Douglas Crockford defines it: the number modulo 37, of which we use the first 32 symbols."""
    return (CROCKFORD + "*~$=U")[sum(CROCKFORD.index(c) * 32**place for place, c in enumerate(reversed(body))) % 37]


def test_a_pseudonym_is_p_eight_characters_and_a_check_character():
    assert all(re.fullmatch(rf"P-[{CROCKFORD}]{{9}}", one) for one in MANY)
    assert all(one[-1] == check_character(one[2:-1]) for one in MANY)


def test_a_pseudonym_has_no_letter_that_is_heard_or_read_as_another():
    assert not {"I", "L", "O", "U"} & set("".join(one[2:] for one in MANY))


def test_every_new_pseudonym_is_recognised_as_one():
    assert all(map(is_pseudonym, MANY))


def test_two_thousand_people_have_two_thousand_pseudonyms():
    assert len(set(MANY)) == 2000


@pytest.mark.parametrize("place", range(8))
def test_every_place_of_a_pseudonym_is_random(place):
    assert {one[2 + place] for one in MANY} == set(CROCKFORD)


@often
@given(ONE_OF_MANY, st.integers(0, 8), st.sampled_from(CROCKFORD))
def test_one_wrong_character_is_noticed(pseudonym, place, character):
    mistyped = pseudonym[: 2 + place] + character + pseudonym[3 + place :]
    assert is_pseudonym(mistyped) == (mistyped == pseudonym)


@often
@given(ONE_OF_MANY, st.integers(0, 6))
def test_two_neighbours_swapped_are_noticed(pseudonym, place):
    here, there = pseudonym[2 + place], pseudonym[3 + place]
    swapped = f"{pseudonym[: 2 + place]}{there}{here}{pseudonym[4 + place :]}"
    assert is_pseudonym(swapped) == (swapped == pseudonym)


@often
@given(ONE_OF_MANY, st.integers(0, 10))
def test_a_character_too_few_is_noticed(pseudonym, place):
    assert not is_pseudonym(pseudonym[:place] + pseudonym[place + 1 :])


@pytest.mark.parametrize("text", ["", "P", "P-", "P-0", "R-01JD", "P-ILOUILOUI", "P-00000000", "P-000000000 ", "p-000000000"])
def test_what_is_no_pseudonym_is_not_taken_for_one(text):
    assert not is_pseudonym(text)


def test_the_smallest_pseudonym_is_one_and_nothing_around_it_belongs_to_it():
    assert is_pseudonym("P-000000000")
    assert not is_pseudonym("P-0000000000")
    assert not is_pseudonym(" P-000000000")
    assert not is_pseudonym("P-000000000\n")


@often
@given(st.text(max_size=14))
def test_any_other_text_is_looked_at_without_harm(text):
    assert is_pseudonym(text) == (re.fullmatch(rf"P-[{CROCKFORD}]{{9}}", text) is not None and check_character(text[2:-1]) == text[-1])


@pytest.mark.parametrize("kind", ["R", "SEAT"])
def test_an_id_says_its_kind_and_then_a_ulid(kind):
    assert re.fullmatch(rf"{kind}-[0-7][{CROCKFORD}]{{25}}", new_id(kind))


def test_ids_of_one_kind_are_never_the_same():
    assert len({new_id("R") for _ in range(2000)}) == 2000


def test_ids_sort_by_when_they_were_made():
    before = time_ns() // 1_000_000
    moments = [ULID.from_str(new_id("R")[2:]).milliseconds for _ in range(2000)]
    assert moments == sorted(moments)
    assert before <= moments[0] <= moments[-1] <= time_ns() // 1_000_000


def test_the_text_of_an_id_sorts_as_its_moment_does():
    made = [new_id("R") for _ in range(2000)]
    assert [one[:12] for one in made] == sorted(one[:12] for one in made)
