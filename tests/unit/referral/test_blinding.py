import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.domain.blinding import normalised, own_tokens, person_index, token, tokens_of
from referral.domain.values import Identity, Person, Registration, Tokens, Workplaces

KEY, ANOTHER_KEY = b"k" * 32, b"l" * 32
GMC = Registration("GMC", "1234567")
PURPOSES = ("workplace", "programme", "household", "registration", "address")

often = settings(max_examples=60, deadline=None)
NAMES = st.text(min_size=1, max_size=60)


def somebody(registration=None, email="sam@home.example", never_with=(), **ties):
    return Identity(Person("Sam Ficta", email, registration=registration), Workplaces(**ties), tuple(never_with))


def index(registration=None, email="sam@home.example"):
    return person_index(KEY, registration, email)


def ties(**given):
    return {tie.token for tie in tokens_of(KEY, somebody(**given)).ties}


@pytest.mark.parametrize(
    "written",
    [
        "St Mary's and Co",
        "St. Mary's & Co",
        "st marys and co",
        "  ST MARY’S   AND CO. ",
        "St\tMarys\nand-Co",
        "Sť. Màry's & Co",
        "Ｓｔ Ｍａｒｙｓ ａｎｄ Ｃｏ",
    ],
)
def test_one_name_written_differently_is_one_employer(written):
    assert ties(employers=(written,)) == ties(employers=("St Marys and Co",))


@pytest.mark.parametrize("other", ["St Mary and Co", "St Marys", "St Marys and Co 2", "Marys St and Co", "StMarys and Co"])
def test_another_name_is_another_employer(other):
    assert ties(employers=(other,)) != ties(employers=("St Marys and Co",))


@pytest.mark.parametrize(("one", "other"), [("東京病院", "大阪病院"), ("!!!", "???")])
def test_names_without_a_latin_letter_stay_different(one, other):
    assert ties(employers=(one,)) != ties(employers=(other,))


def test_a_straight_eszett_is_a_double_s():
    assert normalised("Straße") == normalised("STRASSE")


@pytest.mark.parametrize(("one", "other"), list(combinations(PURPOSES, 2)))
def test_one_value_for_two_purposes_is_two_tokens(one, other):
    assert token(KEY, one, "st marys") != token(KEY, other, "st marys")


@often
@given(st.sampled_from(PURPOSES), st.sampled_from(PURPOSES), NAMES, NAMES)
def test_two_tokens_are_equal_only_for_the_same_purpose_and_value(purpose, another, value, other):
    equal = token(KEY, purpose, value) == token(KEY, another, other)
    assert equal == ((purpose, value) == (another, other))


def test_who_calls_a_practice_employer_meets_who_calls_it_site():
    assert ties(employers=("The Practice",)) == ties(sites=("the practice.",))


def test_a_place_that_is_both_is_one_token():
    assert len(ties(employers=("The Practice",), sites=("THE PRACTICE",))) == 1


def test_a_programme_or_a_household_of_that_name_is_not_the_workplace():
    found = [ties(employers=("Northern",)), ties(programmes=("Northern",)), ties(household="Northern")]
    assert len(set.union(*found)) == 3


def test_who_shares_a_programme_or_a_household_meets():
    assert ties(programmes=("Core Training North",)) == ties(programmes=("core training – north",))
    assert ties(household="1 Home Road") == ties(household="1, HOME ROAD")


def test_nobody_meets_by_having_told_nothing():
    told = tokens_of(KEY, somebody())
    assert (told.ties, told.never_with) == ((), ())


@pytest.mark.parametrize("key", [ANOTHER_KEY, b"", KEY + b"x"])
def test_another_key_gives_another_token(key):
    assert token(key, "workplace", "st marys") != token(KEY, "workplace", "st marys")


@often
@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=40).map("st{}".format))
def test_a_token_tells_nothing_but_32_hexadecimal_digits(name):
    told = tokens_of(KEY, somebody(GMC, employers=(name,), household=name, never_with=[Registration("GMC", name)]))
    tokens = (*told.own, *(tie.token for tie in told.ties), *told.never_with)
    assert len(tokens) == 5
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in tokens)


