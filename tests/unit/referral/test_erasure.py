"""A participant is erased, also while the vault is away; and what is told again of those who are not."""

from dataclasses import asdict
from types import SimpleNamespace

import pytest
from unit.referral import fakes
from unit.referral.samples import SAM, accepted, entry_state, person_of, returned, scheduling_says, submitted, withdrawn

from referral.application import participants, reading, referrals, staff
from referral.application.participants import Erase, FindParticipant, ListParticipants, SayAgain
from referral.application.reading import ReadReferral
from referral.application.referrals import Accept
from referral.application.staff import Register
from referral.bootstrap import Referral
from referral.domain.participants import NotKnown, OpenReferral
from referral.domain.referrals import NotNow
from referral.domain.values import Person, Registration, Wishes
from shared.contracts import scheduling
from shared.errors import Retryable, Stale
from shared.store.vault import Erased


@pytest.fixture
def hub():
    return fakes.Hub()


def erase(hub):
    hub.do(participants.erase, Erase("P-1"))


def finish(hub):
    return hub.do(participants.finish_erasure, Erase("P-1"))


@pytest.mark.parametrize("so_far", [submitted, returned, accepted, withdrawn])
def test_of_whoever_is_erased_only_the_pseudonym_and_what_reports_count_stay(hub, so_far):
    referral = so_far(hub)
    erase(hub)
    assert finish(hub).state == "erased"
    person, kept, contact = person_of(hub, referral), hub.referrals.rows[referral], hub.contacts.rows["P-1"]
    assert (person.id, person.hub, person.index, person.sealed, person.facts) == ("P-1", "london", None, None, None)
    assert (person.tokens.own, person.tokens.ties, person.free, contact.sealed) == ((), None, (), None)
    assert (kept.participant, kept.status, kept.reason, kept.note, kept.wishes) == ("P-1", "withdrawn", "erased", None, Wishes())
    left = f"{asdict(person)} {asdict(kept)} {asdict(contact)}"
    assert not [word for word in ("doctor", "anaesthetics", "suspended", "analytic", "women", "tuesday", "sealed ") if word in left]


def test_the_erasure_is_published_once_of_the_person_and_of_the_contact(hub):
    accepted(hub)
    erase(hub)
    erase(hub)
    assert hub.said_of("P-1") == ["Submitted", "ParticipantChanged", "Accepted", "ParticipantErased"]
    assert [type(event).__name__ for event in hub.contacts.events] == ["ContactChanged", "ContactErased"]


def test_the_key_is_destroyed_only_after_the_erasure_was_committed(hub):
    submitted(hub)
    finish(hub)
    assert (hub.vault.keys, person_of(hub, "R-2").state) == ({"P-1"}, "known")
    erase(hub)
    assert hub.vault.keys == {"P-1"}
    finish(hub)
    assert hub.vault.keys == set()


def test_an_erasure_while_the_vault_is_away_is_committed_and_finished_later(hub):
    submitted(hub)
    hub.vault.is_away = True
    erase(hub)
    for _attempt in range(3):
        with pytest.raises(Retryable):
            finish(hub)
    assert hub.ask(participants.in_state, ListParticipants("erasing")) == ["P-1"]
    assert hub.vault.keys == {"P-1"}
    hub.vault.is_away = False
    assert finish(hub).state == finish(hub).state == "erased"
    assert (hub.vault.keys, hub.ask(participants.in_state, ListParticipants("erasing"))) == (set(), [])


def test_what_was_sealed_of_them_before_opens_for_nobody(hub):
    sealed = person_of(hub, submitted(hub)).sealed
    erase(hub)
    finish(hub)
    with pytest.raises(Erased):
        hub.vault.open_identity("P-1", sealed)


def test_the_same_human_comes_again_as_a_new_participant(hub):
    first = accepted(hub)
    erase(hub)
    second = submitted(hub)
    finish(hub)
    assert person_of(hub, second).id != person_of(hub, first).id
    assert not person_of(hub, second).is_told
    assert person_of(hub, second).id in hub.vault.keys


