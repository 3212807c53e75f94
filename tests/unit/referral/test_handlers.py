from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from unit.referral import fakes

from referral.application import handlers
from referral.application.commands import Decide, RegisterFacilitator, Submit
from referral.application.queries import seen_by
from referral.domain import events
from referral.domain.advice import UnknownReason
from referral.domain.referral import AlreadyReferred, NoSuchReferral, NotNow
from referral.domain.values import Consent, Facts, Person, Registration, Ties, Window, Wishes
from referral.domain.wishes import CatalogueNotHere, UnknownWish
from referral.messaging.inbound import SUBSCRIPTIONS
from shared.contracts import parts, scheduling
from shared.store.vault import Erased

SAM = Person("Samira Ficta", "sam@home.example", "Sam", registration=Registration("GMC", "0000001"))
CONSENT = Consent(datetime(2026, 11, 20, 9, tzinfo=UTC), ("referral", "status_to_referrer"))
SUBMIT = Submit(
    source="hub",
    person=SAM,
    facts=Facts("doctor", "consultant", gender="woman"),
    consent=CONSENT,
    ties=Ties(employers=("Northern Trust",)),
    wishes=Wishes(("analytic",)),
    availability=(Window("tuesday", "18:00", "21:00"),),
    urgency="soon",
)
TIMES = parts.SessionTimes(session="S-1", start=fakes.NOW, end=fakes.NOW + timedelta(minutes=90), zone="Europe/London")
SERIES = parts.Series(name="Weekly evening A", place="Room 3", cadence="weekly", sessions=(TIMES,))


@pytest.fixture
def work():
    return fakes.work()


def kinds(kept):
    return [type(event).__name__ for event in kept.said]


def submitted(work, **changes):
    return handlers.submit(replace(SUBMIT, **changes), work).id


def accepted(work, **changes):
    referral = submitted(work, **changes)
    handlers.accept(Decide(referral, "clinician-1"), work)
    return referral


def status(work, referral):
    return work.referrals.get(referral).status


def hears(work, kind, referral, **fields):
    participant = work.referrals.get(referral).participant
    SUBSCRIPTIONS[kind](kind(referral=referral, participant=participant, **fields), work)


def test_a_referral_that_was_submitted_is_there_to_be_read(work):
    referral = work.referrals.get(submitted(work))
    assert (referral.status, referral.hub, referral.submitted_at, referral.urgency) == ("submitted", "london", fakes.NOW, "soon")
    assert (referral.facts, referral.wishes, referral.availability) == (SUBMIT.facts, SUBMIT.wishes, SUBMIT.availability)
    assert (kinds(work.referrals), kinds(work.participants)) == (["Submitted"], ["ContactKnown"])


def test_who_it_is_stands_in_the_safe_and_nowhere_else(work):
    referral = work.referrals.get(submitted(work))
    participant = work.participants.get(referral.participant)
    assert work.safe.open(participant.sealed)["person"]["name"] == "Samira Ficta"
    assert work.safe.open(participant.sealed)["ties"]["employers"] == ("Northern Trust",)
    kept = f"{asdict(referral)} {asdict(participant)}"
    assert not [word for word in ("Samira", "Sam", "home.example", "0000001", "Northern") if word in kept]


def test_the_same_person_twice_is_told_which_referral_is_open(work):
    first = submitted(work)
    with pytest.raises(AlreadyReferred) as refused:
        submitted(work, person=replace(SAM, email="new@home.example"))
    assert refused.value.referral == first
    assert list(work.referrals.rows) == [first]
    assert len(work.participants.said) == 1


@pytest.mark.parametrize("same", [{"registration": Registration("gmc", "000 0001")}, {"name": "S. Ficta"}, {"email": "x@home.example"}])
def test_the_same_person_written_differently_is_the_same_person(work, same):
    submitted(work)
    with pytest.raises(AlreadyReferred):
        submitted(work, person=replace(SAM, **same))


