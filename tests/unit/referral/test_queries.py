from dataclasses import replace
from datetime import UTC, datetime

import pytest
from unit.referral import fakes

from referral.application import handlers
from referral.application.commands import Decide, Submit
from referral.application.queries import seen_by, summary
from referral.domain.values import Consent, Facts, Person, Registration, Ties, Window, Wishes

CONSENT = Consent(datetime(2026, 11, 20, 9, tzinfo=UTC), ("referral",))
SUBMIT = Submit(
    source="self",
    person=Person("Samira Ficta", "sam@home.example", registration=Registration("GMC", "7654321")),
    facts=Facts("doctor", "consultant", "anaesthetics", "woman", "suspended"),
    consent=CONSENT,
    ties=Ties(sites=("St Marys",)),
    never_with=(Registration("GMC", "1122334"),),
    wishes=Wishes(("analytic",)),
    availability=(Window("tuesday", "18:00", "21:00"),),
    urgency="urgent",
)
WHO = {"person", "ties", "never_with", "note"}
WHAT = {"facts", "wishes", "availability", "consent", "accepted_at", "reason", "signposts"}
OUTLINE = {"referral", "participant", "status", "source", "urgency", "submitted_at", "changed_at"}


@pytest.fixture
def work():
    return fakes.work()


def seen(role, work, referral):
    return seen_by(role, referral, work.participants, work.safe, work.advice)


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
def test_each_role_sees_what_it_needs_to_know_and_no_more(work, role, fields):
    assert set(seen(role, work, handlers.submit(SUBMIT, work))) == fields


@pytest.mark.parametrize("role", ["coordinator", "operator", "facilitator", "auditor"])
def test_who_it_is_is_not_seen_by_those_who_need_not_know(work, role):
    referral = handlers.submit(SUBMIT, work)
    handlers.give_back(Decide(referral.id, "clinician-1", "Which grade?"), work)
    shown = str(seen(role, work, work.referrals.get(referral.id)))
    assert not [word for word in ("Samira", "sam@", "7654321", "Marys", "1122334", "Which grade") if word in shown]


def test_an_operator_opens_nothing_in_the_safe(work):
    referral = handlers.submit(SUBMIT, work)
    work.safe.destroy_key(referral.participant)
    assert seen("operator", work, referral)["participant"] == referral.participant
    assert seen("coordinator", work, referral)["facts"]["work_status"] == "suspended"


def test_a_clinician_sees_the_person_and_what_was_said_of_them(work):
    shown = seen("clinician", work, handlers.submit(SUBMIT, work))
    assert (shown["person"]["name"], shown["ties"]["sites"]) == ("Samira Ficta", ("St Marys",))
    assert shown["never_with"] == ({"body": "GMC", "number": "1122334"},)
    assert shown["availability"] == [{"weekday": "tuesday", "from": "18:00", "to": "21:00"}]
    assert shown["consent"] == {"given_at": "2026-11-20T09:00:00+00:00", "to": ["referral"]}
    assert (shown["note"], shown["accepted_at"], shown["signposts"]) == ("", None, [])


def test_a_question_is_read_by_those_who_can_answer_it(work):
    referral = handlers.submit(SUBMIT, work).id
    handlers.give_back(Decide(referral, "clinician-1", "Which grade?"), work)
    assert seen("intake", work, work.referrals.get(referral))["note"] == "Which grade?"


def test_a_declined_referral_shows_its_reason_and_where_to_turn(work):
    referral = handlers.submit(SUBMIT, work).id
    handlers.decline(Decide(referral, "clinician-1", "not_eligible"), work)
    shown = seen("coordinator", work, work.referrals.get(referral))
    assert (shown["status"], shown["reason"]) == ("declined", "not_eligible")
    assert shown["signposts"] == [{"name": "Samaritans", "about": "To talk to", "url": "https://www.samaritans.org"}]


@pytest.mark.parametrize(("to", "shown"), [(("referral",), "accepted"), (("referral", "status_to_referrer"), "placed")])
def test_the_status_shown_to_everybody_is_the_one_consented_to(work, to, shown):
    referral = handlers.submit(replace(SUBMIT, consent=replace(CONSENT, to=to)), work).id
    handlers.accept(Decide(referral, "clinician-1"), work)
    handlers.progress("placed", referral, work)
    assert summary(work.referrals.get(referral))["status"] == shown


def test_times_are_shown_with_their_offset(work):
    shown = summary(handlers.submit(SUBMIT, work))
    assert (shown["submitted_at"], shown["changed_at"]) == ("2026-11-23T09:00:00+00:00", "2026-11-23T09:00:00+00:00")
