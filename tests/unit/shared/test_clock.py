"""Two clocks: the real one, and the domain's, which a file can move."""

from datetime import UTC, timedelta

import pytest

from shared.process.clock import domain_clock, utc_now

SOON = timedelta(seconds=5)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "clock"


def ahead(clock):
    """By how much a clock is ahead of the real one."""
    return clock() - utc_now()


def test_without_a_file_the_domain_has_the_real_clock_itself():
    assert domain_clock(None) is utc_now


@pytest.mark.parametrize("days", [0, 1, 400, -1])
def test_a_file_moves_what_the_domain_calls_now(file, days):
    file.write_text(str(days * 86400))
    assert abs(ahead(domain_clock(file)) - timedelta(days=days)) < SOON


def test_one_write_moves_a_clock_that_runs_already(file):
    clock = domain_clock(file)
    assert abs(ahead(clock)) < SOON, "no file yet: the real time"
    file.write_text("3600\n")
    assert abs(ahead(clock) - timedelta(hours=1)) < SOON
    file.unlink()
    assert abs(ahead(clock)) < SOON


@pytest.mark.parametrize("text", ["", " ", "\n", "an hour", "1h"])
def test_a_file_that_is_being_written_moves_nothing(file, text):
    file.write_text(text)
    assert abs(ahead(domain_clock(file))) < SOON


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e300", "1e12", "-1e12"])
def test_an_offset_that_is_no_time_moves_nothing(file, text):
    file.write_text(text)
    assert abs(ahead(domain_clock(file))) < SOON


def test_both_clocks_are_in_utc_and_to_the_millisecond_as_the_store_keeps_them(file):
    file.write_text("86400")
    for clock in (utc_now, domain_clock(file)):
        assert clock().tzinfo is UTC
        assert clock().microsecond % 1000 == 0
