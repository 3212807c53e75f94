from datetime import UTC, datetime

import pytest

from referral.domain import events
from referral.domain.referral import STATUSES, UNDECIDED, UNDER_WAY, AlreadyReferred, NotNow, Referral
from referral.domain.values import Conflicts, Consent, Facts, Wishes

SUBMITTED = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOKENS = Conflicts(own="1f", ties=("2e",))
OVER = ("ended", "declined", "withdrawn")

ACTIONS = {
    "accept": lambda referral: referral.accept("clinician-1", LATER, TOKENS),
    "give_back": lambda referral: referral.give_back("clinician-1", LATER, b"sealed question"),
    "decline": lambda referral: referral.decline("clinician-1", LATER, "other", ("samaritans",)),
    "withdraw": lambda referral: referral.withdraw("intake-1", LATER, b"sealed reason"),
}
BECOMES = {"accept": "accepted", "give_back": "returned", "decline": "declined", "withdraw": "withdrawn"}
SAYS = {"accept": events.Accepted, "give_back": events.Returned, "decline": events.Declined, "withdraw": events.Withdrawn}


def a_referral(*consents):
    return Referral(
        id="R-1",
        hub="london",
        participant="P-1",
        index="4c",
        source="hub",
        facts=Facts("doctor"),
        wishes=Wishes(),
        availability=(),
        urgency="routine",
        consent=Consent(SUBMITTED, consents or ("referral", "status_to_referrer")),
        submitted_at=SUBMITTED,
    )


def that_is(status, *consents):
    """A referral that has come as far as `status` by the way it would in life."""
    referral = a_referral(*consents)
    ways = {"returned": "give_back", "declined": "decline", "withdrawn": "withdraw"}
    if status in ways:
        ACTIONS[ways[status]](referral)
    elif status != "submitted":
        ACTIONS["accept"](referral)
    if status in ("waiting", "offered", "placed", "ended"):
        referral.progress(status, LATER)
    return referral


def is_allowed(action, status):
    return status in (UNDECIDED if action != "withdraw" else (*UNDECIDED, *UNDER_WAY))


ALLOWED = [(action, status) for action in ACTIONS for status in STATUSES if is_allowed(action, status)]
REFUSED = [(action, status) for action in ACTIONS for status in STATUSES if not is_allowed(action, status)]


def test_every_status_of_the_api_is_known_and_each_can_be_reached():
    told = "submitted, returned, accepted, waiting, offered, placed, ended, declined, withdrawn"
    assert ", ".join(STATUSES) == told
    assert [that_is(status).status for status in STATUSES] == list(STATUSES)


@pytest.mark.parametrize(("action", "status"), ALLOWED)
def test_an_action_at_its_time_is_taken_dated_and_said(action, status):
    referral = that_is(status)
    (said,) = ACTIONS[action](referral)
    assert (referral.status, referral.shown_status, referral.changed_at) == (BECOMES[action], BECOMES[action], LATER)
    assert referral.decided_by == ("intake-1" if action == "withdraw" else "clinician-1")
    assert type(said) is SAYS[action]
    assert said.referral is referral


@pytest.mark.parametrize(("action", "status"), REFUSED)
def test_an_action_at_another_time_is_refused_with_the_status_and_changes_nothing(action, status):
    referral = that_is(status)
    before = (referral.status, referral.shown_status, referral.is_open, referral.decided_by, referral.note, referral.reason)
    with pytest.raises(NotNow, match=f"it is {status}; only"):
        ACTIONS[action](referral)
    assert before == (referral.status, referral.shown_status, referral.is_open, referral.decided_by, referral.note, referral.reason)


def test_what_can_be_done_and_what_cannot_is_every_action_at_every_status():
    assert len(ALLOWED) == 2 + 2 + 2 + 6
    assert len(REFUSED) == 4 * len(STATUSES) - len(ALLOWED)


