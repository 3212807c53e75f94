"""The rules of a standing: answers once, what is restated, what is told."""

from datetime import timedelta

import pytest
from unit.notifications.fakes import NOW, World

from notifications.application.standings import Restate, restate
from notifications.domain.answers import Answer, Answered, LinkGone, NotAnAnswer, answer_word
from notifications.domain.messages import Message
from notifications.domain.standings import Membership, Newest, Standing
from shared.contracts import notifications as told
from shared.contracts.parts import AnswerGiven

DEADLINE = NOW + timedelta(days=3)


def standing(state="held", reason=None, **changes):
    return Standing("P-1", "leeds", memberships=(Membership("S-1", state, "sealed", "E-1", reason),), **changes)


def given(answer):
    return (Answer("S-1", answer, NOW),)


def message(identity="M-1", session=None, state="planned"):
    return Message(identity, "leeds", "P-1", "offer", ("E-1",), "t.v1", NOW, NOW, session=session, state=state)


def test_an_answer_is_taken_once_and_the_first_one_counts():
    person = standing()
    assert person.answer("S-1", "accept", NOW) == [Answered("P-1", Answer("S-1", "accept", NOW))]
    assert person.answer("S-1", "decline", NOW) == []
    assert person.answer_to("S-1").answer == "accept"


def test_an_answer_to_one_offer_is_none_to_another():
    person = standing()
    person.answer("S-0", "decline", NOW)
    assert person.answer_to("S-1") is None
    assert len(person.answer("S-1", "accept", NOW)) == 1


@pytest.mark.parametrize("text", ["", "ACCEPT", "accept ", "yes", "accept\n"])
def test_only_the_two_words_of_the_form_are_answers(text):
    with pytest.raises(NotAnAnswer, match="accept, decline"):
        answer_word(text)


@pytest.mark.parametrize(
    ("state", "reason", "answer", "at", "seen"),
    [
        ("held", None, None, NOW, "open"),
        ("held", None, None, DEADLINE - timedelta(milliseconds=1), "open"),
        ("held", None, None, DEADLINE, "the time to answer this offer has passed"),
        ("held", None, "accept", DEADLINE + timedelta(days=1), "accept"),
        ("held", None, "decline", NOW, "decline"),
        ("taken", None, "accept", NOW, "accept"),
        ("taken", None, None, NOW, "the time to answer this offer has passed"),
        ("paused", None, "accept", NOW, "accept"),
        ("ended", "declined", "decline", NOW, "decline"),
        ("ended", "declined", None, NOW, "the time to answer this offer has passed"),
        ("ended", "lapsed", None, NOW, "the time to answer this offer has passed"),
        ("ended", "lapsed", "accept", NOW, "accept"),
        ("ended", "withdrawn", "accept", NOW, "the place is no longer being held"),
        ("ended", "cancelled", None, NOW, "the place is no longer being held"),
        ("ended", "conflict", "accept", NOW, "the place is no longer being held"),
        ("ended", "series_ended", "accept", NOW, "the place is no longer being held"),
        ("ended", None, "accept", NOW, "the place is no longer being held"),
    ],
)
def test_a_link_shows_what_was_answered_asks_while_it_can_be_and_else_says_why_not(state, reason, answer, at, seen):
    person = standing(state, reason, answers=given(answer) if answer else ())
    offer = person.memberships[0]
    if seen in {"open", "accept", "decline"}:
        found = person.asked(offer, DEADLINE, at)
        assert (found.answer if found else "open") == seen
    else:
        with pytest.raises(LinkGone, match=seen):
            person.asked(offer, DEADLINE, at)


def test_an_offer_is_told_once():
    person = standing()
    person.note_told("S-1")
    person.note_told("S-1")
    assert person.told == ("S-1",)


def test_the_newest_message_is_the_one_planned_last_reminders_apart():
    person = standing()
    person.note_planned(message())
    person.note_planned(message("M-2"))
    person.note_planned(message("M-3", session="X-1"))
    assert person.newest == Newest("M-2", "planned")
    person.note_settled(message("M-1", state="rejected"))
    person.note_settled(message("M-3", session="X-1", state="accepted"))
    assert person.newest == Newest("M-2", "planned")
    person.note_settled(message("M-2", state="accepted"))
    assert person.newest == Newest("M-2", "accepted")


@pytest.mark.parametrize(("state", "is_open"), [("held", True), ("taken", True), ("paused", False), ("ended", False)])
def test_what_is_restated_are_the_answers_to_what_is_still_open(state, is_open):
    world = World()
    world.standings.put(standing(state, answers=(*given("accept"), Answer("S-gone", "decline", NOW))))
    assert world.run(restate, Restate("P-1"))
    answers = (AnswerGiven(to="S-1", answer="accept", answered_at=NOW),) if is_open else ()
    assert world.said == [told.StandingState(person="P-1", answers=answers)]


def test_somebody_unknown_is_not_restated():
    world = World()
    assert not world.run(restate, Restate("P-9"))
    assert world.said == []


def test_every_event_about_a_person_is_numbered_on_their_standing():
    world = World()
    world.standings.put(standing(answers=given("accept")))
    for _ in range(3):
        world.run(restate, Restate("P-1"))
    assert (world.standing().last_sequence, world.told()) == (3, ["standing.state.v1"] * 3)
