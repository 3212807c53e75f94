"""Whether what a message says is still true at the moment it is sent."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.domain.message import Message
from notifications.domain.standing import Offer, Seat, Standing
from notifications.domain.truth import CHECKS

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
SERIES = {"sessions": []}


def message(**data):
    session = {"start": (NOW + timedelta(hours=24)).isoformat()}
    return Message("M-1", "london", "P-1", "R-1", "t", "01JD", "t.v1", {"offer": "O-1", "seat": "S-1"} | data, NOW, NOW, session=session)


def standing(state="open", *, taken=True, told=()):
    offer = Offer("O-1", state, NOW + timedelta(hours=72), SERIES, {})
    return Standing("R-1", "london", "P-1", offer, Seat("S-1", taken, "01JD", SERIES), told=told)


@pytest.mark.parametrize(
    ("check", "stands", "at", "why"),
    [
        ("always", None, NOW, None),
        ("offer_open", standing(), NOW, None),
        ("offer_open", standing("accepted"), NOW, "the offer is accepted"),
        ("offer_open", standing("cancelled"), NOW, "the offer is cancelled"),
        ("offer_open", standing(), NOW + timedelta(hours=72), "the offer's deadline has passed"),
        ("offer_open", None, NOW, "another offer stands"),
        ("offer_told", standing("expired", told=("O-0", "O-1")), NOW, None),
        ("offer_told", standing("expired", told=("O-0",)), NOW, "the offer itself was never sent"),
        ("offer_told", None, NOW, "the offer itself was never sent"),
        ("seat_taken", standing(), NOW, None),
        ("seat_taken", standing(taken=False), NOW, "the seat has been released"),
        ("seat_taken", None, NOW, "the seat has been released"),
        ("session_ahead", standing(), NOW, None),
        ("session_ahead", standing(), NOW + timedelta(hours=24), "the session has begun"),
        ("session_ahead", standing(taken=False), NOW, "the seat has been released"),
    ],
)
def test_a_message_is_sent_only_while_what_it_says_is_true(check, stands, at, why):
    assert CHECKS[check](message(), stands, at) == why


def test_every_check_is_tried_above():
    assert set(CHECKS) == {"always", "offer_open", "offer_told", "seat_taken", "session_ahead"}
