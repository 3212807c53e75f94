"""What scheduling does when it hears something: messaging/inbound.py."""

from datetime import UTC, date, datetime
from typing import get_type_hints

import pytest
from unit.scheduling.fakes import GP, HUB, NOW, FakeHub

from scheduling.application.memberships import TakeAnswer
from scheduling.application.people import Erase, KnowParticipant, KnowStaff, SetRight
from scheduling.application.ports import PlacementWork
from scheduling.application.waiting import StartWaiting, Withdraw
from scheduling.domain.people import Window
from scheduling.domain.placement import Wishes
from scheduling.domain.tokens import Tie, Tokens
from scheduling.messaging.inbound import SUBSCRIPTIONS
from shared import contracts
from shared.contracts import notifications, parts, referral
from shared.errors import Poison
from shared.events.envelope import Envelope
from shared.events.sealing import BadSeal, SealingKey, Seals, UnknownSealingKey
from shared.events.subscriptions import Heard
from shared.events.tracing import new_cause

KEY = SealingKey("2026-11", b"k" * 32)
REFERRAL = Seals("referral", {("referral", "scheduling"): (KEY,), ("referral", "notifications"): (KEY,)})
HERE = Seals("scheduling", {("referral", "scheduling"): (KEY,)})

RECEIVED, ACCEPTED = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 9, tzinfo=UTC)
SPRING = date(2027, 3, 1)
FACTS = parts.Facts(profession="doctor", grade="gp", gender="woman", work_status="working")
TOKENS = parts.Tokens(own=("own",), ties=(parts.Tie(token="site-7", since=SPRING, until=None, sure=False),), never_with=("other",))
FREE = (parts.Window(weekday="monday", start="09:00", end="12:00", since=SPRING, until=None),)
BUSY = (parts.Window(weekday="friday", start="09:00", end="12:00"),)
WISHES = parts.Wishes(modalities=("analytic",), topics=("exam-stress",), variants=("women",))


def sealed(shape, field, what, subject="P-sam"):
    return REFERRAL.seal(contracts.described(shape).sealed[field], subject, what)


def heard(fact, seals=HERE):
    declared = contracts.described(fact)
    subject = contracts.subject_of(fact)
    data = contracts.serialised(fact)
    envelope = Envelope("E-1", declared.service, HUB, declared.type, subject, 1, NOW, new_cause("C-1"), data)
    return Heard(fact, envelope, seals)


def command_of(fact, seals=HERE):
    return SUBSCRIPTIONS[type(fact)].command(heard(fact, seals))


def accepted(**changes):
    usual = {
        "person": "P-sam",
        "referral": "R-1",
        "source": "self",
        "urgency": "soon",
        "received": RECEIVED,
        "accepted": ACCEPTED,
        "wishes": sealed(referral.Accepted, "wishes", WISHES),
    }
    return referral.Accepted(**(usual | changes))


KNOWN = KnowParticipant(
    "P-sam",
    GP,
    Tokens(("own",), (Tie("site-7", SPRING, None, sure=False),), ("other",)),
    (Window("monday", "09:00", "12:00", SPRING),),
    (Window("friday", "09:00", "12:00"),),
)
STARTED = StartWaiting("P-sam", "R-1", Wishes(("analytic",), ("exam-stress",), ("women",)), "soon", RECEIVED, ACCEPTED)


@pytest.mark.parametrize("shape", SUBSCRIPTIONS, ids=lambda shape: shape.__name__)
def test_every_subscription_leads_to_a_use_case_that_places_people(shape):
    assert get_type_hints(SUBSCRIPTIONS[shape].use_case)["work"] is PlacementWork


def test_a_change_of_a_participant_is_all_that_placement_needs_of_them():
    assert command_of(referral.ParticipantChanged(person="P-sam", facts=FACTS, tokens=TOKENS, free=FREE, busy=BUSY)) == KNOWN


@pytest.mark.parametrize(("ties", "known"), [(None, None), ((), ())], ids=["unknown", "none"])
def test_ties_that_nobody_knows_are_told_from_none(ties, known):
    fact = referral.ParticipantChanged(person="P-sam", facts=FACTS, tokens=parts.Tokens(own=("own",), ties=ties))
    assert command_of(fact).tokens == Tokens(("own",), known)


def staff(**changes):
    usual = {
        "person": "F-kim",
        "hubs": ("north", "south"),
        "tokens": TOKENS,
        "name_for_scheduling": sealed(referral.StaffChanged, "name_for_scheduling", parts.StaffName(display_name="Dr Kim"), "F-kim"),
        "name_for_notifications": sealed(referral.StaffChanged, "name_for_notifications", parts.StaffName(display_name="Dr Kim"), "F-kim"),
    }
    return referral.StaffChanged(**(usual | changes))


