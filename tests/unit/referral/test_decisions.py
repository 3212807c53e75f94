"""Accept, return, decline, withdraw: what is kept, what is published, and what is refused."""

import pytest
from unit.referral import fakes
from unit.referral.samples import SAM, SUBMIT, TELLING, accepted, person_of, returned, submitted, withdrawn

from referral.application import referrals, staff
from referral.application.referrals import Accept, Decline, Return, Withdraw
from referral.application.staff import Register
from referral.domain.advice import UnknownReason
from referral.domain.referrals import NoSuchReferral, NotNow
from referral.domain.values import Registration, Workplaces
from shared.errors import ChangedSinceRead, Retryable
from shared.store.vault import Erased


@pytest.fixture
def hub():
    return fakes.Hub()


DECISIONS = {
    "accept": (referrals.accept, lambda referral, if_match=None: Accept(referral, "Dr Who", if_match)),
    "return": (referrals.give_back, lambda referral, if_match=None: Return(referral, "Dr Who", "Which grade?", if_match)),
    "decline": (referrals.decline, lambda referral, if_match=None: Decline(referral, "Dr Who", "not_eligible", if_match)),
    "withdraw": (referrals.withdraw, lambda referral, if_match=None: Withdraw(referral, "Dr Who", "moved away", if_match)),
}
every_decision = pytest.mark.parametrize("decision", DECISIONS)


def decide(hub, decision, referral, if_match=None):
    use_case, command = DECISIONS[decision]
    return hub.do(use_case, command(referral, None if if_match is None else frozenset({if_match})))


def test_scheduling_is_told_of_the_person_before_it_is_told_that_they_wait(hub):
    referral = accepted(hub)
    assert hub.said_of("P-1") == ["Submitted", "ParticipantChanged", "Accepted"]
    assert [number for _, number, _ in hub.participants.said] == [1, 2, 3]
    kept = hub.referrals.rows[referral]
    assert (kept.status, kept.accepted, kept.decided_by, kept.decided_at) == ("accepted", fakes.NOW, "clinician-1", fakes.NOW)
    changed = hub.participants.events[1]
    assert (changed.facts, changed.tokens) == (SUBMIT.facts, person_of(hub, referral).tokens)


def test_of_somebody_whom_scheduling_knows_a_second_acceptance_says_nothing_more(hub):
    hub.do(referrals.withdraw, Withdraw(accepted(hub), "intake-1"))
    accepted(hub)
    assert hub.said_of("P-1") == ["Submitted", "ParticipantChanged", "Accepted", "Withdrawn", "Submitted", "Accepted"]


def test_a_referral_that_was_returned_keeps_its_question_sealed_and_can_be_accepted(hub):
    referral = returned(hub)
    kept = hub.referrals.rows[referral]
    assert (kept.status, hub.vault.open_note("P-1", kept.note)) == ("returned", "Which grade?")
    assert b"grade" not in kept.note
    decide(hub, "accept", referral)
    assert hub.said_of("P-1") == ["Submitted", "Returned", "ParticipantChanged", "Accepted"]


def test_a_declined_referral_carries_reason_and_signposts(hub):
    referral = submitted(hub)
    declined = decide(hub, "decline", referral)
    assert [signpost.name for signpost in declined.signposts] == ["Samaritans"]
    kept = hub.referrals.rows[referral]
    assert (kept.status, kept.reason, kept.signposts) == ("declined", "not_eligible", ("samaritans",))
    assert hub.said_of("P-1") == ["Submitted", "Declined"]


@pytest.mark.parametrize("reason", ["", "too far", "NOT_ELIGIBLE"])
def test_nobody_is_declined_for_a_reason_that_is_not_in_the_list(hub, reason):
    referral = submitted(hub)
    with pytest.raises(UnknownReason, match="use one of not_eligible"):
        hub.do(referrals.decline, Decline(referral, "Dr Who", reason))
    assert hub.referrals.rows[referral].status == "submitted"
    assert hub.said_of("P-1") == ["Submitted"]


@pytest.mark.parametrize("so_far", [submitted, returned, accepted])
def test_a_referral_can_be_withdrawn_for_a_reason_that_is_kept_sealed(hub, so_far):
    referral = so_far(hub)
    decide(hub, "withdraw", referral)
    kept = hub.referrals.rows[referral]
    assert (kept.status, kept.is_open, kept.decided_by) == ("withdrawn", False, "Dr Who")
    assert hub.vault.open_note("P-1", kept.note) == "moved away"


