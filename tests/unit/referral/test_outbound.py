"""What leaves: every event, nothing that tells who somebody is, and what is sealed only for its reader."""

import base64
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import get_args

import pytest
from unit.referral import fakes
from unit.referral.samples import SAM, SUBMIT, TELLING, accepted, returned, scheduling_says, submitted, withdrawn

from referral.application import participants, referrals, staff
from referral.application.participants import Erase, SayAgain
from referral.application.referrals import Decline
from referral.application.staff import Register
from referral.domain.contacts import ContactChanged
from referral.domain.events import Event
from referral.domain.participants import OpenReferral, ParticipantChanged, ParticipantStated
from referral.domain.referrals import Accepted
from referral.domain.staff import StaffChanged, StaffLeft
from referral.domain.values import Facts, Registration, Tie, Tokens, Window, Wishes
from referral.messaging.outbound import publisher
from shared.contracts import EVENTS, described, parts, serialised
from shared.contracts import referral as contract
from shared.errors import Misconfigured
from shared.events.envelope import as_json
from shared.events.sealing import BadSeal, Seals
from support.reading import without_ciphertext

NOT_YET = {
    "participant.transferred.v1",
    "booking.asked.v1",
    "booking.confirmed.v1",
    "booking.cancelled.v1",
    "task.opened.v1",
    "task.done.v1",
}
PUBLISH = publisher(fakes.SEALS)
WISHES = Wishes(("analytic",), (), ("women",))


@pytest.fixture
def hub():
    return fakes.Hub()


def opened(fact, field, reader):
    seals = Seals(reader, fakes.KEYS)
    return seals.open(described(fact).sealed[field], "referral", fact.person, getattr(fact, field))


def a_whole_life(hub):
    """Every event that this service has."""
    others = [replace(SAM, registration=Registration("GMC", f"765432{n}")) for n in range(2, 7)]
    returned(hub)
    hub.do(referrals.accept, referrals.Accept("R-2", "Dr Who"))
    declined = submitted(hub, person=others[0])
    hub.do(referrals.decline, Decline(declined, "Dr Who", "not_eligible"))
    withdrawn(hub, person=others[1])
    ended = accepted(hub, person=others[2])
    scheduling_says(hub, ended, "nothing")
    hub.do(participants.say_again, SayAgain("P-1"))
    hub.do(participants.erase, Erase("P-1"))
    member = hub.do(staff.register, Register("Dr Lee", Registration("GMC", "1122334"), ("london",), SUBMIT.ties, (SAM.registration,)))
    hub.staff.save(member, member.leave())
    return hub.published()


def test_every_event_of_this_service_can_happen_and_every_one_leaves(hub):
    left = a_whole_life(hub)
    happened = {type(event) for kept in (hub.participants, hub.contacts, hub.staff) for event in kept.events}
    assert happened == set(get_args(Event))
    assert {described(fact).type for fact in left} == {e.type for e in EVENTS.values() if e.service == "referral"} - NOT_YET


def test_nothing_that_leaves_says_who_somebody_is_where_they_work_what_was_asked_or_what_they_wish_for(hub):
    told = [(described(fact).type, without_ciphertext(as_json(serialised(fact)).lower())) for fact in a_whole_life(hub)]
    hidden = (*TELLING, "anaesthetics", "analytic", "women", "dr lee")
    assert not [(name, word) for name, data in told for word in hidden if word in data]


def test_every_fact_is_about_the_one_on_whom_it_is_numbered(hub):
    a_whole_life(hub)
    for kept in (hub.participants, hub.contacts, hub.staff):
        assert all(PUBLISH(event).person == subject for subject, _, event in kept.said)


def test_an_acceptance_says_both_clocks_and_seals_the_wishes_for_scheduling(hub):
    accepted(hub)
    fact = PUBLISH(hub.participants.events[-1])
    data = serialised(fact)
    assert data.pop("wishes").startswith("k1.")
    assert data == {
        "referral": "R-2",
        "source": "hub",
        "urgency": "soon",
        "received": "2026-11-23T09:00:00+00:00",
        "accepted": "2026-11-23T09:00:00+00:00",
    }
    assert opened(fact, "wishes", "scheduling") == parts.Wishes(modalities=("analytic",), variants=("women",))