@pytest.mark.parametrize("reported", ["waiting", "offered", "placed", "ended"])
@pytest.mark.parametrize("status", [*UNDECIDED, *UNDER_WAY])
def test_what_scheduling_reports_of_an_open_referral_is_noted(status, reported):
    referral = that_is(status)
    referral.progress(reported, LATER)
    assert (referral.status, referral.shown_status, referral.changed_at) == (reported, reported, LATER)


@pytest.mark.parametrize("reported", ["waiting", "offered", "placed", "ended"])
@pytest.mark.parametrize("status", OVER)
def test_what_scheduling_reports_too_late_changes_nothing(status, reported):
    referral = that_is(status)
    referral.progress(reported, datetime(2027, 1, 1, tzinfo=UTC))
    assert (referral.status, referral.shown_status, referral.changed_at) == (status, status, LATER)
    assert not referral.is_open


@pytest.mark.parametrize("status", STATUSES)
def test_a_referral_is_open_until_it_has_come_to_an_end(status):
    assert that_is(status).is_open == (status not in OVER)


@pytest.mark.parametrize("status", STATUSES)
def test_without_consent_the_referrer_learns_nothing_beyond_the_acceptance(status):
    shown = "accepted" if status in ("waiting", "offered", "placed", "ended") else status
    assert that_is(status, "referral").shown_status == shown


@pytest.mark.parametrize("status", STATUSES)
def test_with_consent_the_referrer_sees_how_far_it_has_come(status):
    assert that_is(status, "referral", "status_to_referrer").shown_status == status


@pytest.mark.parametrize("status", ["waiting", "offered", "placed", "ended"])
def test_a_refusal_to_decide_tells_a_referrer_without_consent_no_more_than_the_acceptance(status):
    referral = that_is(status, "referral")
    with pytest.raises(NotNow) as refused:
        ACTIONS["accept"](referral)
    assert str(refused.value) == "it is accepted; only a referral that is submitted or returned can be accepted"


def test_a_withdrawal_is_shown_with_or_without_consent():
    referral = that_is("placed", "referral")
    ACTIONS["withdraw"](referral)
    assert referral.shown_status == "withdrawn"


def test_the_clock_starts_with_the_acceptance_and_not_before():
    assert that_is("returned").accepted_at is None
    assert that_is("accepted").accepted_at == LATER


def test_the_clock_stays_where_it_began_whatever_scheduling_reports():
    referral = that_is("accepted")
    referral.progress("waiting", datetime(2027, 1, 1, tzinfo=UTC))
    referral.progress("offered", datetime(2027, 2, 1, tzinfo=UTC))
    assert referral.accepted_at == LATER


def test_an_acceptance_says_the_tokens_that_keep_colleagues_apart():
    (said,) = a_referral().accept("clinician-1", LATER, TOKENS)
    assert said.conflicts == TOKENS


def test_a_refused_referral_carries_its_reason_and_where_it_points():
    referral = that_is("declined")
    assert (referral.reason, referral.signposts) == ("other", ("samaritans",))


def test_a_question_is_kept_sealed_and_the_referral_can_then_be_decided():
    referral = that_is("returned")
    assert referral.note == b"sealed question"
    ACTIONS["accept"](referral)
    assert referral.status == "accepted"


def test_a_reason_to_withdraw_is_kept_sealed():
    assert that_is("withdrawn").note == b"sealed reason"


def test_a_new_referral_says_that_it_was_submitted():
    referral = a_referral()
    assert referral.submit() == [events.Submitted(referral)]
    assert (referral.status, referral.shown_status, referral.is_open) == ("submitted", "submitted", True)


def test_whoever_submits_twice_is_told_which_referral_is_open_and_what_to_do():
    refused = AlreadyReferred("R-7")
    assert refused.referral == "R-7"
    assert str(refused) == "R-7 is open for the same person; read it, or withdraw it before you submit another"