def test_without_a_registration_the_address_is_the_person(work):
    submitted(work, person=Person("Alex Ficta", "alex@home.example"))
    with pytest.raises(AlreadyReferred):
        submitted(work, person=Person("A. Ficta", "ALEX@home.example"))
    assert submitted(work, person=Person("Alex Ficta", "other@home.example"))


@pytest.mark.parametrize("decide", [handlers.withdraw, handlers.decline])
def test_after_the_end_of_one_referral_the_same_person_comes_again_under_the_same_pseudonym(work, decide):
    first = submitted(work)
    decide(Decide(first, "clinician-1", "not_eligible"), work)
    second = submitted(work, person=replace(SAM, email="new@home.example"))
    assert second != first
    assert work.referrals.get(second).participant == work.referrals.get(first).participant
    assert len(work.participants.rows) == len(work.safe.keys) == 1


def test_what_was_said_last_of_a_person_is_true(work):
    first = submitted(work)
    before = work.participants.get(work.referrals.get(first).participant)
    handlers.withdraw(Decide(first, "intake-1"), work)
    second = work.referrals.get(submitted(work, person=replace(SAM, email="new@home.example"), ties=Ties(sites=("St Marys",))))
    participant = work.participants.get(second.participant)
    assert work.safe.open(participant.sealed)["person"]["email"] == "new@home.example"
    assert work.participants.said[-1].person.email == "new@home.example"
    assert len(participant.conflicts.ties) == 1
    assert participant.conflicts.ties != before.conflicts.ties


@pytest.mark.parametrize("wishes", [Wishes(("yoga",)), Wishes(("analytic",), topics=("sleep",))])
def test_a_wish_that_nothing_answers_leaves_nothing_behind(work, wishes):
    with pytest.raises(UnknownWish):
        submitted(work, wishes=wishes)
    assert not work.referrals.rows
    assert not work.participants.rows
    assert not work.safe.keys


def test_before_the_catalogue_has_arrived_nobody_is_taken_and_afterwards_they_are(work):
    work.modalities.entries.clear()
    with pytest.raises(CatalogueNotHere):
        submitted(work)
    assert not work.safe.keys
    SUBSCRIPTIONS[scheduling.ModalityListed](scheduling.ModalityListed(code="analytic", variants=("women",), topics=()), work)
    assert submitted(work, wishes=Wishes(("analytic",), variants=("women",)))


def test_the_catalogue_told_again_is_the_catalogue_told_last(work):
    listed = SUBSCRIPTIONS[scheduling.ModalityListed]
    listed(scheduling.ModalityListed(code="analytic", variants=("trainees",), topics=()), work)
    with pytest.raises(UnknownWish, match="'women' is no variant"):
        submitted(work, wishes=Wishes(("analytic",), variants=("women",)))


def test_an_accepted_referral_says_the_tokens_of_where_the_person_works_now(work):
    referral = accepted(work)
    kept = work.referrals.get(referral)
    assert (kept.status, kept.accepted_at, kept.decided_by) == ("accepted", fakes.NOW, "clinician-1")
    assert isinstance(work.referrals.said[-1], events.Accepted)
    assert work.referrals.said[-1].conflicts == work.participants.get(kept.participant).conflicts
    assert len(work.referrals.said[-1].conflicts.ties) == 1


def test_a_referral_given_back_keeps_its_question_sealed_until_somebody_who_may_reads_it(work):
    referral = submitted(work)
    handlers.give_back(Decide(referral, "clinician-1", "Which grade?"), work)
    kept = work.referrals.get(referral)
    assert (kept.status, b"grade" in kept.note) == ("returned", False)
    assert seen_by("intake", kept, work.participants, work.safe, work.advice)["note"] == "Which grade?"


