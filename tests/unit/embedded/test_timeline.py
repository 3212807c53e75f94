"""The timeline of `make run` has one line for each event, and goes on whatever else is on Kafka."""

from types import SimpleNamespace

import pytest

from embedded.timeline import line

EVENT = [("ce_type", b"offer.made.v1"), ("ce_time", b"2026-11-25T09:30:00Z"), ("ce_subject", b"R-1")]


def record(headers):
    return SimpleNamespace(topic="scheduling.london", partition=1, offset=7, headers=headers)


def test_an_event_is_told_with_its_time_hub_subject_and_kind():
    assert line(record(EVENT)).split() == ["09:30:00", "london", "R-1", "offer.made"]


def test_what_would_be_noise_is_left_out():
    assert line(record([("ce_type", b"modality.listed.v1"), *EVENT[1:]])) is None


@pytest.mark.parametrize("headers", [[], None, [("ce_type", None)], [("trace", b"\xff")]])
def test_a_record_that_is_no_event_is_told_with_where_it_lies(headers):
    assert line(record(headers)).split(maxsplit=1) == ["london", f"{'offset 7 of partition 1':<30} not an event: ce_type is missing"]