def test_a_withdrawal_without_a_reason_needs_no_vault(hub):
    referral = submitted(hub)
    hub.vault.is_away = True
    hub.do(referrals.withdraw, Withdraw(referral, "intake-1"))
    assert (hub.referrals.rows[referral].status, hub.referrals.rows[referral].note) == ("withdrawn", None)


@every_decision
def test_a_decision_that_comes_too_late_is_refused_and_publishes_nothing(hub, decision):
    referral = withdrawn(hub)
    with pytest.raises(NotNow):
        decide(hub, decision, referral)
    assert hub.referrals.rows[referral].status == "withdrawn"
    assert hub.said_of("P-1") == ["Submitted", "Withdrawn"]


@every_decision
def test_a_decision_about_no_referral_names_it(hub, decision):
    with pytest.raises(NoSuchReferral, match="R-404"):
        decide(hub, decision, "R-404")


@every_decision
def test_a_decision_on_what_has_changed_since_it_was_read_is_refused(hub, decision):
    referral = submitted(hub)
    read = hub.referrals.rows[referral].shown_version
    decide(hub, "return", referral)
    with pytest.raises(ChangedSinceRead):
        decide(hub, decision, referral, read)
    assert hub.referrals.rows[referral].status == "returned"
    decide(hub, decision, referral, hub.referrals.rows[referral].shown_version)


@pytest.mark.parametrize("decision", ["return", "withdraw"])
def test_while_the_vault_is_away_a_text_is_refused_and_nothing_changes(hub, decision):
    referral = submitted(hub)
    hub.vault.is_away = True
    with pytest.raises(Retryable):
        decide(hub, decision, referral)
    assert hub.referrals.rows[referral].status == "submitted"


@pytest.mark.parametrize("decision", ["return", "withdraw"])
def test_of_a_person_whose_key_is_gone_nothing_more_can_be_written_down(hub, decision):
    referral = submitted(hub)
    hub.vault.destroy_key("P-1")
    with pytest.raises(Erased):
        decide(hub, decision, referral)
    assert hub.referrals.rows[referral].status == "submitted"


@every_decision
def test_of_two_who_decide_at_once_the_second_decides_on_what_the_first_has_left(hub, decision):
    referral = submitted(hub)
    hub.before_commit = [lambda: decide(hub, "withdraw", referral)] if decision in {"return", "withdraw"} else []
    if not hub.before_commit:
        decide(hub, "withdraw", referral)
    with pytest.raises(NotNow, match="the referral is withdrawn"):
        decide(hub, decision, referral)
    assert hub.said_of("P-1") == ["Submitted", "Withdrawn"]


LEE = Register("Dr Lee", Registration("GMC", "0000003"), ("london",), Workplaces(sites=("St Marys",)), (SAM.registration,))


def test_staff_are_known_by_name_and_their_workplace_by_a_token_only(hub):
    member = hub.do(staff.register, LEE)
    assert (member.id, member.display_name, member.hubs, member.state) == ("F-1", "Dr Lee", ("london",), "active")
    assert not [word for word in (*TELLING, "0000003") if word in str(hub.staff.rows).lower()]


def test_staff_and_a_doctor_of_one_site_share_a_token_and_whoever_is_named_is_recognised(hub):
    member = hub.do(staff.register, LEE)
    person = person_of(hub, submitted(hub, ties=Workplaces(employers=("St. Mary's",))))
    assert member.tokens.ties == person.tokens.ties
    assert set(member.tokens.never_with) < set(person.tokens.own)


def test_staff_who_are_participants_too_share_what_identifies_them(hub):
    member = hub.do(staff.register, Register("Samira", SAM.registration, ("london",)))
    assert set(member.tokens.own) < set(person_of(hub, submitted(hub)).tokens.own)


def test_the_same_registration_is_the_same_member_of_staff_as_described_last(hub):
    first = hub.do(staff.register, LEE)
    again = Register("Dr Lee-Ho", Registration("gmc", "000 0003"), ("london", "north-west"))
    assert hub.do(staff.register, again).id == first.id
    (kept,) = hub.staff.rows.values()
    assert (kept.display_name, kept.hubs, kept.tokens.ties) == ("Dr Lee-Ho", ("london", "north-west"), ())
    assert [number for _, number, _ in hub.staff.said] == [1, 2]


def test_another_registration_is_another_member_of_staff(hub):
    hub.do(staff.register, LEE)
    hub.do(staff.register, Register("Dr Lee", Registration("GMC", "0000004"), ("london",)))
    assert len(hub.staff.rows) == 2
