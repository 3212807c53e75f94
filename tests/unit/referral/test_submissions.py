"""A referral is submitted: what is kept, for whom, and what is refused."""

from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest
from unit.referral import fakes
from unit.referral.samples import CONSENT, SAM, SUBMIT, TELLING, accepted, person_of, returned, submitted, withdrawn

from referral.application import referrals
from referral.application.modalities import CatalogueNotHere, UnknownWish
from referral.application.referrals import Decline
from referral.application.submissions import WORK_ADDRESS, submit
from referral.domain.participants import ParticipantChanged
from referral.domain.referrals import AlreadyReferred
from referral.domain.values import Identity, Person, Registration, Wishes, Workplaces
from shared.contracts import scheduling
from shared.errors import Retryable
from shared.validation.problems import Refused


@pytest.fixture
def hub():
    return fakes.Hub()


def declined(hub, **changes):
    referral = submitted(hub, **changes)
    hub.do(referrals.decline, Decline(referral, "clinician-1", "not_eligible"))
    return referral


def test_a_referral_that_was_submitted_is_there_to_be_read(hub):
    referral = hub.referrals.rows[submitted(hub)]
    assert (referral.status, referral.hub, referral.received, referral.accepted) == ("submitted", "london", fakes.NOW, None)
    assert (referral.wishes, referral.urgency, referral.source) == (SUBMIT.wishes, "soon", "hub")
    person = person_of(hub, referral.id)
    assert (person.facts, person.free, person.busy, person.is_told) == (SUBMIT.facts, SUBMIT.free, (), False)


def test_before_it_is_accepted_scheduling_learns_that_there_is_a_referral_and_nothing_of_the_person(hub):
    submitted(hub)
    assert hub.said_of("P-1") == ["Submitted"]
    assert [type(event).__name__ for event in hub.contacts.events] == ["ContactChanged"]


def test_who_it_is_is_in_the_vault_and_nowhere_else(hub):
    referral = hub.referrals.rows[submitted(hub)]
    person = person_of(hub, referral.id)
    assert hub.vault.open_identity(person.id, person.sealed) == Identity(SAM, SUBMIT.ties, SUBMIT.never_with)
    kept = f"{asdict(referral)} {asdict(person)} {asdict(hub.contacts.rows[person.id])}".lower()
    assert not [word for word in TELLING if word in kept]


def test_an_employers_address_is_taken_with_a_warning(hub):
    warned = hub.do(submit, replace(SUBMIT, person=replace(SAM, email="sam@nhs.net")))
    assert warned.warnings == (WORK_ADDRESS,)
    assert hub.do(submit, replace(SUBMIT, person=Person("Alex Ficta", "alex@home.example"))).warnings == ()


def test_the_same_person_twice_is_told_which_referral_is_open(hub):
    first = submitted(hub)
    with pytest.raises(AlreadyReferred) as refused:
        submitted(hub, person=replace(SAM, email="new@home.example"))
    assert refused.value.referral == first
    assert list(hub.referrals.rows) == [first]
    assert len(hub.contacts.said) == 1


@pytest.mark.parametrize("same", [{"registration": Registration("gmc", "765 4321")}, {"name": "S. Ficta"}, {"email": "x@home.example"}])
@pytest.mark.parametrize("so_far", [submitted, returned, accepted])
def test_the_same_person_written_differently_is_the_same_person(hub, so_far, same):
    so_far(hub)
    with pytest.raises(AlreadyReferred):
        submitted(hub, person=replace(SAM, **same))


def test_without_a_registration_the_address_is_the_person(hub):
    submitted(hub, person=Person("Alex Ficta", "alex@home.example"))
    with pytest.raises(AlreadyReferred):
        submitted(hub, person=Person("A. Ficta", "ALEX@home.example"))
    assert submitted(hub, person=Person("Alex Ficta", "other@home.example"))


@pytest.mark.parametrize("ended", [withdrawn, declined])
def test_after_the_end_of_one_referral_the_same_person_comes_again_under_the_same_pseudonym(hub, ended):
    first = ended(hub)
    second = submitted(hub, person=replace(SAM, email="new@home.example"))
    assert second != first
    assert person_of(hub, second) == person_of(hub, first)
    assert len(hub.participants.rows) == len(hub.vault.keys) == 1


def test_what_was_said_last_of_a_person_is_true(hub):
    before = person_of(hub, withdrawn(hub))
    again = {"person": replace(SAM, email="new@home.example"), "ties": Workplaces(sites=("St Elsewhere",))}
    after = person_of(hub, submitted(hub, **again))
    assert hub.vault.open_identity(after.id, after.sealed).person.email == "new@home.example"
    assert len(after.tokens.ties) == 1
    assert after.tokens != before.tokens
    assert hub.vault.sealed[hub.contacts.events[-1].sealed] == ("P-1", ("Sammy", "new@home.example"))