def test_a_referral_given_back_can_be_accepted(work):
    referral = submitted(work)
    handlers.give_back(Decide(referral, "clinician-1", "Which grade?"), work)
    handlers.accept(Decide(referral, "clinician-2"), work)
    assert status(work, referral) == "accepted"
    assert kinds(work.referrals) == ["Submitted", "Returned", "Accepted"]


def test_a_declined_referral_carries_reason_and_signposts(work):
    referral = submitted(work)
    handlers.decline(Decide(referral, "clinician-1", "not_eligible"), work)
    kept = work.referrals.get(referral)
    assert (kept.status, kept.reason, kept.signposts) == ("declined", "not_eligible", ("samaritans",))
    assert kinds(work.referrals) == ["Submitted", "Declined"]


@pytest.mark.parametrize("reason", ["", "too far", "NOT_ELIGIBLE"])
def test_nobody_is_declined_for_a_reason_that_is_not_in_the_list(work, reason):
    referral = submitted(work)
    with pytest.raises(UnknownReason, match="use one of not_eligible"):
        handlers.decline(Decide(referral, "clinician-1", reason), work)
    assert status(work, referral) == "submitted"
    assert kinds(work.referrals) == ["Submitted"]


@pytest.mark.parametrize("so_far", [submitted, accepted])
def test_a_referral_can_be_withdrawn_with_or_without_a_reason(work, so_far):
    referral = so_far(work)
    handlers.withdraw(Decide(referral, "intake-1", "moved away"), work)
    kept = work.referrals.get(referral)
    assert (kept.status, kept.is_open, kept.decided_by) == ("withdrawn", False, "intake-1")
    assert work.safe.open(kept.note) == {"text": "moved away"}
    assert b"moved" not in kept.note


DECISIONS = [handlers.accept, handlers.give_back, handlers.decline, handlers.withdraw]


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_decision_that_comes_too_late_is_refused_and_says_nothing(work, decide):
    referral = submitted(work)
    handlers.withdraw(Decide(referral, "intake-1"), work)
    with pytest.raises(NotNow):
        decide(Decide(referral, "clinician-1", "not_eligible"), work)
    assert status(work, referral) == "withdrawn"
    assert kinds(work.referrals) == ["Submitted", "Withdrawn"]


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_decision_about_no_referral_names_it(work, decide):
    with pytest.raises(NoSuchReferral, match="R-404"):
        decide(Decide("R-404", "clinician-1", "not_eligible"), work)


@pytest.mark.parametrize("decide", [handlers.give_back, handlers.withdraw])
def test_of_a_person_who_was_erased_nothing_more_can_be_written_down(work, decide):
    referral = submitted(work)
    work.safe.destroy_key(work.referrals.get(referral).participant)
    with pytest.raises(Erased):
        decide(Decide(referral, "clinician-1", "Which grade?"), work)
    assert status(work, referral) == "submitted"


SCHEDULING_SAYS = {
    "waiting": (scheduling.WaitingStarted, {}),
    "offered": (
        scheduling.OfferMade,
        {"offer": "O-1", "group": "G-1", "series": SERIES, "first_session": TIMES, "deadline": fakes.NOW},
    ),
    "placed": (scheduling.SeatTaken, {"seat": "SEAT-1", "offer": "O-1", "group": "G-1", "series": SERIES}),
    "ended": (scheduling.SeatReleased, {"seat": "SEAT-1", "group": "G-1", "reason": "ended"}),
}


@pytest.mark.parametrize("becomes", SCHEDULING_SAYS)
def test_what_scheduling_says_is_how_far_the_referral_has_come(work, becomes):
    referral = accepted(work)
    kind, fields = SCHEDULING_SAYS[becomes]
    hears(work, kind, referral, **fields)
    kept = work.referrals.get(referral)
    assert (kept.status, kept.shown_status, kept.is_open) == (becomes, becomes, becomes != "ended")


def test_who_may_come_to_any_session_has_a_place(work):
    referral = accepted(work)
    hears(work, scheduling.OpenAccessGiven, referral, group="G-1", series=SERIES)
    assert status(work, referral) == "placed"


