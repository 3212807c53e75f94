"""The rules of a referral: what may be decided when, and what is shown of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.domain.participants import OpenReferral
from referral.domain.referrals import (
    OVER,
    STATUSES,
    UNDECIDED,
    Accepted,
    AlreadyReferred,
    Declined,
    Ended,
    NotNow,
    Referral,
    Returned,
    Submitted,
    Withdrawn,
)
from referral.domain.values import Consent, Wishes

RECEIVED = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 9, tzinfo=UTC)
MUCH_LATER = datetime(2027, 1, 1, tzinfo=UTC)
WISHES = Wishes(("analytic",))
UNDER_WAY = ("accepted", "waiting", "offered", "placed")
BEYOND_ACCEPTED = ("waiting", "offered", "placed", "ended")

ACTIONS = {
    "accept": lambda referral, at=LATER: referral.accept("Dr Who", at),
    "give_back": lambda referral, at=LATER: referral.give_back("Dr Who", at, b"sealed question"),
    "decline": lambda referral, at=LATER: referral.decline("Dr Who", at, "other", ("samaritans",)),
    "withdraw": lambda referral, at=LATER: referral.withdraw("Ida Intake", at, b"sealed reason"),
}
BECOMES = {"accept": "accepted", "give_back": "returned", "decline": "declined", "withdraw": "withdrawn"}
SAYS = {
    "accept": Accepted("P-1", "R-1", "hub", "routine", RECEIVED, LATER, WISHES),
    "give_back": Returned("P-1", "R-1", "hub"),
    "decline": Declined("P-1", "R-1", "hub", "other", ("samaritans",)),
    "withdraw": Withdrawn("P-1", "R-1", "hub"),
}


def a_referral(*consents):
    return Referral(
        id="R-1",
        hub="london",
        participant="P-1",
        index="4c",
        source="hub",
        wishes=WISHES,
        urgency="routine",
        consent=Consent(RECEIVED, consents or ("referral", "status_to_referrer")),
        received=RECEIVED,
        shown_at=RECEIVED,
    )


def stand(referral, status, at=LATER):
    return referral.stand("nothing" if status == "ended" else status, "series_ended", at)


def that_is(status, *consents):
    """A referral that has come as far as `status` by the way it would in life."""
    referral = a_referral(*consents)
    ways = {"returned": "give_back", "declined": "decline", "withdrawn": "withdraw"}
    if status in ways:
        ACTIONS[ways[status]](referral)
    elif status != "submitted":
        ACTIONS["accept"](referral)
    if status in BEYOND_ACCEPTED:
        stand(referral, status)
    return referral


def shown(referral):
    """All that a reader can see move: the status, when it changed, the ETag, and why it ended."""
    return referral.shown_status, referral.shown_at, referral.shown_version, referral.shown_reason


def is_allowed(action, status):
    return status in (UNDECIDED if action != "withdraw" else (*UNDECIDED, *UNDER_WAY))


ALLOWED = [(action, status) for action in ACTIONS for status in STATUSES if is_allowed(action, status)]
REFUSED = [(action, status) for action in ACTIONS for status in STATUSES if not is_allowed(action, status)]


def test_every_status_of_the_api_is_known_and_each_can_be_reached():
    assert ", ".join(STATUSES) == "submitted, returned, accepted, waiting, offered, placed, ended, declined, withdrawn"
    assert [that_is(status).status for status in STATUSES] == list(STATUSES)


@pytest.mark.parametrize(("action", "status"), ALLOWED)
def test_an_action_at_its_time_is_taken_dated_and_published(action, status):
    referral = that_is(status)
    version = referral.shown_version
    assert ACTIONS[action](referral) == [SAYS[action]]
    assert (referral.status, referral.shown_status, referral.shown_at) == (BECOMES[action], BECOMES[action], LATER)
    assert (referral.decided_by, referral.decided_at) == ("Ida Intake" if action == "withdraw" else "Dr Who", LATER)
    assert referral.shown_version == version + 1


@pytest.mark.parametrize(("action", "status"), REFUSED)
def test_an_action_at_another_time_is_refused_with_the_status_and_changes_nothing(action, status):
    referral, untouched = that_is(status), that_is(status)
    with pytest.raises(NotNow, match=f"the referral is {status}; only"):
        ACTIONS[action](referral)
    assert referral == untouched


def test_what_can_be_done_and_what_cannot_is_every_action_at_every_status():
    assert len(ALLOWED) == 2 + 2 + 2 + 6
    assert len(REFUSED) == 4 * len(STATUSES) - len(ALLOWED)


def test_a_second_question_is_a_change_that_readers_see():
    referral = that_is("returned")
    before = referral.shown_version
    referral.give_back("Dr Who", MUCH_LATER, b"another question")
    assert (referral.shown_version, referral.shown_at, referral.note) == (before + 1, MUCH_LATER, b"another question")


@pytest.mark.parametrize("reported", ["waiting", "offered", "placed"])
@pytest.mark.parametrize("status", [*UNDECIDED, *UNDER_WAY])
def test_where_scheduling_says_an_open_referral_stands_is_copied(status, reported):
    referral = that_is(status)
    assert referral.stand(reported, None, LATER) == []
    assert (referral.status, referral.shown_status, referral.shown_at, referral.is_open) == (reported, reported, LATER, True)


@pytest.mark.parametrize("status", UNDER_WAY)
def test_a_referral_for_which_nothing_stands_any_more_ends_and_says_why(status):
    referral = that_is(status)
    assert referral.stand("nothing", "series_ended", LATER) == [Ended("P-1", "R-1", "hub", "series_ended")]
    assert (referral.status, referral.is_open, referral.shown_reason) == ("ended", False, "series_ended")


def test_an_end_without_a_reason_still_has_one():
    assert that_is("placed").stand("nothing", None, LATER) == [Ended("P-1", "R-1", "hub", "ended")]


@pytest.mark.parametrize("reported", ["waiting", "offered", "placed", "nothing"])
@pytest.mark.parametrize("status", OVER)
def test_what_scheduling_says_too_late_changes_and_publishes_nothing(status, reported):
    referral, untouched = that_is(status), that_is(status)
    assert referral.stand(reported, "withdrawn", MUCH_LATER) == []
    assert referral == untouched
    assert not referral.is_open


@pytest.mark.parametrize("status", ["waiting", "offered", "placed"])
def test_what_scheduling_says_twice_moves_nothing_the_second_time(status):
    referral = that_is(status)
    before = shown(referral)
    stand(referral, status, MUCH_LATER)
    assert shown(referral) == before


@pytest.mark.parametrize("status", STATUSES)
def test_a_referral_is_open_until_it_has_come_to_an_end(status):
    assert that_is(status).is_open == (status not in OVER)


@pytest.mark.parametrize("status", STATUSES)
def test_with_consent_the_referrer_sees_how_far_it_has_come(status):
    assert that_is(status, "referral", "status_to_referrer").shown_status == status


@pytest.mark.parametrize("status", STATUSES)
def test_without_consent_the_referrer_learns_nothing_beyond_the_acceptance(status):
    assert that_is(status, "referral").shown_status == ("accepted" if status in BEYOND_ACCEPTED else status)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(["waiting", "offered", "placed", "nothing"]), max_size=12), st.sampled_from(["accept", "give_back", "decline"])
)
def test_without_consent_nothing_a_reader_sees_depends_on_what_scheduling_says(said, action):
    told, untold = that_is("accepted", "referral"), that_is("accepted", "referral")
    for number, stands in enumerate(said, 1):
        told.stand(stands, "series_ended", LATER + timedelta(days=number))
    assert shown(told) == shown(untold)
    assert (
        refusal(action, told)
        == refusal(action, untold)
        == "the referral is accepted; only one that is submitted or returned can be " + BECOMES[action]
    )
    for referral in (told, untold):
        ACTIONS["withdraw"](referral, MUCH_LATER)
    assert shown(told) == shown(untold)
    assert refusal("withdraw", told) == refusal("withdraw", untold)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["waiting", "offered", "placed", "nothing"]), max_size=6))
def test_without_consent_an_erasure_looks_the_same_whatever_had_become_of_the_referral(said):
    told, untold = that_is("accepted", "referral"), that_is("accepted", "referral")
    for stands in said:
        told.stand(stands, "series_ended", LATER)
    told.erase(MUCH_LATER)
    untold.erase(MUCH_LATER)
    assert shown(told) == shown(untold) == ("withdrawn", MUCH_LATER, 3, "erased")


def refusal(action, referral):
    with pytest.raises(NotNow) as refused:
        ACTIONS[action](referral)
    return str(refused.value)


def test_a_referral_that_ended_unseen_can_be_withdrawn_and_nothing_more_is_published():
    referral = that_is("ended", "referral")
    assert ACTIONS["withdraw"](referral) == []
    assert (referral.shown_status, referral.shown_reason) == ("withdrawn", None)


def test_both_clocks_are_kept_received_for_the_report_and_accepted_for_the_queue():
    assert (that_is("returned").received, that_is("returned").accepted) == (RECEIVED, None)
    referral = that_is("accepted")
    referral.stand("waiting", None, MUCH_LATER)
    assert (referral.received, referral.accepted) == (RECEIVED, LATER)


def test_a_declined_referral_carries_its_reason_and_where_it_points():
    referral = that_is("declined")
    assert (referral.shown_reason, referral.signposts) == ("other", ("samaritans",))


def test_a_question_is_kept_sealed_and_the_referral_can_then_be_decided():
    referral = that_is("returned")
    assert referral.note == b"sealed question"
    ACTIONS["accept"](referral)
    assert referral.status == "accepted"


@pytest.mark.parametrize("reason", [b"sealed reason", None])
def test_a_reason_to_withdraw_is_kept_sealed_if_one_is_given(reason):
    referral = a_referral()
    referral.withdraw("Ida Intake", LATER, reason)
    assert referral.note == reason


def test_a_new_referral_publishes_that_it_was_submitted():
    referral = a_referral()
    assert referral.submit() == [Submitted("P-1", "R-1", "hub", "routine", RECEIVED)]
    assert (referral.status, shown(referral), referral.is_open) == ("submitted", ("submitted", RECEIVED, 1, None), True)


@pytest.mark.parametrize("status", STATUSES)
def test_of_an_erased_person_a_referral_keeps_what_reports_count_and_nothing_that_anybody_said(status):
    referral = that_is(status)
    referral.erase(MUCH_LATER)
    assert (referral.id, referral.participant, referral.source, referral.received) == ("R-1", "P-1", "hub", RECEIVED)
    assert (referral.note, referral.wishes, referral.signposts, referral.index) == (None, Wishes(), (), None)
    assert (referral.is_open, referral.shown_reason) == (False, "erased")
    assert referral.status == (status if status in OVER else "withdrawn")


def test_a_state_event_is_told_both_clocks_and_the_wishes():
    assert that_is("accepted").as_open() == OpenReferral("R-1", "hub", "routine", RECEIVED, LATER, WISHES)


def test_whoever_submits_twice_is_told_which_referral_is_open_and_what_to_do():
    refused = AlreadyReferred("R-7")
    assert refused.referral == "R-7"
    assert str(refused) == "R-7 is already open for this person; read it, or withdraw it before submitting another"
