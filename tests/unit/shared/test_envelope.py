import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.envelope import DEEPEST_JSON, LARGEST_RECORD, LONGEST_HEADER, BadEnvelope, Envelope, as_json, from_record, to_record
from shared.events.tracing import Cause

CAUSE = Cause("Q-1", "01JD", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
EVENT = Envelope(
    id="01JDAAAAAAAAAAAAAAAAAAAAAA",
    service="referral",
    hub="north-west",
    type="referral.submitted.v1",
    subject="R-1",
    sequence=3,
    time=datetime(2026, 11, 23, 9, 0, 0, 123000, tzinfo=UTC),
    cause=CAUSE,
    data={"referral": "R-1", "source": "hub"},
)
HEADERS = to_record(EVENT).headers
VALUE = to_record(EVENT).value


def headers(**changes):
    """The headers of EVENT; None takes one away."""
    named = dict(HEADERS) | changes
    return tuple((name, value) for name, value in named.items() if value is not None)


def refusal(key=b"R-1", value=VALUE, named=HEADERS):
    with pytest.raises(BadEnvelope) as refused:
        from_record(key, value, named)
    return str(refused.value)


def deep(levels):
    """A JSON object of so many levels."""
    return b'{"a":' * levels + b"1" + b"}" * levels


def test_a_record_holds_the_attributes_that_the_design_names():
    assert {name: value.decode() for name, value in HEADERS} == {
        "ce_id": "01JDAAAAAAAAAAAAAAAAAAAAAA",
        "ce_source": "/referral/north-west",
        "ce_type": "referral.submitted.v1",
        "ce_subject": "R-1",
        "ce_time": "2026-11-23T09:00:00.123000Z",
        "ce_specversion": "1.0",
        "ce_sequence": "3",
        "ce_correlationid": "Q-1",
        "ce_causationid": "01JD",
        "content-type": "application/json",
        "traceparent": CAUSE.traceparent,
    }


def test_the_key_is_the_subject_and_the_value_the_data_alone():
    record = to_record(EVENT)
    assert record.key == b"R-1"
    assert json.loads(record.value) == EVENT.data


def test_what_was_sent_is_what_arrives():
    record = to_record(EVENT)
    assert from_record(record.key, record.value, record.headers) == EVENT


IDS = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ-", min_size=1, max_size=30)
CODES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8
)
EVENTS = st.builds(
    Envelope,
    id=IDS,
    service=CODES,
    hub=CODES,
    type=CODES.map(lambda code: f"{code}.v1"),
    subject=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=30),
    sequence=st.integers(1, 10**18 - 1),
    time=st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given beside
    cause=st.builds(Cause, IDS, IDS, st.just(CAUSE.traceparent)),
    data=st.none() | st.dictionaries(TEXTS, JSON, max_size=4),
)


@settings(max_examples=30, deadline=None)
@given(EVENTS)
def test_every_event_arrives_as_it_was_sent(event):
    record = to_record(event)
    assert from_record(record.key, record.value, record.headers) == event
    assert all(isinstance(value, bytes) for _, value in record.headers)


@settings(max_examples=30, deadline=None)
@given(EVENTS)
def test_the_same_event_sent_again_is_the_same_record(event):
    assert to_record(event) == to_record(event)


def test_text_of_all_alphabets_arrives_in_data_and_subject():
    event = replace(EVENT, subject="Zoë-王", data={"name": "Żółw – 王 🐢"})
    record = to_record(event)
    assert record.key == "Zoë-王".encode()
    assert from_record(record.key, record.value, record.headers) == event


def test_another_offset_is_the_same_moment():
    arrived = from_record(b"R-1", VALUE, headers(ce_time=b"2026-11-23T10:00:00.123+01:00"))
    assert arrived.time == EVENT.time
    sent = replace(EVENT, time=EVENT.time.astimezone(timezone(timedelta(hours=1))))
    record = to_record(sent)
    assert from_record(record.key, record.value, record.headers).time == EVENT.time


def test_the_order_of_the_headers_and_headers_of_others_do_not_matter():
    assert from_record(b"R-1", VALUE, [*reversed(HEADERS), ("x-broker", b"7")]) == EVENT


@pytest.mark.parametrize("header", ["ce_id", "ce_source", "ce_type", "ce_subject", "ce_sequence", "ce_time", "ce_correlationid"])
def test_an_empty_header_of_ours_is_refused(header):
    told = refusal(named=headers(**{header: b""}))
    assert told == f"without {header}" or told.startswith("not a CloudEvent: ")


@pytest.mark.parametrize("header", ["ce_sequence", "ce_correlationid", "ce_causationid", "ce_subject"])
def test_a_header_that_is_missing_is_named(header):
    assert refusal(named=headers(**{header: None})) == f"without {header}"


@pytest.mark.parametrize("header", ["ce_source", "ce_type"])
def test_without_what_makes_a_cloud_event_it_is_none(header):
    assert refusal(named=headers(**{header: None})) == f"without {header}"


def test_every_header_that_is_missing_is_named_at_once():
    assert refusal(named=headers(ce_sequence=None, ce_causationid=None)) == "without ce_sequence, ce_causationid"


def test_a_record_without_headers_is_no_event_of_ours():
    assert refusal(named=()).startswith("without ce_")