def test_the_order_of_the_ties_does_not_tell_which_is_which():
    one = tokens_of(KEY, somebody(employers=("A", "B"), sites=("C",), household="D"))
    other = tokens_of(KEY, somebody(employers=("B", "A"), sites=("C",), household="D"))
    assert one.ties == other.ties == tuple(sorted(one.ties, key=lambda tie: tie.token))


@often
@given(NAMES)
def test_a_name_is_normalised_once_and_for_all(name):
    assert normalised(normalised(name)) == normalised(name)


@often
@given(NAMES)
def test_case_and_spaces_around_a_name_never_matter_to_a_latin_one(name):
    latin = "st " + re.sub(r"[^A-Za-z0-9 ]", "", name)
    assert normalised(f"  {latin.upper()} ") == normalised(latin)


@pytest.mark.parametrize(
    "written",
    [
        Registration("gmc", "1234567"),
        Registration(" GMC ", " 1234567"),
        Registration("GMC", "123 4567"),
        Registration("GMC", "123-45-67"),
    ],
)
def test_one_registration_written_differently_is_one_person(written):
    assert index(written) == index(GMC)


@pytest.mark.parametrize("another", [Registration("GDC", "1234567"), Registration("GMC", "1234568"), Registration("GMC", "01234567")])
def test_another_body_or_number_is_another_person(another):
    assert index(another) != index(GMC)


def test_a_registration_finds_the_person_whatever_the_address():
    assert index(GMC, "old@home.example") == index(GMC, "new@home.example")


def test_without_a_registration_the_address_finds_the_person():
    assert index(email="Sam@Home.example") == index(email="sam@home.EXAMPLE")
    assert index(email="sam@home.example") != index(email="alex@home.example")


def test_an_address_that_reads_like_a_registration_is_nobody_with_that_registration():
    assert index(email="gmc 1234567") != index(GMC)


def test_whom_somebody_names_is_recognised_when_they_come():
    named = tokens_of(KEY, somebody(never_with=[Registration("gmc", "123 4567")]))
    assert set(named.never_with) < set(tokens_of(KEY, somebody(GMC)).own)


def test_tokens_that_leave_do_not_find_anybody_under_the_key_of_look_ups():
    assert person_index(ANOTHER_KEY, GMC, "sam@home.example") not in tokens_of(KEY, somebody(GMC)).own


@pytest.mark.parametrize(
    ("one", "other"),
    [("Больница 1", "Клиника 1"), ("東京病院 2", "大阪病院 2"), ("Ørsted", "rsted"), ("Łódź", "ódź"), ("Æ Trust", "Trust")],
)
def test_letters_of_every_script_count(one, other):
    assert normalised(one) != normalised(other)


def test_a_human_is_recognised_by_registration_and_by_address():
    told = tokens_of(KEY, somebody(GMC))
    assert told.own == (token(KEY, "registration", "gmc 1234567"), token(KEY, "address", "sam@home.example"))


@pytest.mark.parametrize(
    ("registration", "email", "count"), [(GMC, "a@b.example", 2), (GMC, None, 1), (None, "a@b.example", 1), (None, None, 0)]
)
def test_whatever_is_not_known_of_somebody_gives_no_token(registration, email, count):
    assert len(tuple(own_tokens(KEY, registration, email))) == count


def test_the_same_human_at_two_hubs_is_recognised_if_one_of_the_two_is_the_same():
    here, by_address, by_number = somebody(GMC), somebody(None), somebody(GMC, "new@home.example")
    shared = [set(tokens_of(KEY, here).own) & set(tokens_of(KEY, there).own) for there in (by_address, by_number)]
    assert [len(common) for common in shared] == [1, 1]


def test_an_address_is_one_token_however_its_letters_are_written():
    assert tokens_of(KEY, somebody(email="Sam@Home.example")).own == tokens_of(KEY, somebody()).own


def test_a_tie_is_sure_and_has_no_days_while_none_are_asked_for():
    (tie,) = tokens_of(KEY, somebody(sites=("St Marys",))).ties
    assert (tie.since, tie.until, tie.sure) == (None, None, True)


def test_ties_that_nobody_knows_are_not_the_same_as_none():
    assert Tokens().ties is None
    assert tokens_of(KEY, somebody()).ties == ()