def test_sealed_wishes_cannot_be_read_in_the_data_nor_passed_off_as_somebody_else_s(hub):
    accepted(hub)
    fact = PUBLISH(hub.participants.events[-1])
    raw = base64.urlsafe_b64decode(fact.wishes.partition(".")[2])
    assert b"analytic" not in raw
    assert b"modalities" not in raw
    with pytest.raises(BadSeal):
        opened(replace(fact, person="P-9"), "wishes", "scheduling")


def test_the_same_wishes_never_look_the_same():
    event = Accepted("P-1", "R-1", "hub", "soon", fakes.NOW, fakes.NOW, WISHES)
    assert PUBLISH(event).wishes != PUBLISH(event).wishes


def test_what_placement_needs_of_a_person_leaves_as_a_whole():
    tokens = Tokens(("1f",), (Tie("2e", date(2025, 1, 1), None, sure=False),), ("3d",))
    windows = (Window("tuesday", "18:00", "21:00", date(2026, 1, 1)),)
    fact = PUBLISH(ParticipantChanged("P-1", Facts("doctor", "gp", "paediatrics", "woman", "suspended"), tokens, windows, ()))
    assert serialised(fact) == {
        "facts": {"profession": "doctor", "grade": "gp", "gender": "woman", "work_status": "suspended"},
        "tokens": {"own": ["1f"], "ties": [{"token": "2e", "since": "2025-01-01", "until": None, "sure": False}], "never_with": ["3d"]},
        "free": [{"weekday": "tuesday", "start": "18:00", "end": "21:00", "since": "2026-01-01", "until": None}],
        "busy": [],
    }


def test_ties_that_nobody_knows_leave_as_null_and_none_as_an_empty_list():
    unknown, none = (PUBLISH(ParticipantChanged("P-1", Facts("doctor"), Tokens((), ties), (), ())) for ties in (None, ()))
    assert (serialised(unknown)["tokens"]["ties"], serialised(none)["tokens"]["ties"]) == (None, [])


def test_a_declined_referral_says_its_code_and_signposts(hub):
    hub.do(referrals.decline, Decline(submitted(hub), "Dr Who", "not_eligible"))
    fact = PUBLISH(hub.participants.events[-1])
    assert serialised(fact) == {"referral": "R-2", "source": "hub", "reason": "not_eligible", "signposts": ["samaritans"]}


def test_a_contact_leaves_as_the_vault_s_ciphertext_and_its_end_as_a_tombstone(hub):
    fact = PUBLISH(ContactChanged("P-1", b"\x00cipher"))
    assert serialised(fact) == {"sealed": base64.b64encode(b"\x00cipher").decode()}
    submitted(hub)
    hub.do(participants.erase, Erase("P-1"))
    assert described(PUBLISH(hub.contacts.events[-1])).is_tombstone
    assert described(PUBLISH(hub.participants.events[-1])).is_final


def test_the_name_of_staff_is_sealed_for_each_of_its_two_readers():
    fact = PUBLISH(StaffChanged("F-1", "Dr Lee", ("london", "wales"), Tokens((), (), ())))
    assert json.loads(as_json(serialised(fact)))["hubs"] == ["london", "wales"]
    assert opened(fact, "name_for_scheduling", "scheduling") == parts.StaffName(display_name="Dr Lee")
    assert opened(fact, "name_for_notifications", "notifications") == parts.StaffName(display_name="Dr Lee")
    assert PUBLISH(StaffLeft("F-1")) == contract.StaffLeft(person="F-1")


def test_a_state_seals_the_wishes_as_an_acceptance_does_and_only_of_what_was_accepted():
    received = datetime(2026, 11, 20, tzinfo=UTC)
    open_ones = (
        OpenReferral("R-1", "hub", "soon", received, fakes.NOW, WISHES),
        OpenReferral("R-2", "hub", "soon", received, None, WISHES),
    )
    fact = PUBLISH(ParticipantStated("P-1", None, None, (), (), open_ones))
    first, second = fact.referrals
    as_accepted = contract.Accepted(
        person="P-1", referral="R-1", source="hub", urgency="soon", received=received, accepted=fakes.NOW, wishes=first.wishes
    )
    assert opened(as_accepted, "wishes", "scheduling").modalities == ("analytic",)
    assert (second.accepted, second.wishes) == (None, None)
    assert serialised(fact)["facts"] is None


def test_without_a_key_to_seal_with_nothing_leaves():
    event = Accepted("P-1", "R-1", "hub", "soon", fakes.NOW, fakes.NOW, WISHES)
    with pytest.raises(Misconfigured, match="no key for referral>scheduling"):
        publisher(Seals("referral", {}))(event)
