from datetime import timedelta

import pytest
from unit.scheduling.fakes import NOW, entry, group

from scheduling.domain import events, placement
from scheduling.domain.entry import Offer
from scheduling.domain.placement import Rejection

DEADLINE = NOW + timedelta(hours=72)
LONG_AGO = NOW - timedelta(days=100)


def an_offer(id="O-1", of="G-1"):
    return Offer(id, of, NOW, DEADLINE)


def offered(**changes):
    """Somebody to whom O-1, a place in G-1, stands open."""
    made = entry(clock_start=LONG_AGO, **changes)
    made.offer(an_offer(), group())
    return made


def seated():
    made = offered()
    made.take("O-1", "S-1", group())
    return made


def in_open_access():
    made = entry(clock_start=LONG_AGO)
    made.give_times(group())
    return made


def states_of_offers(of):
    return [offer.state for offer in of.offers]


def test_waiting_starts_with_the_event_that_says_so():
    made = entry()
    assert made.start() == [events.WaitingStarted(made)]
    assert (made.state, made.open_offer, made.seat) == ("waiting", None, "")


def test_the_more_urgent_ranks_before_the_less_urgent():
    waiting = [entry(urgency=urgency) for urgency in ("routine", "urgent", "soon")]
    for each in waiting:
        each.start()
    assert [each.urgency for each in sorted(waiting, key=lambda each: each.rank)] == ["urgent", "soon", "routine"]


def test_an_offer_stands_until_its_deadline_and_is_told_with_its_group():
    made, of, of_group = entry(), an_offer(), group()
    assert made.offer(of, of_group) == [events.OfferMade(made, of, of_group)]
    assert (made.state, made.open_offer, made.deadline) == ("offered", of, DEADLINE)


def test_an_offer_that_is_accepted_becomes_a_seat():
    made, of_group = offered(), group()
    assert made.take("O-1", "S-1", of_group) == [events.OfferAccepted(made, "O-1"), events.SeatTaken(made, "O-1", "S-1", of_group)]
    assert (made.state, made.seat, made.group) == ("seated", "S-1", "G-1")
    assert (made.open_offer, made.deadline, states_of_offers(made)) == (None, None, ["accepted"])


@pytest.mark.parametrize(
    ("answer", "event", "state"),
    [("decline", events.OfferDeclined, "declined"), ("expire", events.OfferExpired, "expired")],
)
def test_who_declines_or_stays_silent_waits_on(answer, event, state):
    made = offered()
    assert getattr(made, answer)("O-1") == [event(made, "O-1")]
    assert (made.state, made.open_offer, made.deadline) == ("waiting", None, None)
    assert (states_of_offers(made), made.seat, made.group) == ([state], "", "")


@pytest.mark.parametrize("answer", ["decline", "expire"])
def test_who_declines_or_stays_silent_keeps_clock_and_urgency(answer):
    made = offered(urgency="urgent")
    made.start()
    before = (made.clock_start, made.urgency, made.rank)
    getattr(made, answer)("O-1")
    assert (made.clock_start, made.urgency, made.rank) == before == (LONG_AGO, "urgent", 0)


@pytest.mark.parametrize("answer", ["decline", "expire"])
def test_a_group_that_was_declined_or_left_unanswered_is_not_offered_again(answer):
    made = offered()
    getattr(made, answer)("O-1")
    assert [found.policy for found in placement.rejections(made.candidate, group("G-1"), NOW)] == ["not_refused_before"]
    assert placement.rejections(made.candidate, group("G-2"), NOW) == ()


def test_every_group_ever_refused_stays_refused():
    made = offered()
    made.decline("O-1")
    made.offer(an_offer("O-2", "G-2"), group("G-2"))
    made.expire("O-2")
    assert made.candidate.refused == {"G-1", "G-2"}
    assert states_of_offers(made) == ["declined", "expired"]


def test_an_open_or_accepted_offer_is_no_refusal():
    assert offered().candidate.refused == frozenset()
    assert seated().candidate.refused == frozenset()


def test_a_second_offer_leaves_the_first_one_as_it_was_answered():
    made = offered()
    made.decline("O-1")
    made.offer(an_offer("O-2", "G-2"), group("G-2"))
    made.take("O-2", "S-2", group("G-2"))
    assert states_of_offers(made) == ["declined", "accepted"]
    assert (made.seat, made.group) == ("S-2", "G-2")


def test_a_drop_in_group_gives_its_times_and_no_seat():
    made, of_group = entry(), group(way_in="open-access")
    assert made.give_times(of_group) == [events.OpenAccessGiven(made, of_group)]
    assert (made.state, made.group, made.seat, made.offers) == ("open_access", "G-1", "", ())


def test_who_only_waited_is_told_that_the_wait_is_over_and_nothing_else():
    made = entry()
    assert made.close("withdrawn") == [events.WaitingClosed(made, "withdrawn")]
    assert (made.state, made.closed_because) == ("closed", "withdrawn")


def test_closing_takes_back_an_offer_that_stands():
    made = offered()
    assert made.close("withdrawn") == [events.OfferCancelled(made, "O-1", "withdrawn"), events.WaitingClosed(made, "withdrawn")]
    assert (made.state, made.open_offer, made.deadline, states_of_offers(made)) == ("closed", None, None, ["cancelled"])


def test_closing_releases_a_seat():
    made = seated()
    assert made.close("withdrawn") == [events.SeatReleased(made, "S-1", "G-1", "withdrawn"), events.WaitingClosed(made, "withdrawn")]
    assert (made.state, states_of_offers(made)) == ("closed", ["accepted"])


@pytest.mark.parametrize("answer", ["decline", "expire"])
def test_closing_after_a_refusal_cancels_no_offer_a_second_time(answer):
    made = offered()
    getattr(made, answer)("O-1")
    assert made.close("withdrawn") == [events.WaitingClosed(made, "withdrawn")]


def test_closing_ends_open_access_without_a_seat_to_release():
    made = in_open_access()
    assert made.close("withdrawn") == [events.WaitingClosed(made, "withdrawn")]
    assert made.state == "closed"


@pytest.mark.parametrize("begin", [entry, offered, seated, in_open_access])
def test_the_clock_is_where_it_was_whatever_ends_the_wait(begin):
    made = begin()
    before = made.clock_start
    made.close("withdrawn")
    assert made.clock_start == before


FULL, TOO_LATE = Rejection("has_room", "its 8 places are taken or held"), Rejection("takes_new_members", "its series has ended")


def test_a_reason_why_not_is_news_once():
    made = entry()
    assert made.note("G-1", (FULL,))
    assert not made.note("G-1", (FULL,))
    assert [(noted.group, noted.rejections) for noted in made.why_not] == [("G-1", (FULL,))]


def test_a_new_reason_replaces_the_old_one_of_that_group_only():
    made = entry()
    made.note("G-1", (FULL,))
    made.note("G-2", (FULL,))
    assert made.note("G-1", (FULL, TOO_LATE))
    assert {noted.group: noted.rejections for noted in made.why_not} == {"G-1": (FULL, TOO_LATE), "G-2": (FULL,)}
    assert len(made.why_not) == 2


def test_what_placement_looks_at_is_what_was_accepted():
    made = entry("sam")
    who = made.candidate
    assert (who.participant, who.facts, who.conflicts) == (made.participant, made.facts, made.conflicts)
    assert (who.wishes, who.availability) == (made.wishes, made.availability)