def test_without_a_trace_it_is_still_an_event():
    assert from_record(b"R-1", VALUE, headers(traceparent=None)).cause == Cause("Q-1", "01JD", "")


@pytest.mark.parametrize("key", [None, b"", b"R-2", b"r-1", b"R-1 ", b"\xff"])
def test_the_key_of_another_subject_is_refused(key):
    assert refusal(key=key) == "its key is not its subject"


def test_a_tombstone_has_no_value_and_says_in_its_headers_what_it_is_about():
    tombstone = replace(EVENT, type="contact.erased.v1", data=None)
    record = to_record(tombstone)
    assert (record.key, record.value) == (b"R-1", None)
    assert from_record(record.key, record.value, record.headers) == tombstone


def test_an_event_without_data_is_no_tombstone():
    record = to_record(replace(EVENT, data={}))
    assert record.value == b"{}"
    assert from_record(record.key, record.value, record.headers).data == {}


def test_a_tombstone_of_another_key_is_refused_too():
    assert refusal(key=b"R-2", value=None) == "its key is not its subject"


def test_a_record_may_be_as_large_as_the_limit_and_no_byte_larger():
    room = LARGEST_RECORD - len(b'{"a":""}')
    assert len(from_record(b"R-1", b'{"a":"' + b"x" * room + b'"}', HEADERS).data["a"]) == room
    assert refusal(value=b'{"a":"' + b"x" * (room + 1) + b'"}') == f"{LARGEST_RECORD + 1} bytes, over {LARGEST_RECORD}"


def test_json_may_be_as_deep_as_the_limit_and_no_level_deeper():
    assert from_record(b"R-1", deep(DEEPEST_JSON), HEADERS).data
    assert refusal(value=deep(DEEPEST_JSON + 1)) == "JSON deeper than 32"


@pytest.mark.parametrize("value", [b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", b'{"a":[' + deep(31) + b"]}"])
def test_lists_are_levels_too(value):
    assert refusal(value=value) == "JSON deeper than 32"


@pytest.mark.parametrize("value", [b"{", b"{'a': 1}", b"\xff\xfe", b"name,email", b'{"a": \xff}'])
def test_what_is_not_json_is_refused_without_being_repeated(value):
    told = refusal(value=value)
    assert told.startswith("not a CloudEvent: ") or told == "its value is not a JSON object"
    assert value.decode(errors="replace") not in told


@pytest.mark.parametrize("value", [b"[]", b'"text"', b"7", b"null", b"true", b""])
def test_json_that_is_no_object_is_refused(value):
    assert refusal(value=value) in {"its value is not a JSON object", "not a CloudEvent: JSONDecodeError"}


@pytest.mark.parametrize("sequence", ["0", "-1", "1.5", "one", "1 2", "٣", "²", "0x1", "1e3", " 1"])
def test_a_sequence_that_is_no_number_from_1_is_refused(sequence):
    assert refusal(named=headers(ce_sequence=sequence.encode())) == "ce_sequence is not a number from 1"


@pytest.mark.parametrize(
    "source", ["referral/london", "/referral", "/referral/", "//london", "/referral/london/", "/a/b/c", "https://x.example"]
)
def test_a_source_that_is_not_service_and_hub_is_refused(source):
    assert refusal(named=headers(ce_source=source.encode())) == "ce_source is not /<service>/<hub>"


@pytest.mark.parametrize("time", [b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_store_can_hold_is_refused(time):
    assert refusal(named=headers(ce_time=time)) == "ce_time is not a time that can be stored"


@pytest.mark.parametrize("name", ["ce_id", "ce_correlationid", "traceparent", "content-type"])
def test_a_header_may_be_as_long_as_the_limit_and_no_byte_longer(name):
    room = LONGEST_HEADER - len(name)
    assert refusal(named=headers(**{name: b"x" * (room + 1)})) == f"{name}: over {LONGEST_HEADER} bytes"
    with suppress(BadEnvelope):
        assert from_record(b"R-1", VALUE, headers(**{name: b"x" * room}))


@pytest.mark.parametrize("time", [b"yesterday", b"2026-13-45T00:00:00Z", b"12"])
def test_a_time_that_is_none_is_refused(time):
    assert refusal(named=headers(ce_time=time)).startswith("not a CloudEvent: ")


def answer(value, named):
    """What became of a record: its envelope, or why it was refused."""
    try:
        return from_record(b"R-1", value, named)
    except BadEnvelope as refused:
        return str(refused)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([name for name, _ in HEADERS]), st.binary(max_size=20))
def test_no_bytes_in_a_header_do_more_than_be_refused(header, value):
    became = answer(VALUE, headers(**{header: value}))
    if isinstance(became, str):
        assert re.match(r"not a CloudEvent: |without ce_|ce_\w+ is not |its ", became)
    else:
        assert (became.subject, became.data) == ("R-1", EVENT.data)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_in_the_value_do_more_than_be_refused(value):
    became = answer(value, HEADERS)
    if isinstance(became, str):
        assert re.match(r"not a CloudEvent: |its value is not a JSON object|JSON deeper", became)
    else:
        assert json.loads(value) == became.data


def test_an_outbox_row_keeps_data_compact_in_the_order_of_its_fields():
    assert as_json({"referral": "R-1", "name": "Zoë", "n": [1, 2]}) == '{"referral":"R-1","name":"Zoë","n":[1,2]}'
