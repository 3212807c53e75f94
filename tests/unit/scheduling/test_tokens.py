from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.scheduling.fakes import tokens

from scheduling.domain.tokens import Days, Tie, Tokens

THIS_SPRING = Days(date(2027, 1, 4), date(2027, 3, 2))


def ended(until):
    return Tie("site-7", until=date.fromisoformat(until))


def begins(since):
    return Tie("site-7", since=date.fromisoformat(since))


def last_day(until):
    return ended(until).counts().last.isoformat()


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("2025-03-15", "2027-03-15"),
        ("2024-02-29", "2026-02-28"),
        ("2022-02-28", "2024-02-28"),
        ("2026-02-28", "2028-02-28"),
        ("2025-01-31", "2027-01-31"),
        ("2025-12-31", "2027-12-31"),
        ("2025-01-01", "2027-01-01"),
        ("9997-12-31", "9999-12-31"),
        ("9997-12-30", "9999-12-30"),
        ("9998-01-01", "9999-12-31"),
        ("9999-12-31", "9999-12-31"),
    ],
)
def test_a_tie_counts_for_twenty_four_months_after_its_end(until, last):
    assert last_day(until) == last


@settings(max_examples=80, deadline=None)
@given(st.dates(max_value=date(9997, 12, 31)))
def test_the_last_day_is_two_years_on_in_the_same_month_whatever_the_day(until):
    last = Tie("t", until=until).counts().last
    assert (last.year, last.month) == (until.year + 2, until.month)
    assert last.day == min(until.day, monthrange(last.year, last.month)[1])


def test_a_tie_of_which_nobody_gave_a_day_always_counts():
    assert Tie("t").counts() == Days(date.min, date.max)


def test_a_tie_counts_from_its_start_and_not_before():
    assert begins("2027-02-01").counts() == Days(date(2027, 2, 1), date.max)


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (Tie("site-7"), Tie("site-7"), True),
        (Tie("site-7"), Tie("site-8"), False),
        (ended("2025-01-04"), Tie("site-7"), True),
        (ended("2025-01-03"), Tie("site-7"), False),
        (begins("2027-03-02"), Tie("site-7"), True),
        (begins("2027-03-03"), Tie("site-7"), False),
        (ended("2025-02-01"), begins("2027-02-01"), True),
        (ended("2025-01-31"), begins("2027-02-01"), False),
        (Tie("site-7", sure=False), Tie("site-7"), True),
    ],
    ids=[
        "both now",
        "elsewhere",
        "left two years ago today",
        "left more than two years ago",
        "begins on the last day",
        "begins after the last day",
        "one still counts on the day on which the other begins",
        "one counts no more when the other begins",
        "a near match",
    ],
)
def test_equal_ties_clash_if_both_count_on_one_day_between_today_and_the_last_session(one, other, clash):
    assert one.clashes_with(other, THIS_SPRING) is clash
    assert other.clashes_with(one, THIS_SPRING) is clash


def test_who_left_a_workplace_and_came_back_is_a_colleague_there_for_both_spells():
    long_ago, now = Tie("site-7", date(2019, 1, 1), date(2020, 1, 1)), Tie("site-7", date(2026, 1, 1))
    returned, stayed = Tokens(("a",), (now, long_ago)), Tokens(("b",), (Tie("site-7"),))
    assert returned.is_colleague_of(stayed, THIS_SPRING)
    assert stayed.is_colleague_of(returned, THIS_SPRING)


def test_ties_that_nobody_knows_are_no_common_ones():
    unknown = Tokens(("a",), None)
    assert not unknown.must_not_meet(Tokens(("b",), None), THIS_SPRING)
    assert not unknown.must_not_meet(tokens("b", "site-7"), THIS_SPRING)


def test_people_of_whom_no_token_is_known_are_not_taken_for_one_another():
    assert not Tokens().must_not_meet(Tokens(), THIS_SPRING)
    assert not Tokens().is_named_by(Tokens(never_with=("own-of-jo",)))


def test_one_token_in_common_is_enough_to_be_the_same_human():
    by_registration, by_both = Tokens(("registration-1",)), Tokens(("address-1", "registration-1"))
    assert by_registration.is_same_human(by_both)
    assert by_both.is_same_human(by_registration)


def test_who_named_somebody_by_any_of_their_tokens_has_named_them():
    named = Tokens(("registration-1", "address-1"))
    assert named.is_named_by(Tokens(("b",), never_with=("address-1",)))
    assert not Tokens(("b",), never_with=("address-1",)).is_named_by(named)


NAMES = st.lists(st.sampled_from([f"own-{number}" for number in range(4)]), max_size=2, unique=True).map(tuple)
SOME_DAYS = st.none() | st.dates(date(2022, 1, 1), date(2029, 1, 1))
TIES = st.lists(st.builds(Tie, st.sampled_from(["t1", "t2", "t3"]), SOME_DAYS, SOME_DAYS), max_size=4).map(tuple)
TOKENS = st.builds(Tokens, NAMES, st.none() | TIES, NAMES)
PERIODS = st.tuples(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(0, 400)).map(
    lambda drawn: Days(drawn[0], drawn[0] + timedelta(days=drawn[1]))
)


@settings(max_examples=150, deadline=None)
@given(TOKENS, TOKENS, PERIODS)
def test_two_must_not_meet_whichever_of_the_two_is_asked(one, other, period):
    assert one.must_not_meet(other, period) == other.must_not_meet(one, period)


def said_anew(one, other, period):
    """Said anew: some day of the period on which an equal tie counts for both, looked at day by day."""
    day = period.first
    while day <= period.last:
        for mine in one.ties or ():
            for theirs in other.ties or ():
                if mine.token == theirs.token and all(counts_on(tie, day) for tie in (mine, theirs)):
                    return True
        day += timedelta(days=1)
    return False


def counts_on(tie, day):
    if tie.since and day < tie.since:
        return False
    if tie.until is None:
        return True
    two_years_on = (tie.until.year + 2, tie.until.month, tie.until.day)
    return (day.year, day.month, day.day) <= two_years_on


@settings(max_examples=80, deadline=None)
@given(TOKENS, TOKENS, PERIODS)
def test_colleagues_are_those_who_share_a_tie_that_counts_for_both_on_a_day_of_the_period(one, other, period):
    assert one.is_colleague_of(other, period) == said_anew(one, other, period)


@settings(max_examples=60, deadline=None)
@given(TOKENS, TOKENS, PERIODS)
def test_a_longer_series_parts_no_fewer_people(one, other, period):
    longer = Days(period.first, period.last + timedelta(days=200))
    assert one.must_not_meet(other, longer) or not one.must_not_meet(other, period)
