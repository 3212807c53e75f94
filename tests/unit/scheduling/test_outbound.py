"""The only place where facts leave scheduling: messaging/outbound.py."""

import json
from dataclasses import fields, replace
from datetime import timedelta
from types import UnionType
from typing import get_args

import pytest
from unit.scheduling.fakes import NOW, FakeHub, group, member, runs, tokens
from unit.scheduling.sealed import NAME, NAMES, NOTIFICATIONS, PLACE, SCHEDULING, named

from scheduling.domain.events import Event
from scheduling.domain.memberships import Ended, InConflict, Offered, Taken, Whose
from scheduling.domain.modalities import ModalityListed
from scheduling.domain.states import EntryNow, MembershipNow, PersonStated
from scheduling.domain.waiting import WaitingClosed, WaitingStarted
from scheduling.messaging.outbound import name_of, publisher
from shared import contracts
from shared.contracts import parts
from shared.contracts import scheduling as published
from shared.errors import Poison
from shared.events.sealing import BadSeal, SealingKey, Seals, UnknownSealingKey
from support.reading import without_ciphertext

ALEX, KIM = named(runs("alex"), "Dr Alex Ash"), named(runs("kim"), "Dr Kim Keen")
GROUP = group(roster=(ALEX, KIM, member("jo", "site-7")), modality="addicted-doctors", colleagues="warn", number=2)
PLACE_OF_SAM = GROUP.place("seat", NOW, NOW + timedelta(hours=72))
WHOSE = Whose("P-sam", "S-1", "R-sam", None, "offered")

EVENTS = {
    WaitingStarted: WaitingStarted("P-sam", "W-1", "R-sam", None, NOW, "waiting"),
    WaitingClosed: WaitingClosed("P-sam", "W-1", "R-sam", None, "withdrawn", "nothing"),
    Offered: Offered(WHOSE, PLACE_OF_SAM),
    Taken: Taken(replace(WHOSE, stands="placed"), GROUP.place("seat", NOW)),
    InConflict: InConflict(WHOSE),
    Ended: Ended(WHOSE, "declined"),
    PersonStated: PersonStated(
        "P-sam",
        (EntryNow("W-1", "R-sam", None, "offered", NOW, "offered"),),
        (MembershipNow("S-1", "R-sam", None, "held", "offered", PLACE_OF_SAM),),
    ),
    ModalityListed: ModalityListed("north/analytic", "analytic", "referral", ("women",), ("exam-stress",)),
}

publish = publisher(SCHEDULING)


def every_event(of=Event):
    return [each for arg in get_args(of) for each in (every_event(arg) if isinstance(arg, UnionType) else [arg])]


def opened(sealed, person="P-sam"):
    return NOTIFICATIONS.open(PLACE, "scheduling", person, sealed)


@pytest.mark.parametrize("kind", every_event(), ids=lambda kind: kind.__name__)
def test_every_event_leaves_as_a_fact_that_can_be_read_again(kind):
    fact = publish(EVENTS[kind])
    declared = contracts.described(fact)
    assert declared.service == "scheduling"
    assert contracts.load(declared.type, contracts.subject_of(fact), contracts.serialised(fact)) == fact


def test_what_is_no_event_of_ours_does_not_leave():
    with pytest.raises(AssertionError):
        publish("gossip")


@pytest.mark.parametrize("kind", [kind for kind in EVENTS if kind is not ModalityListed], ids=lambda kind: kind.__name__)
def test_everything_about_a_person_is_told_under_that_person(kind):
    assert contracts.subject_of(publish(EVENTS[kind])) == "P-sam"


@pytest.mark.parametrize(("kind", "shape"), [(Offered, published.MembershipOffered), (Taken, published.MembershipTaken)])
def test_a_place_says_whose_it_is_in_clear_and_all_else_to_notifications_alone(kind, shape):
    fact = publish(EVENTS[kind])
    assert isinstance(fact, shape)
    assert (fact.membership, fact.referral, fact.booking, fact.stands) == ("S-1", "R-sam", None, EVENTS[kind].whose.stands)
    place = opened(fact.place)
    assert (place.group, place.kind, place.name, place.venue, place.cadence) == ("G-1", "seat", "Weekly evening", "Room 3", "weekly")
    assert (place.revision, place.deadline, place.colleagues_may_come) == (0, EVENTS[kind].place.deadline, True)
    assert [(each.session, each.start, each.end, each.zone, each.venue) for each in place.meetings] == [
        (each.session, each.start, each.end, "Europe/London", "Room 3") for each in GROUP.meetings
    ]


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_nothing_that_is_sealed_can_be_read_in_the_fact(kind):
    text = without_ciphertext(json.dumps(contracts.serialised(publish(EVENTS[kind]))))
    secrets = ("G-1", "Weekly evening", "Room 3", "addicted", "Alex", "Kim", "weekly", "X-G-1-1", "site-7", "own-of", "P-jo", "F-alex")
    assert not [secret for secret in secrets if secret in text]