@pytest.mark.parametrize("kind", [scheduling.OfferDeclined, scheduling.OfferExpired])
def test_who_lets_an_offer_go_waits_again(work, kind):
    referral = accepted(work)
    hears(work, scheduling.OfferMade, referral, **SCHEDULING_SAYS["offered"][1])
    hears(work, kind, referral, offer="O-1")
    assert status(work, referral) == "waiting"


def test_whatever_scheduling_says_to_a_referrer_without_consent_it_stays_accepted(work):
    referral = accepted(work, consent=replace(CONSENT, to=("referral",)))
    for kind, fields in SCHEDULING_SAYS.values():
        hears(work, kind, referral, **fields)
        assert work.referrals.get(referral).shown_status == "accepted"
    assert status(work, referral) == "ended"


def test_what_scheduling_says_of_a_withdrawn_referral_comes_too_late(work):
    referral = accepted(work)
    handlers.withdraw(Decide(referral, "intake-1"), work)
    for kind, fields in SCHEDULING_SAYS.values():
        hears(work, kind, referral, **fields)
    assert status(work, referral) == "withdrawn"


def test_what_scheduling_says_makes_this_service_say_nothing(work):
    referral = accepted(work)
    before = list(work.referrals.said)
    for kind, fields in SCHEDULING_SAYS.values():
        hears(work, kind, referral, **fields)
    assert work.referrals.said == before


def test_what_scheduling_says_of_an_unknown_referral_is_not_swallowed(work):
    with pytest.raises(NoSuchReferral, match="R-404"):
        SUBSCRIPTIONS[scheduling.WaitingStarted](scheduling.WaitingStarted(referral="R-404", participant="P-404"), work)


def test_when_a_seat_ends_the_same_person_can_be_referred_again(work):
    referral = accepted(work)
    hears(work, scheduling.SeatReleased, referral, **SCHEDULING_SAYS["ended"][1])
    assert submitted(work) != referral


LEE = RegisterFacilitator("Dr Lee", Registration("GMC", "0000003"), ("london",), Ties(sites=("St Marys",)), (SAM.registration,))


def test_a_facilitator_is_known_by_name_and_their_workplace_by_a_token_only(work):
    facilitator = handlers.register_facilitator(LEE, work)
    assert work.facilitators.only() == facilitator
    assert (facilitator.display_name, facilitator.hubs) == ("Dr Lee", ("london",))
    assert "St Marys" not in str(asdict(facilitator))
    assert "0000003" not in str(asdict(facilitator))


def test_a_facilitator_and_a_doctor_of_one_site_share_a_token_and_who_is_named_is_recognised(work):
    facilitator = handlers.register_facilitator(LEE, work)
    referral = work.referrals.get(submitted(work, ties=Ties(employers=("St. Mary's",))))
    participant = work.participants.get(referral.participant)
    assert facilitator.conflicts.ties == participant.conflicts.ties
    assert facilitator.conflicts.never_with == (participant.conflicts.own,)


def test_the_same_registration_is_the_same_facilitator_with_what_was_said_last(work):
    first = handlers.register_facilitator(LEE, work)
    again = replace(LEE, display_name="Dr Lee-Ho", registration=Registration("gmc", "000 0003"), hubs=("london", "north-west"), ties=Ties())
    second = handlers.register_facilitator(again, work)
    assert second.id == first.id
    kept = work.facilitators.only()
    assert (kept.display_name, kept.hubs, kept.conflicts.ties) == ("Dr Lee-Ho", ("london", "north-west"), ())
    assert kinds(work.facilitators) == ["FacilitatorRegistered"] * 2


def test_another_registration_is_another_facilitator(work):
    handlers.register_facilitator(LEE, work)
    handlers.register_facilitator(replace(LEE, registration=Registration("GMC", "0000004")), work)
    assert len(work.facilitators.rows) == 2
