"""Records that once stopped a consumer, or slipped through it."""

import json
from datetime import UTC, datetime

import pytest

from shared.events.envelope import BadEnvelope, Envelope, from_record, to_record
from shared.events.tracing import Cause

EVENT = Envelope(
    "01JD", "scheduling", "london", "membership.ended.v1", "R-1", 1, datetime(2027, 1, 4, tzinfo=UTC), Cause("c", "c", "t"), {"a": 1}
)


def read(value=None, **headers):
    """The event with other headers; None takes one away, b"\0" stands for a null one."""
    record = to_record(EVENT)
    named = dict(record.headers) | {name: (None if found == b"\0" else found) for name, found in headers.items()}
    kept = [(name, found) for name, found in named.items() if found != b"gone"]
    return from_record(record.key, value or record.value, kept)


@pytest.mark.parametrize("depth", [33, 400, 800, 5000])
def test_json_of_any_depth_is_refused_in_words(depth):
    with pytest.raises(BadEnvelope):
        read(b'{"a":' + b"[" * depth + b"]" * depth + b"}")


@pytest.mark.parametrize("sequence", [b"9" * 5000, b"9223372036854775808", b"0", b"-1", b"1.0", "١".encode()])
def test_a_sequence_that_no_store_can_hold_is_refused(sequence):
    with pytest.raises(BadEnvelope, match="ce_sequence"):
        read(ce_sequence=sequence)


@pytest.mark.parametrize("name", ["ce_id", "ce_time", "ce_specversion", "ce_type", "ce_subject", "ce_sequence", "ce_correlationid"])
@pytest.mark.parametrize("found", [b"gone", b"", b"\0"])
def test_nothing_is_made_up_for_a_header_that_is_missing(name, found):
    with pytest.raises(BadEnvelope, match=f"without {name}"):
        read(**{name: found})


def test_another_version_of_cloudevents_is_refused():
    with pytest.raises(BadEnvelope, match=r"specversion|CloudEvent"):
        read(ce_specversion=b"0.3")


def test_what_others_write_beside_ours_is_left_alone():
    assert read(**{"x-broker": b"\xff", "traceparent": b"\0"}).subject == "R-1"


def test_what_json_can_hold_and_bson_cannot_is_read():
    data = {"number": 2**70, "text": "\ud800", "null\u0000key": 1}
    assert read(json.dumps(data).encode()).data == data