def test_whoever_is_erased_while_they_are_submitted_comes_as_a_new_participant(hub):
    first = withdrawn(hub)
    hub.before_commit = [lambda: erase(hub)]
    second = submitted(hub)
    assert person_of(hub, second).id != "P-1"
    assert hub.referrals.rows[first].reason == "erased"


def test_a_question_sealed_while_they_are_erased_is_not_kept(hub):
    referral = submitted(hub)
    hub.before_commit = [lambda: erase(hub)]
    with pytest.raises(NotNow, match="the referral is withdrawn"):
        hub.do(referrals.give_back, referrals.Return(referral, "Dr Who", "Which grade?"))
    assert hub.referrals.rows[referral].note is None


def test_nothing_more_is_decided_about_whoever_is_erased(hub):
    referral = submitted(hub)
    erase(hub)
    with pytest.raises(NotNow):
        hub.do(referrals.accept, Accept(referral, "Dr Who"))


@pytest.mark.parametrize("finished", [False, True])
def test_what_scheduling_says_of_the_erased_is_ignored_known_referral_or_not(hub, finished):
    referral = accepted(hub)
    erase(hub)
    if finished:
        finish(hub)
    for stands in ("waiting", "placed", "nothing"):
        scheduling_says(hub, referral, stands)
    hub.hears(scheduling.PersonState(person="P-1", entries=(entry_state("R-404", "waiting"),)))
    assert hub.referrals.rows[referral].status == "withdrawn"
    assert hub.said_of("P-1")[-1] == "ParticipantErased"


@pytest.mark.parametrize("need", ["outline", "matter", "person"])
def test_the_bare_referral_of_the_erased_can_still_be_read(hub, need):
    referral = returned(hub)
    erase(hub)
    finish(hub)
    seen = hub.ask(reading.read_one, ReadReferral(referral, need))
    assert seen.referral.shown_status == "withdrawn"
    assert seen.matter is None or seen.matter.participant.facts is None
    assert seen.who is None or (seen.who.identity, seen.who.note) == (None, None)


def test_nobody_is_erased_by_a_pseudonym_that_nobody_bears(hub):
    submitted(hub)
    assert hub.ask(participants.find, FindParticipant("P-404")) is None
    with pytest.raises(NotKnown, match="P-404 is not known"):
        hub.do(participants.erase, Erase("P-404"))


def test_others_are_left_alone(hub):
    submitted(hub)
    other = submitted(hub, person=Person("Alex Ficta", "alex@home.example"))
    before = person_of(hub, other)
    erase(hub)
    finish(hub)
    assert person_of(hub, other) == before
    assert hub.referrals.rows[other].status == "submitted"
    assert hub.vault.keys == {before.id}


def test_an_erasure_that_somebody_s_decision_overtakes_is_decided_anew(hub):
    referral = submitted(hub)
    stale = hub.referrals.get(referral)
    hub.do(referrals.accept, Accept(referral, "Dr Who"))
    with pytest.raises(Stale):
        hub.referrals.save(stale)
    erase(hub)
    assert hub.referrals.rows[referral].status == "withdrawn"


def test_a_state_says_the_open_referrals_and_of_the_person_only_what_was_told(hub):
    submitted(hub)
    hub.do(participants.say_again, SayAgain("P-1"))
    before = hub.participants.events[-1]
    assert (before.facts, before.tokens, before.free) == (None, None, ())
    assert [(one.referral, one.accepted) for one in before.referrals] == [("R-2", None)]
    hub.do(referrals.accept, Accept("R-2", "Dr Who"))
    hub.do(participants.say_again, SayAgain("P-1"))
    after = hub.participants.events[-1]
    assert (after.facts.profession, after.tokens) == ("doctor", person_of(hub, "R-2").tokens)
    assert after.referrals == (OpenReferral("R-2", "hub", "soon", fakes.NOW, fakes.NOW, Wishes(("analytic",), (), ("women",))),)


def test_a_state_says_nothing_of_referrals_that_have_ended(hub):
    withdrawn(hub)
    hub.do(participants.say_again, SayAgain("P-1"))
    assert hub.participants.events[-1].referrals == ()


