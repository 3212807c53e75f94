"""Who may read what of a referral, and how it is shown."""

from dataclasses import replace

import pytest
from unit.referral import fakes
from unit.referral.samples import SAM, SILENT, SUBMIT, TELLING, accepted, returned, scheduling_says, submitted

from referral.api import referrals_views as views
from referral.api.access import need_of
from referral.application import reading, referrals
from referral.application.ports import ReferralFilter
from referral.application.reading import ListDeclineReasons, ListReferrals, ReadReferral
from referral.application.referrals import Decline
from referral.domain.referrals import NoSuchReferral
from referral.domain.values import Person
from shared.errors import Retryable
from shared.store.vault import Erased

OUTLINE = {"referral", "participant", "status", "source", "urgency", "submitted_at", "changed_at"}
WHAT = {"facts", "wishes", "availability", "consent", "accepted_at", "reason", "signposts"}
WHO = {"person", "ties", "never_with", "note"}


@pytest.fixture
def hub():
    return fakes.Hub()


def seen(hub, role, referral):
    return views.seen(hub.ask(reading.read_one, ReadReferral(referral, need_of({role}))))


@pytest.mark.parametrize(
    ("role", "fields"),
    [
        ("intake", OUTLINE | WHAT | WHO),
        ("clinician", OUTLINE | WHAT | WHO),
        ("coordinator", OUTLINE | WHAT),
        ("operator", OUTLINE),
        ("facilitator", OUTLINE),
        ("auditor", OUTLINE),
        ("", OUTLINE),
        ("Clinician", OUTLINE),
    ],
)
def test_each_role_sees_what_it_needs_to_know_and_no_more(hub, role, fields):
    assert set(seen(hub, role, submitted(hub))) == fields


@pytest.mark.parametrize("role", ["coordinator", "operator", "facilitator", "auditor"])
def test_who_it_is_is_not_seen_by_those_who_need_not_know(hub, role):
    shown = str(seen(hub, role, returned(hub))).lower()
    assert not [word for word in TELLING if word in shown]


@pytest.mark.parametrize("role", ["operator", "coordinator"])
def test_whoever_needs_not_know_the_person_is_answered_without_the_vault(hub, role):
    referral = returned(hub)
    hub.vault.is_away = True
    assert seen(hub, role, referral)["status"] == "returned"
    with pytest.raises(Retryable):
        seen(hub, "clinician", referral)


def test_a_key_that_is_destroyed_at_this_moment_is_an_erased_person(hub):
    referral = submitted(hub)
    hub.vault.destroy_key("P-1")
    with pytest.raises(Erased):
        seen(hub, "intake", referral)


def test_a_clinician_sees_the_person_and_what_was_said_of_them(hub):
    assert seen(hub, "clinician", submitted(hub)) == {
        "referral": "R-2",
        "participant": "P-1",
        "status": "submitted",
        "source": "hub",
        "urgency": "soon",
        "submitted_at": "2026-11-23T09:00:00+00:00",
        "changed_at": "2026-11-23T09:00:00+00:00",
        "facts": {
            "profession": "doctor",
            "grade": "consultant",
            "specialty": "anaesthetics",
            "gender": "woman",
            "work_status": "suspended",
        },
        "wishes": {"modalities": ["analytic"], "topics": [], "variants": ["women"]},
        "availability": [{"weekday": "tuesday", "from": "18:00", "to": "21:00"}],
        "consent": {"given_at": "2026-11-20T09:00:00+00:00", "to": ["referral", "status_to_referrer"]},
        "accepted_at": None,
        "reason": "",
        "signposts": [],
        "person": {
            "name": "Samira Ficta",
            "email": "sam@home.example",
            "known_as": "Sammy",
            "phone": "07700 900000",
            "birth_date": "1980-02-29",
            "registration": {"body": "GMC", "number": "7654321"},
        },
        "ties": {"employers": ["Northern Trust"], "sites": ["St Marys"], "programmes": ["Core North"], "household": "1 Home Road"},
        "never_with": [{"body": "GMC", "number": "1122334"}],
        "note": "",
    }