def test_whoever_looks_for_what_can_be_read_leaves_out_what_is_sealed_and_nothing_else():
    fact = publish(EVENTS[Taken])
    assert without_ciphertext(f'"{fact.place}", "Weekly evening", "G-1", "x.y"') == '"…", "Weekly evening", "G-1", "x.y"'


def test_referral_cannot_open_where_somebody_sits():
    fact = publish(EVENTS[Taken])
    with pytest.raises(UnknownSealingKey):
        Seals("referral", {("referral", "scheduling"): (NAMES,)}).open(PLACE, "scheduling", "P-sam", fact.place)


def test_what_is_sealed_for_one_person_cannot_be_passed_off_as_anothers():
    with pytest.raises(BadSeal):
        opened(publish(EVENTS[Taken]).place, "P-jo")


def test_the_same_place_is_sealed_differently_each_time():
    assert publish(EVENTS[Taken]).place != publish(EVENTS[Taken]).place


def test_the_names_of_who_runs_a_group_come_out_right_and_in_order():
    assert opened(publish(EVENTS[Offered]).place).run_by == ("Dr Alex Ash", "Dr Kim Keen")


def test_somebody_who_runs_a_group_and_whose_name_was_never_told_has_none():
    assert name_of(replace(runs(), sealed_name=None), SCHEDULING) == ""


def test_a_name_under_a_key_that_is_not_here_stops_the_event_and_says_the_cure():
    rotated = Seals("referral", {("referral", "scheduling"): (SealingKey("names-2", b"m" * 32),)})
    sealed = rotated.seal(NAME, "F-alex", parts.StaffName(display_name="Dr Alex Ash"))
    of = group(roster=(replace(ALEX, sealed_name=sealed),))
    with pytest.raises(UnknownSealingKey, match="'names-2' of referral>scheduling, which is not here: add that key to SEALING_KEYS_FILE"):
        publish(Taken(WHOSE, of.place("seat", NOW)))
    assert issubclass(UnknownSealingKey, Poison)


def test_a_name_that_was_moved_from_somebody_else_stops_the_event():
    of = group(roster=(replace(ALEX, sealed_name=KIM.sealed_name),))
    with pytest.raises(BadSeal, match="F-alex"):
        publish(Taken(WHOSE, of.place("seat", NOW)))


def test_the_end_of_a_place_says_why_and_a_conflict_says_nothing_of_the_other():
    ended, conflict = publish(EVENTS[Ended]), publish(EVENTS[InConflict])
    assert (ended.reason, ended.stands, ended.membership, ended.referral) == ("declined", "offered", "S-1", "R-sam")
    assert [field.name for field in fields(conflict)] == ["person", "membership", "stands", "referral", "booking"]


def test_the_wait_says_its_clock_and_its_end_why():
    started, closed = publish(EVENTS[WaitingStarted]), publish(EVENTS[WaitingClosed])
    assert (started.entry, started.referral, started.clock, started.stands) == ("W-1", "R-sam", NOW, "waiting")
    assert (closed.entry, closed.referral, closed.reason, closed.stands) == ("W-1", "R-sam", "withdrawn", "nothing")


def test_all_that_is_said_of_a_person_is_told_again_with_each_place_sealed():
    fact = publish(EVENTS[PersonStated])
    assert fact.entries == (parts.EntryState(entry="W-1", state="offered", clock=NOW, stands="offered", referral="R-sam", booking=None),)
    (place,) = fact.memberships
    assert (place.membership, place.state, place.stands, place.referral) == ("S-1", "held", "offered", "R-sam")
    assert opened(place.place) == opened(publish(EVENTS[Offered]).place)


def test_what_may_be_wished_for_is_told_by_its_codes():
    fact = publish(EVENTS[ModalityListed])
    assert (fact.code, fact.way_in, fact.variants, fact.topics) == ("analytic", "referral", ("women",), ("exam-stress",))


def test_everything_that_a_busy_evening_tells_can_leave():
    hub = FakeHub()
    hub.keep(group(roster=(ALEX,)))
    for name in ("sam", "jo"):
        hub.accepts(name)
    hub.match()
    hub.accept("sam")
    hub.accept("jo")
    hub.knows("sam", tokens("sam", "site-7"))
    hub.knows("jo", tokens("jo", "site-7"))
    hub.withdraw("jo")
    types = [contracts.described(publish(event)).type for event in hub.told]
    assert types == [
        *["waiting.started.v1"] * 2,
        *["membership.offered.v1"] * 2,
        *["membership.taken.v1"] * 2,
        *["membership.in_conflict.v1"] * 2,
        "membership.ended.v1",
    ]