def test_a_contact_is_published_again_with_the_state_under_a_higher_number(hub):
    submitted(hub)
    sealed = hub.contacts.rows["P-1"].sealed
    hub.do(participants.say_again, SayAgain("P-1"))
    assert [event.sealed for event in hub.contacts.events] == [sealed, sealed]
    numbers = [number for _, number, _ in hub.contacts.said]
    assert numbers == sorted(set(numbers))


def test_nothing_is_told_again_of_the_erased(hub):
    submitted(hub)
    erase(hub)
    hub.do(participants.say_again, SayAgain("P-1"))
    assert hub.said_of("P-1")[-1] == "ParticipantErased"
    with pytest.raises(NotKnown):
        hub.do(participants.say_again, SayAgain("P-404"))


def test_a_state_is_numbered_like_every_event_of_its_person(hub):
    submitted(hub, person=SAM)
    hub.do(participants.say_again, SayAgain("P-1"))
    assert [(number, type(event).__name__) for _, number, event in hub.participants.said] == [(1, "Submitted"), (2, "ParticipantStated")]


@pytest.fixture
def service(hub):
    """The service, wired to a hub in memory. It serves another hub too, which has nobody."""
    wired = Referral(SimpleNamespace(common=SimpleNamespace(hubs={"north-west": None, "london": None})))
    elsewhere = fakes.Hub("north-west")
    run = lambda _works, use_case, command, code: {"london": hub, "north-west": elsewhere}[code].do(use_case, command)
    ask = lambda use_case, query, code, _cause: {"london": hub, "north-west": elsewhere}[code].ask(use_case, query)
    wired.__dict__["vault"] = hub.vault
    wired.__dict__["runtime"] = SimpleNamespace(by_itself=run, use_cases=lambda _works: SimpleNamespace(read=ask), seals=fakes.SEALS)
    return wired


def test_the_timers_finish_every_erasure_that_was_begun(hub, service):
    submitted(hub)
    other = person_of(hub, submitted(hub, person=Person("Alex Ficta", "alex@home.example"))).id
    for participant in ("P-1", other):
        service.erase(participant, service.hub_of(participant))
    hub.vault.is_away = True
    with pytest.raises(Retryable):
        service.do_what_is_due()
    hub.vault.is_away = False
    service.do_what_is_due()
    assert (hub.vault.keys, {row.state for row in hub.participants.rows.values()}) == (set(), {"erased"})


def test_a_restored_store_erases_again_whoever_had_been_erased_and_says_all_there_is_of_the_others(hub, service):
    submitted(hub)
    other = person_of(hub, submitted(hub, person=Person("Alex Ficta", "alex@home.example"))).id
    backup = {name: dict(getattr(hub, name).rows) for name in ("participants", "referrals", "contacts")}
    erase(hub)
    finish(hub)
    for name, rows in backup.items():
        getattr(hub, name).rows = rows
    service.set_right()
    service.do_what_is_due()
    assert {each: hub.participants.rows[each].state for each in ("P-1", other)} == {"P-1": "erased", other: "known"}
    assert [hub.said_of(each)[-1] for each in ("P-1", other)] == ["ParticipantErased", "ParticipantStated"]


def test_a_pseudonym_of_no_hub_served_here_is_named_with_the_hubs_there_are(service):
    with pytest.raises(NotKnown, match="P-404 is not known at any hub that this process serves: north-west, london"):
        service.hub_of("P-404")


def test_saying_everything_again_says_one_state_of_each_participant_and_counts_them(hub, service):
    submitted(hub)
    other = person_of(hub, submitted(hub, person=Person("Alex Ficta", "alex@home.example"))).id
    assert service.resay(None) == 2
    assert service.resay(other) == 1
    assert (hub.said_of("P-1").count("ParticipantStated"), hub.said_of(other).count("ParticipantStated")) == (1, 2)
    assert service.resay("P-404") == 0
    erase(hub)
    assert service.resay(None) == 1


def test_saying_everything_again_says_the_staff_too(hub, service):
    member = hub.do(staff.register, Register("Dr Lee", Registration("GMC", "0000003"), ("london",)))
    assert service.resay(None) == 1
    assert service.resay(member.id) == 1
    assert [(number, type(event).__name__) for _, number, event in hub.staff.said] == [(n, "StaffChanged") for n in (1, 2, 3)]
