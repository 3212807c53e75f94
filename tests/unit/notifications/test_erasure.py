"""After an erasure nothing stays but the bare pseudonym, and nothing comes back."""

import pytest
from unit.notifications.fakes import FIRST, NOW, World, place

from notifications.application.standings import Remind, Restate, remind, restate
from notifications.domain.contacts import Contact
from shared import contracts
from shared.contracts import parts, referral, scheduling

ERASED = referral.ParticipantErased(person="P-1")


class Letters:
    """Builds anything."""

    def __init__(self, then=lambda: None):
        self.built, self.then = [], then

    def build(self, message, _place, _work):
        self.built.append(message)
        self.then()
        return message


@pytest.fixture
def world():
    world = World()
    world.hear(referral.ContactChanged(person="P-1", sealed="c2VhbGVk"))
    return world


def test_the_standing_becomes_a_bare_tombstone_and_the_contact_goes(world):
    world.offered()
    world.taken()
    world.hear(ERASED)
    kept = {name: value for name, value in world.standings.docs["P-1"].items() if value not in ([], None)}
    assert kept.pop("version") > 0
    assert kept == {"_id": "P-1", "hub": "leeds", "state": "erased", "last_sequence": 0}
    assert world.contacts == {}


def test_what_is_planned_is_not_sent_and_no_message_keeps_where_or_when(world):
    world.offered()
    world.send(Letters())
    world.taken()
    world.hear(ERASED)
    assert {m.template: (m.state, m.reason) for m in world.messages.all()} == {
        "offer": ("accepted", None),
        "seat-confirmed": ("suppressed", "erased"),
    }, "the reminder is gone: when it was due tells when a group meets"
    assert {(m.place, m.session) for m in world.messages.all()} == {(None, None)}


def test_nothing_is_published_about_them_any_more(world):
    world.offered()
    world.hear(ERASED)
    world.run(restate, Restate("P-1"))
    assert world.said == []
    assert not world.run(restate, Restate("P-1"))


@pytest.mark.parametrize("moment", ["claimed", "submitted"])
def test_what_a_sender_has_in_hand_settles_without_a_word(world, moment):
    world.offered()
    erase, nothing = (lambda: world.hear(ERASED)), (lambda: None)
    world.send(Letters(erase if moment == "claimed" else nothing), meanwhile=erase if moment == "submitted" else nothing)
    assert (world.message("offer").state, world.message("offer").place) == ("accepted", None)
    assert (world.said, world.standing().state, world.standing().told) == ([], "erased", ())


def test_one_that_a_sender_claims_later_is_withheld(world):
    world.offered()
    world.hear(ERASED)
    stray = world.message("offer")
    stray.state, stray.due = "planned", NOW  # put off by a sender that had it in hand
    world.messages.put(stray)
    letters = Letters()
    world.send(letters)
    assert (world.message("offer").state, world.message("offer").reason, letters.built) == ("suppressed", "erased", [])


def later_events(world):
    told = {"person": "P-1", "membership": "S-9", "stands": "placed", "place": world.sealed(place())}
    membership = parts.MembershipState(membership="S-9", state="taken", stands="placed", place=world.sealed(place()))
    return [
        scheduling.MembershipOffered(**told),
        scheduling.MembershipTaken(**told),
        scheduling.MembershipChanged(**told),
        scheduling.MembershipEnded(person="P-1", membership="S-1", reason="lapsed", stands="nothing"),
        scheduling.PersonState(person="P-1", memberships=(membership,)),
        referral.Submitted(person="P-1", referral="R-9", source="self", urgency="routine", received=NOW),
        referral.ContactChanged(person="P-1", sealed="bW9yZQ=="),
        referral.ContactErased(person="P-1"),
        referral.ParticipantState(person="P-1"),
        ERASED,
    ]


def test_whatever_comes_later_revives_nothing_and_plans_nothing(world):
    world.offered()
    world.hear(ERASED)
    for fact in later_events(world):
        before = ({m.id: m.state for m in world.messages.all()}, world.contacts, world.said)
        world.hear(fact)
        assert ({m.id: m.state for m in world.messages.all()}, world.contacts, world.said) == before, contracts.described(fact).type
        assert (world.standing().state, world.standing().memberships) == ("erased", ())
    world.now = FIRST
    world.run(remind, Remind("P-1"))
    assert world.planned() == []


def test_somebody_who_was_never_heard_of_is_a_tombstone_too(world):
    world.hear(ERASED)
    world.taken()
    assert (world.standing().state, world.messages.docs) == ("erased", {})


def test_a_contact_that_is_erased_alone_is_deleted_and_the_standing_stays(world):
    world.offered()
    assert world.contacts["P-1"] == Contact("P-1", "leeds", b"sealed")
    world.hear(referral.ContactErased(person="P-1"))
    assert (world.contacts, world.standing().state) == ({}, "known")


def test_others_keep_theirs(world):
    world.hear(referral.ContactChanged(person="P-2", sealed="c2VhbGVk"))
    world.offered(person="P-2")
    world.hear(ERASED)
    assert (set(world.contacts), world.planned()) == ({"P-2"}, ["offer"])
    assert world.message("offer").place
