"""Whether what a message says is still true at the moment it is sent."""

from datetime import timedelta

import pytest

from notifications.adapters import samples
from notifications.domain.messages import Message
from notifications.domain.standings import Membership, Standing
from notifications.domain.truth import CHECKS, Circumstances

NOW = samples.FIRST - timedelta(days=20)
DEADLINE = samples.place().deadline
ABOUT = Message("M-1", "leeds", "P-1", "t", ("01JD",), "t.v1", NOW, NOW, "S-1", "sealed", samples.MEETINGS[0].session)
OTHER = Message("M-1", "leeds", "P-1", "t", ("01JD",), "t.v1", NOW, NOW, "S-1", "sealed", "X-gone")


def standing(state="held", reason=None, told=()):
    return Standing("P-1", "leeds", memberships=(Membership("S-1", state, "sealed", "01JD", reason),), told=told)


@pytest.mark.parametrize(
    ("check", "stands", "at", "why"),
    [
        ("always", None, NOW, None),
        ("offer_open", standing(), NOW, None),
        ("offer_open", standing(), DEADLINE - timedelta(milliseconds=1), None),
        ("offer_open", standing(), DEADLINE, "the offer's deadline has passed"),
        ("offer_open", standing("taken"), NOW, "the offer has been accepted"),
        ("offer_open", standing("paused"), NOW, "the offer has been accepted"),
        ("offer_open", standing("ended", "cancelled"), NOW, "the offer has ended (cancelled)"),
        ("offer_open", standing("ended"), NOW, "the offer has ended"),
        ("offer_open", Standing("P-1", "leeds"), NOW, "the offer is not known any longer"),
        ("offer_open", None, NOW, "the offer is not known any longer"),
        ("offer_told", standing("ended", "lapsed", ("S-0", "S-1")), NOW, None),
        ("offer_told", standing("ended", "lapsed", ("S-0",)), NOW, "the offer itself was never sent"),
        ("offer_told", None, NOW, "the offer itself was never sent"),
        ("seat_taken", standing("taken"), NOW, None),
        ("seat_taken", standing("paused"), NOW, None),
        ("seat_taken", standing("held"), NOW, "the seat has been released"),
        ("seat_taken", standing("ended", "withdrawn"), NOW, "the seat has been released"),
        ("seat_taken", None, NOW, "the seat has been released"),
        ("session_ahead", standing("taken"), NOW, None),
        ("session_ahead", standing("taken"), samples.FIRST - timedelta(milliseconds=1), None),
        ("session_ahead", standing("taken"), samples.FIRST, "the session has begun"),
        ("session_ahead", standing("paused"), NOW, "the seat is paused"),
        ("session_ahead", standing("ended", "withdrawn"), NOW, "the seat has been released"),
        ("session_ahead", None, NOW, "the seat has been released"),
    ],
)
def test_a_message_is_sent_only_while_what_it_says_is_true(check, stands, at, why):
    assert CHECKS[check](Circumstances(ABOUT, stands, samples.place(), at)) == why


@pytest.mark.parametrize(("message", "place"), [(OTHER, samples.place()), (ABOUT, None)])
def test_a_session_that_is_no_longer_in_the_timetable_is_not_reminded_of(message, place):
    assert CHECKS["session_ahead"](Circumstances(message, standing("taken"), place, NOW)) == "the session is not planned any longer"


def test_every_check_is_tried_above():
    assert set(CHECKS) == {"always", "offer_open", "offer_told", "seat_taken", "session_ahead"}
