"""The rules of participants, their contacts and staff: what is published of them, and when."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.domain.contacts import Contact, ContactChanged, ContactErased
from referral.domain.participants import NotFullyKnown, OpenReferral, Participant, ParticipantChanged, ParticipantErased, ParticipantStated
from referral.domain.staff import StaffChanged, StaffLeft, StaffMember
from referral.domain.values import Facts, Tie, Tokens, Window, Wishes

FACTS, TOKENS = Facts("doctor"), Tokens(("1f",), (Tie("2e"),), ("3d",))
FREE = (Window("tuesday", "18:00", "21:00"),)
CHANGED = ParticipantChanged("P-1", FACTS, TOKENS, FREE, ())
OPEN = OpenReferral("R-1", "hub", "soon", datetime(2026, 11, 20, tzinfo=UTC), None, Wishes())


@pytest.fixture
def known():
    participant = Participant("P-1", "london", "4c")
    participant.know(b"sealed", FACTS, TOKENS, FREE)
    return participant


def test_before_an_acceptance_nothing_of_a_person_is_published(known):
    assert known.know(b"sealed again", replace(FACTS, grade="gp"), TOKENS, ()) == []
    assert not known.is_told


def test_scheduling_is_told_once_with_the_whole(known):
    assert known.tell() == [CHANGED]
    assert known.tell() == []


@pytest.mark.parametrize(
    ("facts", "tokens", "free"),
    [
        (replace(FACTS, work_status="retired"), TOKENS, FREE),
        (FACTS, replace(TOKENS, ties=()), FREE),
        (FACTS, replace(TOKENS, own=()), FREE),
        (FACTS, TOKENS, ()),
    ],
)
def test_whatever_changes_afterwards_is_published_as_the_whole(known, facts, tokens, free):
    known.tell()
    assert known.know(b"sealed again", facts, tokens, free) == [ParticipantChanged("P-1", facts, tokens, free, ())]


def test_the_same_said_again_is_published_to_nobody(known):
    known.tell()
    assert known.know(b"sealed again", FACTS, TOKENS, FREE) == []
    assert known.sealed == b"sealed again"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["know", "tell"]), st.sampled_from(["gp", "sas", "consultant"])), max_size=12))
def test_what_scheduling_has_been_told_is_always_what_is_known(steps):
    participant = Participant("P-1", "london", "4c")
    participant.know(b"sealed", FACTS, TOKENS, FREE)
    told = None
    for step, grade in steps:
        facts = replace(FACTS, grade=grade)
        for event in participant.know(b"", facts, TOKENS, FREE) if step == "know" else participant.tell():
            told = event.facts
    assert told == (participant.facts if participant.is_told else None)


def test_nobody_is_told_of_somebody_whose_facts_are_not_known():
    with pytest.raises(NotFullyKnown, match="P-1 has no facts"):
        Participant("P-1", "london", "4c").tell()


def test_an_erasure_leaves_the_bare_pseudonym_and_is_published_once(known):
    known.tell()
    assert known.erase() == [ParticipantErased("P-1")]
    assert known == Participant("P-1", "london", None, state="erasing", is_told=True)
    assert known.erase() == []
    known.key_is_destroyed()
    assert known.state == "erased"
    assert known.erase() == []


def test_a_state_event_says_of_the_person_only_what_scheduling_may_know(known):
    assert known.state_event((OPEN,)) == ParticipantStated("P-1", None, None, (), (), (OPEN,))
    known.tell()
    assert known.state_event((OPEN,)) == ParticipantStated("P-1", FACTS, TOKENS, FREE, (), (OPEN,))


def test_a_contact_is_what_was_said_last_until_it_is_erased():
    contact = Contact("P-1", "london")
    assert contact.change(b"one") == [ContactChanged("P-1", b"one")]
    assert contact.change(b"two") == [ContactChanged("P-1", b"two")]
    assert contact.erase() == [ContactErased("P-1")]
    assert contact.sealed is None


def test_staff_are_published_as_a_whole_whenever_they_are_registered():
    member = StaffMember("F-1", "london", "4c", "Dr Lee", ("london",), TOKENS)
    assert member.register() == [StaffChanged("F-1", "Dr Lee", ("london",), TOKENS)]
    assert member.change("Dr Lee-Ho", ("london", "wales"), Tokens()) == [StaffChanged("F-1", "Dr Lee-Ho", ("london", "wales"), Tokens())]


def test_whoever_leaves_the_staff_and_is_registered_again_is_back():
    member = StaffMember("F-1", "london", "4c", "Dr Lee", ("london",), TOKENS)
    assert member.leave() == [StaffLeft("F-1")]
    assert member.state == "left"
    member.change("Dr Lee", ("london",), TOKENS)
    assert member.state == "active"
