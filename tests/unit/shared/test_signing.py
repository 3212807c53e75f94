"""An event is believed only from who may publish it."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Misconfigured
from shared.events.arrivals import Arrival
from shared.events.envelope import BadEnvelope, Envelope, Record, to_record
from shared.events.signing import NotSigned, Signer, publishers, read_publishers
from shared.events.topics import owner_of
from shared.events.tracing import Cause
from support.signing import PUBLISHERS, SIGNERS, signed

TOPIC = "notifications.london"
ANSWERED = Envelope(
    id="01JD",
    service="notifications",
    hub="london",
    type="participant.answered.v1",
    subject="P-1",
    sequence=4,
    time=datetime(2026, 11, 25, 9, tzinfo=UTC),
    cause=Cause("c", "c", ""),
    data={"person": "P-1", "to": "S-1", "answer": "accept", "answered_at": "2026-11-25T09:00:00+00:00"},
)


def arrival(envelope=ANSWERED, topic=TOPIC):
    record = to_record(envelope)
    return Arrival(f"{topic}/0/7", topic.partition(".")[2], record.key, record.value, record.headers)


def refusal(forged):
    with pytest.raises(BadEnvelope) as refused:
        forged.opened(PUBLISHERS)
    return str(refused.value)


def changed(genuine, **headers):
    return replace(genuine, headers=tuple({**dict(genuine.headers), **headers}.items()))


def test_what_its_service_has_signed_is_believed():
    assert signed(arrival()).opened(PUBLISHERS) == replace(ANSWERED, family="notifications")


def test_what_nobody_has_signed_is_not():
    assert refusal(arrival()) == "it is not signed"


@pytest.mark.parametrize("gone", ["ce_keyid", "ce_signature"])
def test_half_a_signature_is_none(gone):
    assert refusal(changed(signed(arrival()), **{gone: b""})) == "it is not signed"


@pytest.mark.parametrize("other", ["referral", "scheduling"])
def test_another_service_answers_for_nobody(other):
    """Its own key is good, but not for this topic."""
    assert "which is none of notifications's in PUBLIC_KEYS_FILE" in refusal(signed(arrival(), by=other))


def test_another_key_that_bears_the_right_id_is_refused():
    theirs = dict(signed(arrival()).headers)["ce_keyid"]
    forged = replace(arrival(), headers=Signer(b"x" * 32).signed(TOPIC, Record(*_bare(arrival()))).headers)
    assert refusal(changed(forged, ce_keyid=theirs)) == "its signature is not notifications's: it was altered, or copied from another topic"


def _bare(an_arrival):
    return an_arrival.key, an_arrival.value, an_arrival.headers


READ = sorted(name for name, _ in signed(arrival()).headers)


@given(st.sampled_from(READ), st.data())
def test_no_byte_of_a_header_can_be_changed(name, data):
    genuine = signed(arrival())
    was = dict(genuine.headers)[name]
    at = data.draw(st.integers(0, len(was))) if was else 0
    forged = was[:at] + data.draw(st.binary(min_size=1, max_size=3)) + was[at + data.draw(st.integers(0, 2)) :]
    if forged != was:
        refusal(changed(genuine, **{name: forged}))


@given(st.data())
def test_no_byte_of_a_value_can_be_changed_nor_taken_away(data):
    genuine = signed(arrival())
    at = data.draw(st.integers(0, len(genuine.value) - 1))
    forged = genuine.value[:at] + bytes([genuine.value[at] ^ data.draw(st.integers(1, 255))]) + genuine.value[at + 1 :]
    assert "its signature is not" in refusal(replace(genuine, value=forged))
    assert "its signature is not" in refusal(replace(genuine, value=None))


def test_a_record_copied_to_another_person_or_hub_is_refused():
    genuine = signed(arrival())
    assert "its signature is not" in refusal(changed(replace(genuine, key=b"P-2"), ce_subject=b"P-2"))
    assert "its signature is not" in refusal(replace(genuine, place="notifications.leeds/0/7", hub="leeds"))


def test_a_header_added_on_the_way_changes_nothing_that_is_read():
    genuine = signed(arrival())
    assert replace(genuine, headers=(*genuine.headers, ("x-broker", b"7"))).opened(PUBLISHERS).id == "01JD"


def test_a_header_given_twice_is_read_as_it_is_checked():
    genuine = signed(arrival())
    assert "its signature is not" in refusal(replace(genuine, headers=(*genuine.headers, ("ce_subject", b"P-2"))))
    assert replace(genuine, headers=(("ce_subject", b"P-2"), *genuine.headers)).opened(PUBLISHERS).subject == "P-1"


@given(
    st.lists(st.binary(max_size=4) | st.none(), min_size=2, max_size=2), st.lists(st.binary(max_size=4) | st.none(), min_size=2, max_size=2)
)
def test_two_records_never_have_one_signature(one, other):
    """Ed25519 is deterministic, so that equal signatures mean equal bytes."""
    sign = lambda parts: dict(SIGNERS["referral"].signed("referral.london", Record(*parts, ())).headers)["ce_signature"]
    assert (sign(one) == sign(other)) == (one == other)


def test_a_service_says_nothing_in_anothers_name_though_it_signs():
    forged = signed(arrival(replace(ANSWERED, service="scheduling")))
    assert refusal(forged) == "participant.answered.v1 of /scheduling/london does not belong in this topic"
    unknown = signed(arrival(replace(ANSWERED, service="referral", type="nobody.knows.v1")))
    assert refusal(unknown) == "nobody.knows.v1 of /referral/london does not belong in this topic"


@pytest.mark.parametrize(("topic", "owner"), [("contacts.london", "referral"), ("scheduling.x.y", "scheduling"), ("made-up.x", "made-up")])
def test_a_topic_belongs_to_one_service(topic, owner):
    assert owner_of(topic) == owner


def test_while_a_key_is_rotated_both_are_believed_and_afterwards_the_new_one():
    newer = Signer(b"n" * 32)
    rows = {service: [signer.public_key] for service, signer in SIGNERS.items()}
    both = publishers(rows | {"notifications": [newer.public_key, SIGNERS["notifications"].public_key]})
    by_newer = replace(arrival(), headers=newer.signed(TOPIC, Record(*_bare(arrival()))).headers)
    assert signed(arrival()).opened(both).id == by_newer.opened(both).id == "01JD"
    with pytest.raises(NotSigned):
        signed(arrival()).opened(publishers(rows | {"notifications": [newer.public_key]}))


def test_a_service_whose_public_key_is_not_listed_does_not_start_to_sign():
    PUBLISHERS.expect("referral", SIGNERS["referral"])
    stranger = Signer(b"x" * 32)
    with pytest.raises(Misconfigured, match=r"none of referral's: add '.*' to them in each PUBLIC_KEYS_FILE") as told:
        PUBLISHERS.expect("referral", stranger)
    assert stranger.public_key in str(told.value)
    assert base64.b64encode(stranger.seed).decode() not in str(told.value)


GOOD = {service: [signer.public_key] for service, signer in SIGNERS.items()}


def test_public_keys_are_read_from_their_file(tmp_path):
    (tmp_path / "keys.json").write_text(json.dumps(GOOD))
    assert signed(arrival()).opened(read_publishers(tmp_path / "keys.json")).id == "01JD"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", json.dumps(GOOD | {"scheduling": []}), json.dumps(GOOD | {"referral": ["abc"]}), json.dumps(GOOD | {"referral": [7]})],
)
def test_a_file_that_lists_no_keys_is_named_with_an_example(tmp_path, text):
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(Misconfigured, match=r"PUBLIC_KEYS_FILE .*keys\.json: .*Expected \{") as told:
        read_publishers(tmp_path / "keys.json")
    assert len(str(told.value)) < 400