def test_of_somebody_whom_scheduling_knows_a_change_is_published_before_the_new_referral(hub):
    hub.do(referrals.withdraw, referrals.Withdraw(accepted(hub), "intake-1"))
    submitted(hub, facts=replace(SUBMIT.facts, work_status="retired"))
    assert hub.said_of("P-1") == ["Submitted", "ParticipantChanged", "Accepted", "Withdrawn", "ParticipantChanged", "Submitted"]
    changed = [event for event in hub.participants.events if isinstance(event, ParticipantChanged)]
    assert changed[-1].facts.work_status == "retired"


@pytest.mark.parametrize("wishes", [Wishes(("yoga",)), Wishes(("analytic",), topics=("sleep",))])
def test_a_wish_that_nothing_answers_leaves_nothing_behind(hub, wishes):
    with pytest.raises(UnknownWish) as refused:
        submitted(hub, wishes=wishes)
    assert all(problem.field.startswith("wishes.") and problem.cure for problem in refused.value.problems)
    assert (hub.referrals.rows, hub.participants.rows, hub.contacts.rows, hub.vault.keys) == ({}, {}, {}, set())


def test_before_the_catalogue_has_arrived_nobody_is_taken_and_afterwards_they_are(hub):
    hub.modalities.rows.clear()
    with pytest.raises(CatalogueNotHere):
        submitted(hub)
    assert not hub.vault.keys
    hub.hears(scheduling.ModalityListed(listing="london/analytic", code="analytic", way_in="referral", variants=("women",), topics=()))
    assert submitted(hub)


def test_dates_in_the_future_are_all_named_and_nothing_is_kept(hub):
    later = fakes.NOW + timedelta(minutes=6)
    with pytest.raises(Refused) as refused:
        submitted(hub, person=replace(SAM, birth_date=fakes.NOW.date()), consent=replace(CONSENT, given_at=later))
    assert [(problem.field, problem.reason, problem.cure) for problem in refused.value.problems] == [
        ("person.birth_date", "not a date of birth", "give a past date, after 1900"),
        ("consent.given_at", "is in the future", "give the time at which the doctor consented"),
    ]
    assert not hub.vault.keys


def test_a_consent_given_a_moment_ago_by_a_clock_that_is_ahead_is_taken(hub):
    assert submitted(hub, consent=replace(CONSENT, given_at=fakes.NOW + timedelta(minutes=5)))


def test_two_people_who_submit_the_same_human_at_once_make_one_participant_and_one_referral(hub):
    theirs = []
    hub.before_commit = [lambda: theirs.append(submitted(hub))]
    with pytest.raises(AlreadyReferred) as refused:
        submitted(hub)
    assert [refused.value.referral] == theirs == list(hub.referrals.rows)
    assert len(hub.participants.rows) == 1
    assert hub.vault.keys > set(hub.participants.rows)  # the other's key is for a pseudonym that nobody bears


def test_while_the_vault_is_away_nobody_is_taken_and_nothing_is_kept(hub):
    hub.vault.is_away = True
    with pytest.raises(Retryable):
        submitted(hub)
    assert (hub.referrals.rows, hub.participants.rows) == ({}, {})
    hub.vault.is_away = False
    assert submitted(hub)


ANOTHER = replace(SAM, name="Bao Lin", birth_date=date(1970, 1, 1), email="bao@home.example", known_as=None)


@pytest.mark.parametrize("so_far", ["open", "ended"])
def test_a_number_that_is_somebody_elses_by_name_and_birth_date_goes_to_a_person_and_drops_nobody(hub, so_far):
    first = submitted(hub) if so_far == "open" else declined(hub)
    before = (dict(hub.referrals.rows), person_of(hub, first).sealed)
    with pytest.raises(Refused) as refused:
        hub.do(submit, replace(SUBMIT, person=ANOTHER))
    (problem,) = refused.value.problems
    assert (problem.field, problem.reason) == ("person.registration.number", "belongs to somebody else, by name and date of birth")
    assert (hub.referrals.rows, person_of(hub, first).sealed) == before, "and the first is who they were"


def test_a_shared_first_name_does_not_make_two_dates_of_birth_one_person(hub):
    submitted(hub)
    with pytest.raises(Refused):
        hub.do(submit, replace(SUBMIT, person=replace(SAM, name="Samira Khan", birth_date=date(1970, 1, 1))))


def test_an_address_that_two_people_share_is_not_one_person(hub):
    hub.do(submit, replace(SUBMIT, person=replace(SAM, registration=None)))
    with pytest.raises(Refused) as refused:
        hub.do(submit, replace(SUBMIT, person=replace(ANOTHER, registration=None, email=SAM.email)))
    assert [problem.field for problem in refused.value.problems] == ["person.email"]


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Dr Samira Ficta-Jones"},
        {"name": "FICTA, S."},
        {"name": "Samira"},
        {"name": "Samira Newname", "birth_date": None},
        {"name": "Samira Ficta", "birth_date": date(1980, 2, 28)},
        {"name": "Quite Another", "birth_date": SAM.birth_date},
    ],
)
def test_who_has_changed_a_name_is_still_who_they_were(hub, changed):
    submitted(hub)
    with pytest.raises(AlreadyReferred):
        hub.do(submit, replace(SUBMIT, person=replace(SAM, **changed)))
