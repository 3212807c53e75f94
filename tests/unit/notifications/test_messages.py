"""How far a message has come: what is unsure stays visible, and waiting for a contact is no try."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.domain.messages import LONGEST_WAIT, MOST_TRIES, Accepted, Ambiguous, Bounced, Message, Suppressed, message_id

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
WHICH = ("P-1", "M-1", "offer", ("01JD",))


def message(**changes):
    given = {"planned_at": NOW, "due": NOW} | changes
    return Message("M-1", "london", "P-1", "offer", ("01JD",), "membership.offered.v1", **given)


def test_what_the_server_took_or_refused_says_so_and_is_done():
    taken, refused = message(reason="SMTP 451", claimed_by="one", claimed_until=NOW), message()
    assert taken.accept(NOW) == [Accepted(*WHICH)]
    assert (taken.state, taken.reason, taken.settled_at, taken.claimed_by, taken.claimed_until) == ("accepted", None, NOW, None, None)
    assert refused.reject("SMTP 550", NOW) == [Bounced(*WHICH, "SMTP 550")]
    assert (refused.state, refused.reason, refused.settled_at) == ("rejected", "SMTP 550", NOW)


def test_what_is_not_sent_says_why():
    assert message().suppress("no longer true: the seat has been released", NOW) == [
        Suppressed(*WHICH, "no longer true: the seat has been released")
    ]


def test_a_doubtful_one_is_sent_again_once_if_it_may_be_and_is_ambiguous_then():
    doubtful = message()
    assert doubtful.doubt(NOW, resend=True) == []
    assert doubtful.state == "planned"
    assert [type(event) for event in doubtful.doubt(NOW, resend=True)] == [Ambiguous]
    assert [type(event) for event in message().doubt(NOW, resend=False)] == [Ambiguous]


@pytest.mark.parametrize("end", ["reject", "suppress"])
def test_one_whose_first_copy_is_in_doubt_stays_ambiguous_whatever_becomes_of_the_second(end):
    doubtful = message()
    doubtful.doubt(NOW, resend=True)
    assert [type(event) for event in getattr(doubtful, end)("SMTP 550", NOW)] == [Ambiguous]
    assert doubtful.state == "ambiguous"
    assert "SMTP 550" in doubtful.reason


def test_it_is_put_off_twice_as_long_each_time_to_an_hour_and_given_up_in_the_end():
    put_off, waits, at = message(), [], NOW
    while put_off.state == "planned" and len(waits) < 200:
        put_off.put_off("SMTP 451", at)
        waits.append(put_off.due - at)
        at = put_off.due
    assert waits[:3] == [timedelta(seconds=0.5), timedelta(seconds=1), timedelta(seconds=2)]
    assert max(waits) == LONGEST_WAIT
    assert len(waits) == MOST_TRIES
    assert timedelta(days=2.5) < at - NOW < timedelta(days=3.5)
    assert (put_off.state, put_off.reason) == ("suppressed", "given up: SMTP 451")


def test_waiting_for_a_contact_is_no_try_and_ends_after_three_days():
    waiting, at, rounds = message(), NOW, 0
    while waiting.state == "planned":
        waiting.await_contact(at)
        assert waiting.tries == 0
        at, rounds = max(waiting.due, at + timedelta(seconds=0.5)), rounds + 1
        assert rounds < 20_000
    assert (waiting.state, waiting.reason) == ("suppressed", "no contact came")
    assert at - NOW > timedelta(days=3)


def test_a_planned_one_follows_a_newer_timetable():
    planned, newer = message(place="old"), message(place="new", due=NOW + timedelta(hours=3))
    planned.follow(newer)
    assert (planned.place, planned.due, planned.state) == ("new", NOW + timedelta(hours=3), "planned")


def test_the_same_event_makes_the_same_message_and_another_another():
    assert message_id("01JD", "offer") == message_id("01JD", "offer")
    assert (
        len({message_id("01JD", "offer"), message_id("01JD", "reminder"), message_id("01JE", "offer"), message_id("01JD", "offer", "2")})
        == 4
    )
