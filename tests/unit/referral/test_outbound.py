import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from unit.referral import fakes

from referral.application import handlers
from referral.application.commands import Decide, RegisterFacilitator, Submit
from referral.domain.values import Consent, Facts, Person, Registration, Ties, Window, Wishes
from referral.messaging.outbound import publisher
from shared.contracts import described, serialised

SAM = Person("Samira Ficta", "sam@home.example", "Sammy", "07700 900000", "1980-02-29", Registration("GMC", "7654321"))
SUBMIT = Submit(
    source="hub",
    person=SAM,
    facts=Facts("doctor", "consultant", "anaesthetics", "woman", "suspended"),
    consent=Consent(datetime(2026, 11, 20, 9, tzinfo=UTC), ("referral",)),
    ties=Ties(("Northern Trust",), ("St Marys",), ("Core North",), "1 Home Road"),
    never_with=(Registration("GMC", "1122334"),),
    wishes=Wishes(("analytic",), (), ("women",)),
    availability=(Window("tuesday", "18:00", "21:00"),),
    urgency="soon",
)
TELLING = ("samira", "ficta", "sammy", "home.example", "07700", "1980", "gmc", "7654321", "anaesthetics")
TELLING += ("northern", "marys", "core north", "home road", "1122334", "which grade", "moved away")


@pytest.fixture
def work():
    return fakes.work()


def said(work):
    """Everything that left so far: (wire name, JSON), in order of who said it."""
    publish = publisher(work.safe)
    events = [*work.participants.said, *work.referrals.said, *work.facilitators.said]
    return [(described(fact).type, serialised(fact)) for event in events for fact in publish(event)]


def submitted(work, **changes):
    return handlers.submit(replace(SUBMIT, **changes), work).id


def a_whole_life(work):
    """Every event that this service has."""
    returned, declined, withdrawn = (
        submitted(work, person=replace(SAM, registration=Registration("GMC", f"765432{n}"))) for n in (1, 2, 3)
    )
    handlers.give_back(Decide(returned, "clinician-1", "Which grade?"), work)
    handlers.accept(Decide(returned, "clinician-1"), work)
    handlers.decline(Decide(declined, "clinician-1", "not_eligible"), work)
    handlers.withdraw(Decide(withdrawn, "intake-1", "moved away"), work)
    lee = RegisterFacilitator("Dr Lee", Registration("GMC", "1122334"), ("london",), SUBMIT.ties, (SAM.registration,))
    handlers.register_facilitator(lee, work)
    return said(work)


def test_nothing_that_leaves_says_who_somebody_is_or_where_they_work_or_what_was_asked(work):
    left = a_whole_life(work)
    assert {name for name, _ in left} == {
        "contact.changed.v1",
        "referral.submitted.v1",
        "referral.returned.v1",
        "referral.accepted.v1",
        "referral.declined.v1",
        "referral.withdrawn.v1",
        "facilitator.registered.v1",
    }
    assert not [(name, word) for name, data in left for word in TELLING if word in json.dumps(data, ensure_ascii=False).lower()]


def test_an_accepted_referral_says_what_eligibility_needs_and_since_when_they_wait(work):
    referral = submitted(work)
    handlers.accept(Decide(referral, "clinician-1"), work)
    (data,) = (data for name, data in said(work) if name == "referral.accepted.v1")
    conflicts = data.pop("conflicts")
    assert data == {
        "referral": referral,
        "participant": "P-1",
        "wishes": {"modalities": ["analytic"], "topics": [], "variants": ["women"]},
        "facts": {"profession": "doctor", "grade": "consultant", "gender": "woman", "work_status": "suspended"},
        "availability": [{"weekday": "tuesday", "start": "18:00", "end": "21:00"}],
        "urgency": "soon",
        "clock_start": "2026-11-23T09:00:00+00:00",
    }
    assert (len(conflicts["own"]), len(conflicts["ties"]), len(conflicts["never_with"])) == (32, 4, 1)


def test_a_declined_referral_says_its_code_and_signposts(work):
    referral = submitted(work)
    handlers.decline(Decide(referral, "clinician-1", "not_eligible"), work)
    assert said(work)[-1] == (
        "referral.declined.v1",
        {
            "referral": referral,
            "participant": "P-1",
            "source": "hub",
            "urgency": "soon",
            "reason": "not_eligible",
            "signposts": ["samaritans"],
        },
    )


@pytest.mark.parametrize(("known_as", "called"), [("Sammy", "Sammy"), ("", "Samira")])
def test_a_contact_is_sealed_with_the_name_to_use_the_address_and_discretion(work, known_as, called):
    submitted(work, person=replace(SAM, known_as=known_as))
    said(work)
    whose, what = work.safe.sealed[max(work.safe.sealed, key=lambda sealed: int(sealed.split()[1]))]
    assert (whose, what["known_as"], what["email"], what["discreet"]) == ("P-1", called, "sam@home.example", True)


def test_a_facilitator_is_said_by_the_name_that_participants_are_told(work):
    handlers.register_facilitator(RegisterFacilitator("Dr Lee", Registration("GMC", "1122334"), ("london", "wales")), work)
    ((name, data),) = said(work)
    assert (name, data["display_name"], data["hubs"]) == ("facilitator.registered.v1", "Dr Lee", ["london", "wales"])
    assert data["conflicts"]["ties"] == []
