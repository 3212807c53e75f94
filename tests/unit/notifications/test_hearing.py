"""From another service's event to what stands and what is planned."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.notifications.fakes import CATALOGUE, FIRST, KEY, NOW, World, meeting, place

from notifications.application.standings import Remind, remind
from notifications.domain.happenings import SUBJECTS
from notifications.messaging.inbound import SUBSCRIPTIONS
from shared import contracts
from shared.contracts import parts, referral, scheduling
from shared.errors import Poison
from shared.events.sealing import BadSeal, SealingKey, UnknownSealingKey

A_DAY = timedelta(hours=24)


@pytest.fixture
def world():
    return World()


def changed(world, told, membership="S-1"):
    return scheduling.MembershipChanged(person="P-1", membership=membership, stands="placed", place=world.sealed(told))


def state(*memberships):
    return scheduling.PersonState(person="P-1", memberships=memberships)


def known(world, membership="S-1", told=None, state="taken"):
    return parts.MembershipState(membership=membership, state=state, stands="placed", place=world.sealed(told))


def test_everything_said_of_a_persons_way_is_heard():
    heard = {contracts.described(shape).type for shape in SUBSCRIPTIONS}
    assert {name for name in contracts.EVENTS if name.partition(".")[0] in SUBJECTS} < heard
    assert heard >= {"participant.erased.v1", "participant.state.v1", "person.state.v1", "contact.changed.v1", "contact.erased.v1"}
    assert {contracts.EVENTS[name].subject for name in heard} == {"person"}


def test_an_offer_of_a_seat_is_held_and_mailed(world):
    event = world.offered()
    (held,) = world.standing().memberships
    assert (held.id, held.state, held.cause) == ("S-1", "held", event)
    offer = world.message("offer")
    assert (offer.person, offer.membership, offer.causes, offer.cause_type) == ("P-1", "S-1", (event,), "membership.offered.v1")
    assert (offer.hub, offer.due, offer.state) == ("leeds", NOW, "planned")


def test_an_accepted_offer_comes_as_one_event_which_confirms_and_reminds(world):
    world.offered()
    event = world.taken()
    assert world.planned() == ["offer", "seat-confirmed", "session-reminder"]
    reminder = world.message("session-reminder")
    assert (reminder.session, reminder.due, reminder.causes) == ("X-0", FIRST - A_DAY, (event,))
    assert reminder.cause_type == "membership.taken.v1"
    assert world.standing().remind_from == FIRST


def test_a_late_acceptance_is_a_new_membership_and_is_confirmed(world):
    world.offered()
    world.ended("lapsed")
    world.taken(membership="S-2")
    assert {m.id: m.state for m in world.standing().memberships} == {"S-1": "ended", "S-2": "taken"}
    assert world.message("seat-confirmed").membership == "S-2"


@pytest.mark.parametrize(("kind", "templates"), [("seat", ["seat-confirmed", "session-reminder"]), ("pass", ["open-access-times"])])
def test_which_message_a_taken_place_causes_follows_from_its_kind(world, kind, templates):
    world.taken(place(kind))
    assert world.planned() == templates


@pytest.mark.parametrize("kind", ["booking", "staff"])
def test_kinds_that_nothing_hangs_on_cause_no_mail(world, kind):
    world.offered(place(kind))
    world.taken(place(kind))
    assert world.messages.docs == {}
    assert world.standing().remind_from is None


def test_nothing_is_ever_planned_for_who_runs_a_group():
    entries = {code: entry.__class__(code, entry.on, "always", "x") for code, entry in CATALOGUE.entries.items()}  # without any only_if
    world = World(catalogue=CATALOGUE.__class__(entries))
    world.offered(place("runs"), "F-1")
    world.taken(place("runs"), "F-1")
    world.ended("lapsed", "F-1")
    assert world.messages.docs == {}
    assert world.standing("F-1").remind_from is None


@pytest.mark.parametrize(
    ("reason", "template"),
    [
        ("lapsed", "offer-expired"),
        ("conflict", "offer-withdrawn"),
        ("not_suitable", "offer-withdrawn"),
        *((reason, None) for reason in ("declined", "withdrawn", "another_taken", "cancelled", "series_ended")),
    ],
)
def test_an_offer_that_ended_without_their_doing_is_followed_by_a_message(world, reason, template):
    world.offered()
    world.ended(reason)
    assert [m.template for m in world.messages.all() if m.template != "offer"] == ([template] if template else [])


@pytest.mark.parametrize(("source", "templates"), [("self", ["referral-received"]), ("hub", []), ("gp", [])])
def test_only_those_who_referred_themselves_are_told_that_it_arrived(world, source, templates):
    world.hear(referral.Submitted(person="P-1", referral="R-1", source=source, urgency="routine", received=NOW))
    assert world.planned() == templates


def test_an_event_that_comes_again_plans_nothing_again(world):
    world.offered(event="E-1")
    before = dict(world.messages.docs)
    world.offered(event="E-1")
    assert world.messages.docs.keys() == before.keys()


def test_an_event_about_nothing_of_ours_leaves_no_trace(world):
    world.hear(scheduling.WaitingStarted(person="P-1", entry="W-1", clock=NOW, stands="waiting"))
    world.hear(scheduling.MembershipAttended(person="P-1", membership="S-1", session="X-1", mark="missed"))
    world.ended("withdrawn")
    world.hear(referral.ParticipantState(person="P-1"))
    assert world.standings.docs == {}


def test_a_pause_keeps_the_seat_and_stops_reminders_until_it_is_resumed(world):
    event = world.taken()
    facts = {"person": "P-1", "membership": "S-1", "stands": "placed", "place": world.sealed()}
    world.hear(scheduling.MembershipPaused(**facts))
    assert (world.standing().memberships[0].state, world.standing().remind_from) == ("paused", None)
    world.hear(scheduling.MembershipResumed(**facts))
    (seat,) = world.standing().memberships
    assert (seat.state, seat.cause) == ("taken", event), "what it follows from is still the taking"
    assert world.standing().remind_from == FIRST


def test_a_conflict_or_a_mark_leaves_the_membership_as_it_was(world):
    world.taken()
    before = world.standing()
    world.hear(scheduling.MembershipInConflict(person="P-1", membership="S-1", stands="placed"))
    world.hear(scheduling.MembershipAttended(person="P-1", membership="S-1", session="X-0", mark="attended"))
    assert world.standing() == before


def test_a_reminder_follows_a_session_that_moves_before_it_is_sent(world):
    world.taken()
    moved = FIRST + timedelta(hours=3)
    told = place(revision=3, meetings=(meeting(0, moved, "Room 9"), meeting(1)))
    world.hear(changed(world, told))
    assert world.message("session-reminder").due == moved - A_DAY
    assert world.standing().remind_from == moved
    assert world.planned() == ["seat-confirmed", "session-reminder"], "one reminder of one session"


def test_the_next_reminder_is_planned_once_the_session_before_it_has_begun(world):
    world.taken()
    world.now = FIRST - timedelta(seconds=1)
    world.run(remind, Remind("P-1"))
    assert [m.session for m in world.messages.all() if m.template == "session-reminder"] == ["X-0"]
    world.now = FIRST
    world.run(remind, Remind("P-1"))
    assert {m.session for m in world.messages.all() if m.template == "session-reminder"} == {"X-0", "X-1"}
    assert world.standing().remind_from == FIRST + timedelta(weeks=1)


def test_after_the_last_session_there_is_nothing_to_remind_of(world):
    world.taken()
    world.now = FIRST + timedelta(weeks=2)
    world.run(remind, Remind("P-1"))
    assert world.standing().remind_from is None


def test_two_seats_are_each_reminded_of_and_the_earlier_wakes_us(world):
    late = tuple(meeting(number, FIRST + timedelta(weeks=number, hours=30)) for number in range(2))
    world.taken()
    world.taken(place(meetings=late), membership="S-2")
    assert {(m.membership, m.due) for m in world.messages.all() if m.template == "session-reminder"} == {
        ("S-1", FIRST - A_DAY),
        ("S-2", late[0].start - A_DAY),
    }
    assert world.standing().remind_from == FIRST
    world.ended("withdrawn")
    assert world.standing().remind_from == late[0].start


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 4000), max_size=8, unique=True), st.integers(0, 4000))
def test_exactly_the_first_session_more_than_a_day_ahead_is_reminded_of(hours, later):
    world = World(now=NOW + timedelta(hours=later))
    starts = [NOW + timedelta(hours=hour) for hour in sorted(hours)]
    world.taken(place(meetings=tuple(meeting(number, start) for number, start in enumerate(starts))))
    ahead = [start for start in starts if start - A_DAY > world.now]
    assert [m.due for m in world.messages.all() if m.session] == [start - A_DAY for start in ahead[:1]]
    assert world.standing().remind_from == (ahead[0] if ahead else None)


def test_a_place_is_never_stored_in_clear(world):
    world.offered()
    world.taken()
    stored = str([world.standings.docs, world.messages.docs])
    for telling in ("Weekly evening A", "Larch House", "Room 3", "G-secret", "Ficta", "seat'", "weekly", "2027-01-12"):
        assert telling not in stored
    assert world.standing().memberships[0].sealed.startswith("2026-11.")
    assert world.message("seat-confirmed").place.startswith("2026-11.")


@pytest.mark.parametrize(
    ("sealed", "why"),
    [
        (lambda world: world.sealed(key=SealingKey("2031-01", b"o" * 32)), UnknownSealingKey),
        (lambda world: world.sealed(key=SealingKey(KEY.id, b"o" * 32)), BadSeal),
        (lambda world: world.sealed(person="P-2"), BadSeal),
        (lambda world: world.sealed(place("throne")), Poison),
    ],
    ids=["key-unknown", "altered", "of-another", "kind-unknown"],
)
@pytest.mark.parametrize("shape", [scheduling.MembershipOffered, scheduling.MembershipTaken, scheduling.MembershipChanged])
def test_a_place_that_cannot_be_opened_is_refused_with_a_reason_and_changes_nothing(world, sealed, why, shape):
    with pytest.raises(why) as refused:
        world.hear(shape(person="P-1", membership="S-1", stands="placed", place=sealed(world)))
    assert str(refused.value)
    assert "Weekly evening A" not in str(refused.value)
    assert (world.standings.docs, world.messages.docs) == ({}, {})


def test_a_state_with_a_place_that_cannot_be_opened_is_refused(world):
    bad = parts.MembershipState(membership="S-1", state="taken", stands="placed", place=world.sealed(person="P-2"))
    with pytest.raises(BadSeal):
        world.hear(state(bad))
    with pytest.raises(Poison, match="asleep"):
        world.hear(state(known(world, state="asleep")))
    assert world.standings.docs == {}


def test_a_state_replaces_what_is_known_and_plans_reminders_only(world):
    event = world.taken()
    world.offered(membership="S-2")
    world.hear(state(known(world), known(world, "S-3", state="held")))
    assert {m.id: (m.state, m.cause == event) for m in world.standing().memberships} == {"S-1": ("taken", True), "S-3": ("held", False)}
    assert world.planned() == ["offer", "seat-confirmed", "session-reminder"], "as before"


def test_a_state_of_somebody_new_plans_no_message_but_the_reminder_ahead(world):
    event = world.hear(state(known(world), known(world, "S-2", place("pass")), known(world, "S-3", state="held")))
    assert world.planned() == ["session-reminder"]
    assert world.message("session-reminder").causes == (event,)


def test_an_empty_state_leaves_nothing_to_come(world):
    world.taken()
    world.hear(state())
    assert (world.standing().memberships, world.standing().remind_from) == ((), None)


def test_catching_up_after_a_restore_mails_nobody_and_says_nothing(world):
    world.hear(referral.Submitted(person="P-1", referral="R-1", source="self", urgency="routine", received=NOW), is_repeat=True)
    world.offered(is_repeat=True)
    world.taken(is_repeat=True)
    world.ended("lapsed", membership="S-1", is_repeat=True)
    world.taken(membership="S-2", is_repeat=True)
    assert {m.reason for m in world.messages.all() if m.state == "suppressed"} == {"before restore"}
    assert world.planned("suppressed") == ["offer", "offer-expired", "referral-received", "seat-confirmed", "seat-confirmed"]
    assert set(world.planned()) == {"session-reminder"}
    assert all(m.due > world.now for m in world.messages.all() if m.state == "planned")
    assert world.said == []


def test_a_message_that_is_there_already_stays_when_its_event_is_repeated(world):
    event = world.offered()
    world.offered(event=event, is_repeat=True)
    assert world.planned() == ["offer"]


def test_a_key_that_goes_missing_stops_no_event_and_no_timer(world):
    world.taken(place("seat"))
    world.keys[:] = [SealingKey("2031-01", b"o" * 32)]
    world.now = FIRST
    world.run(remind, Remind("P-1"))
    assert world.standing().remind_from == FIRST + timedelta(hours=1), "looked at again then"
    fact = scheduling.MembershipTaken(person="P-1", membership="S-2", stands="placed", place=world.sealed(key=world.keys[0]))
    world.hear(fact)
    assert {m.id for m in world.standing().taken()} == {"S-1", "S-2"}
