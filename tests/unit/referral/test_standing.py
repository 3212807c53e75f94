"""What scheduling says: where a referral stands, and events that cannot be handled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.referral import fakes
from unit.referral.samples import (
    SILENT,
    accepted,
    entry_state,
    membership_state,
    person_of,
    scheduling_says,
    submitted,
    withdrawn,
)

from referral.domain.values import Person
from referral.messaging.inbound import SUBSCRIPTIONS
from shared import contracts
from shared.contracts import scheduling
from shared.errors import Poison

PLACE = {"membership": "S-1", "place": "k1.x"}
CONCERNING = {
    scheduling.WaitingStarted: {"entry": "W-1", "clock": fakes.NOW},
    scheduling.WaitingClosed: {"entry": "W-1", "reason": "series_ended"},
    scheduling.MembershipOffered: PLACE,
    scheduling.MembershipTaken: PLACE,
    scheduling.MembershipChanged: PLACE,
    scheduling.MembershipPaused: PLACE,
    scheduling.MembershipResumed: PLACE,
    scheduling.MembershipInConflict: {"membership": "S-1"},
    scheduling.MembershipEnding: {"membership": "S-1", "choices": ("wait",)},
    scheduling.MembershipEnded: {"membership": "S-1", "reason": "lapsed"},
}
every_kind = pytest.mark.parametrize("kind", CONCERNING, ids=lambda kind: kind.__name__)


@pytest.fixture
def hub():
    return fakes.Hub()


def says(kind, referral, stands, person="P-1"):
    return kind(person=person, referral=referral, stands=stands, **CONCERNING[kind])


def status(hub, referral):
    return hub.referrals.rows[referral].status


def test_every_event_of_scheduling_that_says_where_a_referral_stands_is_heard():
    saying = {
        event.shape for event in contracts.EVENTS.values() if event.service == "scheduling" and "stands" in event.shape.__dataclass_fields__
    }
    assert saying == CONCERNING.keys()
    assert set(SUBSCRIPTIONS) == saying | {scheduling.ModalityListed, scheduling.PersonState}


@every_kind
@pytest.mark.parametrize("stands", ["waiting", "offered", "placed", "nothing"])
def test_where_scheduling_says_a_referral_stands_is_how_far_it_has_come(hub, kind, stands):
    referral = accepted(hub)
    hub.hears(says(kind, referral, stands))
    becomes = "ended" if stands == "nothing" else stands
    kept = hub.referrals.rows[referral]
    assert (kept.status, kept.shown_status, kept.is_open) == (becomes, becomes, stands != "nothing")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(scheduling.WaitingClosed, "series_ended"), (scheduling.MembershipEnded, "lapsed"), (scheduling.MembershipChanged, "ended")],
)
def test_a_referral_for_which_nothing_stands_any_more_is_published_as_ended_with_the_reason_given(hub, kind, reason):
    hub.hears(says(kind, accepted(hub), "nothing"))
    ended = hub.participants.events[-1]
    assert (type(ended).__name__, ended.reason) == ("Ended", reason)
    assert hub.participants.said[-1][:2] == ("P-1", 4)


def test_whoever_lets_an_offer_lapse_waits_again(hub):
    referral = accepted(hub)
    scheduling_says(hub, referral, "offered")
    hub.hears(says(scheduling.MembershipEnded, referral, "waiting"))
    assert status(hub, referral) == "waiting"


@every_kind
def test_what_follows_from_a_booking_or_is_about_staff_concerns_no_referral(hub, kind):
    referral = accepted(hub)
    hub.hears(says(kind, None, "placed"))
    hub.hears(says(kind, None, "placed", person="F-9"))
    assert status(hub, referral) == "accepted"


@every_kind
def test_what_scheduling_says_of_a_withdrawn_referral_comes_too_late(hub, kind):
    referral = withdrawn(hub)
    for stands in ("waiting", "nothing"):
        hub.hears(says(kind, referral, stands))
    assert status(hub, referral) == "withdrawn"
    assert hub.said_of("P-1") == ["Submitted", "Withdrawn"]


def test_an_event_about_a_referral_that_this_hub_does_not_have_is_set_aside_and_says_so(hub):
    accepted(hub)
    with pytest.raises(Poison, match="this hub has no referral R-404"):
        hub.hears(says(scheduling.WaitingStarted, "R-404", "waiting"))


def test_an_event_about_somebody_else_s_referral_is_set_aside_and_says_so(hub):
    referral = accepted(hub)
    with pytest.raises(Poison, match=f"{referral} is P-1's, and the event is about P-9"):
        hub.hears(says(scheduling.WaitingStarted, referral, "waiting", person="P-9"))
    assert status(hub, referral) == "accepted"


def test_a_standing_that_this_release_does_not_know_is_set_aside_and_says_so(hub):
    referral = accepted(hub)
    with pytest.raises(Poison, match="stands as 'limbo', which this release does not know: nothing, offered, placed, waiting"):
        hub.hears(says(scheduling.WaitingStarted, referral, "limbo"))


def test_a_state_sets_right_each_referral_that_it_names(hub):
    referral = accepted(hub)
    hub.hears(
        scheduling.PersonState(person="P-1", entries=(entry_state(None, "waiting"),), memberships=(membership_state(referral, "placed"),))
    )
    assert status(hub, referral) == "placed"


def test_a_state_of_somebody_with_two_referrals_sets_both_right(hub):
    first = accepted(hub)
    scheduling_says(hub, first, "nothing")
    second = accepted(hub)
    hub.hears(scheduling.PersonState(person="P-1", entries=(entry_state(second, "waiting"), entry_state(first, "waiting"))))
    assert (status(hub, first), status(hub, second)) == ("ended", "waiting")


def test_a_state_that_names_no_referral_asks_nothing(hub):
    referral = accepted(hub)
    hub.hears(scheduling.PersonState(person="P-1"))
    hub.hears(scheduling.PersonState(person="P-1", memberships=(membership_state(None, "placed"),)))
    assert status(hub, referral) == "accepted"


def test_a_state_about_a_referral_that_nobody_has_is_set_aside_as_a_whole(hub):
    referral = accepted(hub)
    state = scheduling.PersonState(person="P-1", entries=(entry_state(referral, "waiting"), entry_state("R-404", "waiting")))
    with pytest.raises(Poison, match="R-404"):
        hub.hears(state)
    assert status(hub, referral) == "accepted"


def test_a_state_about_another_hub_s_person_is_set_aside(hub):
    referral = accepted(hub)
    hub.participants.rows["P-1"].hub = hub.referrals.rows[referral].hub = "north-west"
    with pytest.raises(Poison, match=referral):
        hub.hears(scheduling.PersonState(person="P-1", entries=(entry_state(referral, "waiting"),)))


STEPS = st.lists(st.sampled_from(["waiting", "offered", "placed", "nothing"]), max_size=10)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_a_referral_has_one_end_whatever_scheduling_says_and_follows_it_until_then(steps):
    hub = fakes.Hub()
    referral = accepted(hub)
    for stands in steps:
        scheduling_says(hub, referral, stands)
    until = steps.index("nothing") if "nothing" in steps else len(steps)
    expected = "ended" if until < len(steps) else steps[-1] if steps else "accepted"
    assert status(hub, referral) == expected
    assert hub.said_of("P-1").count("Ended") == (until < len(steps))


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_of_two_referrals_without_consent_no_reader_can_tell_how_far_either_has_come(steps):
    hub = fakes.Hub()
    moved = accepted(hub, consent=SILENT)
    unmoved = accepted(hub, consent=SILENT, person=Person("Alex Ficta", "alex@home.example"))
    before = [row.id for row in hub.referrals.listed(fakes.ReferralFilter(status="accepted"), "", 9)]
    for stands in steps:
        scheduling_says(hub, moved, stands)
    one, other = hub.referrals.rows[moved], hub.referrals.rows[unmoved]
    assert (one.shown_status, one.shown_at, one.shown_version) == (other.shown_status, other.shown_at, other.shown_version)
    assert [row.id for row in hub.referrals.listed(fakes.ReferralFilter(status="accepted"), "", 9)] == before


def test_a_new_referral_may_follow_one_that_ended(hub):
    first = accepted(hub)
    scheduling_says(hub, first, "nothing")
    second = submitted(hub)
    assert person_of(hub, second).id == "P-1"
    assert status(hub, first) == "ended"