def test_what_nobody_said_of_a_person_is_shown_as_empty_text(hub):
    shown = seen(hub, "intake", submitted(hub, person=Person("Alex Ficta", "alex@home.example")))
    assert shown["person"] == {
        "name": "Alex Ficta",
        "email": "alex@home.example",
        "known_as": "",
        "phone": "",
        "birth_date": "",
        "registration": None,
    }


def test_a_question_is_read_by_those_who_can_answer_it(hub):
    assert seen(hub, "intake", returned(hub))["note"] == "Which grade?"


def test_a_declined_referral_shows_its_reason_and_where_to_turn(hub):
    referral = submitted(hub)
    answer = views.declined(hub.do(referrals.decline, Decline(referral, "Dr Who", "not_eligible")))
    shown = seen(hub, "coordinator", referral)
    assert (shown["status"], shown["reason"]) == (answer["status"], answer["reason"]) == ("declined", "not_eligible")
    assert shown["signposts"] == answer["signposts"] == [{"name": "Samaritans", "about": "To talk to", "url": "https://www.samaritans.org"}]


@pytest.mark.parametrize("role", ["intake", "clinician", "coordinator", "operator"])
@pytest.mark.parametrize("stands", ["waiting", "offered", "placed", "nothing"])
def test_of_a_referral_without_consent_no_role_sees_anything_move(hub, role, stands):
    referral = accepted(hub, consent=SILENT)
    before = seen(hub, role, referral)
    hub.now = fakes.NOW.replace(year=2027)
    scheduling_says(hub, referral, stands)
    assert seen(hub, role, referral) == before
    assert before["status"] == "accepted"


def test_with_consent_a_reader_sees_how_far_it_has_come_and_since_when(hub):
    referral = accepted(hub)
    hub.now = fakes.NOW.replace(year=2027)
    scheduling_says(hub, referral, "nothing", "lapsed")
    shown = seen(hub, "intake", referral)
    assert (shown["status"], shown["changed_at"], shown["reason"]) == ("ended", "2027-11-23T09:00:00+00:00", "lapsed")


def test_a_list_is_in_the_order_in_which_referrals_were_made_whatever_became_of_them(hub):
    first, second = (submitted(hub, person=replace(SAM, registration=None, email=f"sam{n}@home.example")) for n in range(2))
    hub.do(referrals.accept, referrals.Accept(first, "Dr Who"))
    scheduling_says(hub, first, "waiting")
    found = hub.ask(reading.listed, ListReferrals(ReferralFilter(), "", 9))
    assert [referral.id for referral in found] == [first, second]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (ReferralFilter(), 2),
        (ReferralFilter(status="accepted"), 1),
        (ReferralFilter(status="waiting"), 0),
        (ReferralFilter(urgency="soon", participant="P-1"), 1),
        (ReferralFilter(urgency="urgent"), 0),
    ],
)
def test_a_list_is_narrowed_by_what_is_shown(hub, wanted, count):
    silent = accepted(hub, consent=SILENT)
    scheduling_says(hub, silent, "waiting")
    submitted(hub, person=Person("Alex Ficta", "alex@home.example"))
    assert len(hub.ask(reading.listed, ListReferrals(wanted, "", 9))) == count


@pytest.mark.parametrize("need", ["outline", "matter", "person"])
def test_a_referral_that_is_not_there_is_named(hub, need):
    with pytest.raises(NoSuchReferral, match="R-404: look it up with GET /v1/referrals"):
        hub.ask(reading.read_one, ReadReferral("R-404", need))


def test_the_reasons_for_declining_are_shown_with_their_signposts(hub):
    assert views.reasons(hub.ask(reading.decline_reasons, ListDeclineReasons())) == {
        "items": [{"code": "not_eligible", "meaning": "Not open to this person", "signposts": ["samaritans"]}],
        "next": None,
    }


def test_a_summary_names_nobody(hub):
    shown = str(views.summary(hub.referrals.rows[submitted(hub, wishes=SUBMIT.wishes)])).lower()
    assert not [word for word in (*TELLING, "analytic", "doctor") if word in shown]