def test_a_change_of_a_member_of_staff_keeps_their_name_sealed():
    fact = staff()
    assert command_of(fact) == KnowStaff("F-kim", ("north", "south"), KNOWN.tokens, fact.name_for_scheduling)
    assert "Kim" not in command_of(fact).sealed_name


def test_a_name_that_cannot_be_opened_is_found_out_when_it_is_heard():
    with pytest.raises(UnknownSealingKey, match="redrive the event"):
        command_of(staff(), Seals("scheduling", {}))
    with pytest.raises(BadSeal):
        command_of(staff(name_for_scheduling=accepted().wishes))


def test_an_acceptance_is_a_wait_with_both_clocks_and_the_wishes_opened():
    assert command_of(accepted()) == STARTED


@pytest.mark.parametrize("urgency", ["urgent", "soon", "routine"])
def test_every_urgency_of_the_vocabulary_is_known(urgency):
    assert command_of(accepted(urgency=urgency)).urgency == urgency


def test_an_unknown_urgency_is_set_aside_with_its_cure():
    with pytest.raises(
        Poison, match="urgency 'at once': this release knows urgent, soon, routine; upgrade scheduling, then redrive the event"
    ):
        command_of(accepted(urgency="at once"))


def test_wishes_of_somebody_else_cannot_be_opened():
    with pytest.raises(BadSeal):
        command_of(accepted(wishes=sealed(referral.Accepted, "wishes", WISHES, "P-jo")))


def test_a_withdrawal_ends_what_the_referral_led_to():
    assert command_of(referral.Withdrawn(person="P-sam", referral="R-1", source="self")) == Withdraw("P-sam", "R-1", "withdrawn")


def test_an_erasure_is_about_its_person():
    assert command_of(referral.ParticipantErased(person="P-sam")) == Erase("P-sam")


def state(**changes):
    usual = {"person": "P-sam", "facts": FACTS, "tokens": TOKENS, "free": FREE, "busy": BUSY}
    return referral.ParticipantState(**(usual | changes))


def open_referral(**changes):
    usual = {
        "referral": "R-1",
        "source": "self",
        "urgency": "soon",
        "received": RECEIVED,
        "accepted": ACCEPTED,
        "wishes": sealed(referral.Accepted, "wishes", WISHES),
    }
    return parts.ReferralState(**(usual | changes))


def test_all_that_is_said_of_a_participant_is_what_is_known_and_the_referrals_that_were_accepted():
    not_yet = open_referral(referral="R-2", accepted=None, wishes=None)
    assert command_of(state(referrals=(open_referral(), not_yet))) == SetRight("P-sam", KNOWN, (STARTED,))


def test_of_whom_nothing_has_been_accepted_yet_nothing_is_known():
    assert command_of(state(facts=None, tokens=None)) == SetRight("P-sam", None, ())


def test_an_unknown_urgency_in_what_is_said_again_is_set_aside_too():
    with pytest.raises(Poison, match="urgency 'at once'"):
        command_of(state(referrals=(open_referral(urgency="at once"),)))


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_an_answer_says_to_which_place_it_is_and_when_it_was_given(answer):
    fact = notifications.Answered(person="P-sam", to="S-1", answer=answer, answered_at=NOW)
    assert command_of(fact) == TakeAnswer("P-sam", "S-1", answer, NOW)


def test_what_is_no_answer_is_set_aside_with_its_cure():
    with pytest.raises(Poison, match="answer 'maybe': this release knows accept, decline; upgrade scheduling, then redrive the event"):
        command_of(notifications.Answered(person="P-sam", to="S-1", answer="maybe", answered_at=NOW))


def test_answers_that_are_told_again_are_taken_in_their_order():
    given = [parts.AnswerGiven(to=f"S-{number}", answer="accept", answered_at=NOW) for number in (2, 1)]
    fact = notifications.StandingState(person="P-sam", answers=tuple(given))
    assert command_of(fact) == (TakeAnswer("P-sam", "S-2", "accept", NOW), TakeAnswer("P-sam", "S-1", "accept", NOW))
    assert command_of(notifications.StandingState(person="P-sam")) == ()


def test_what_is_heard_of_a_person_from_the_first_fact_to_the_erasure_can_be_done():
    hub = FakeHub()
    for fact in (referral.ParticipantChanged(person="P-sam", facts=FACTS, tokens=TOKENS), accepted(referral="R-sam")):
        hub.run(SUBSCRIPTIONS[type(fact)].use_case, command_of(fact))
    assert hub.states("sam") == ["waiting"]
    for fact in (referral.Withdrawn(person="P-sam", referral="R-sam", source="self"), referral.ParticipantErased(person="P-sam")):
        hub.run(SUBSCRIPTIONS[type(fact)].use_case, command_of(fact))
    assert (hub.states("sam"), hub.person("sam").is_erased) == (["closed"], True)
