"""The inbox against a real store: each event once, in the order of its subject, and poison set aside."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from shared import contracts
from shared.contracts import Fact, parts, referral
from shared.contracts import scheduling as said
from shared.errors import Poison, Retryable
from shared.events import offsets, outbox, parking
from shared.events.arrivals import Arrival
from shared.events.envelope import Envelope, to_record
from shared.events.inbox import Inbox, NotParked
from shared.events.positions import Positions
from shared.events.sealing import SealingKey, Seals
from shared.events.subscriptions import Heard, On
from shared.events.tracing import Cause
from shared.store import indexes
from shared.store.transactions import Store
from shared.store.unit import Unit
from shared.store.use_cases import UseCases
from support.signing import PUBLISHERS, signed

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
PAIR = ("referral", "scheduling")
KEY, NEWER = SealingKey("2026-11", bytes(32)), SealingKey("2026-12", bytes(range(32)))


@dataclass(frozen=True, slots=True)
class Note:
    """What was heard of whom."""

    subject: str
    text: str
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class NoteWork:
    unit: Unit


UseCase = Callable[[Note, NoteWork], None]


def record(fact: Fact, sequence: int, *, topic: str = "", hub: str = "london", place: int = 0, **header: str) -> Arrival:
    """An event of the subject that the fact is about, as a consumer brings it."""
    known, subject = contracts.described(fact), contracts.subject_of(fact)
    data = None if known.is_tombstone else contracts.serialised(fact)
    cause = Cause("c", "c", "t")
    made = to_record(Envelope(f"{subject}-{sequence}", known.service, hub, known.type, subject, sequence, AT, cause, data))
    headers = dict(made.headers) | {key: value.encode() for key, value in header.items()}
    topic = topic or f"{known.family}.{hub}"
    return signed(Arrival(f"{topic}/0/{place or sequence}", topic.partition(".")[2], made.key, made.value, tuple(headers.items())))


def arrival(subject: str, sequence: int, *, place: int = 0, **header: str) -> Arrival:
    """A membership.ended of a subject; its membership tells one event from another."""
    fact = said.MembershipEnded(person=subject, membership=f"{subject}-{sequence}", reason="declined", stands="nothing")
    return record(fact, sequence, place=place, **header)


def state(subject: str, sequence: int) -> Arrival:
    return record(said.PersonState(person=subject), sequence)


def noted(command: Note, work: NoteWork) -> None:
    """A use case whose effect can be counted."""
    row = {"subject": command.subject, "text": command.text, "is_repeat": command.is_repeat, "hub": work.unit.hub}
    work.unit.db["effects"].insert_one(row | {"causation": work.unit.cause.causation}, session=work.unit.session)


def ended(heard: Heard[said.MembershipEnded]) -> Note:
    return Note(heard.fact.person, heard.fact.membership, heard.is_repeat)


def heard_of(heard: Heard[Any]) -> Note:
    """A note of any event: its type and sequence."""
    return Note(heard.envelope.subject, f"{heard.envelope.type.partition('.v')[0]} {heard.envelope.sequence}", heard.is_repeat)


def effects(store: Store, subject: str = "A") -> list[str]:
    return [row["text"] for row in store.db["effects"].find({"subject": subject}).sort("_id", 1)]


def position(store: Store, subject: str, family: str = "scheduling", service: str = "scheduling") -> int | None:
    row = store.db["inbox"].find_one({"_id": f"{service}|{family}|{subject}"})
    return row["position"] if row else None


def parked(store: Store) -> dict[str, str]:
    return {row["_id"]: row["reason"] for row in parking.listed(store.db)}


def inbox_with(store: Store, subscriptions: dict[type[Fact], On[Any, Any]], seals: Seals | None = None) -> Inbox:
    indexes.ensure(store.db, "effects")
    return Inbox(UseCases(store, {NoteWork: NoteWork}), subscriptions, seals or Seals("scheduling", {PAIR: (KEY,)}), PUBLISHERS)


@pytest.fixture
def inbox(store: Store) -> Inbox:
    return handled_by(store, noted)


def handled_by(store: Store, use_case: UseCase) -> Inbox:
    return inbox_with(store, {said.MembershipEnded: On(ended, use_case), said.PersonState: On(heard_of, use_case)})


def test_the_log_says_once_which_event_of_which_subject_was_handled(store: Store) -> None:
    inbox = handled_by(store, refusing("B-1"))
    with capture_logs() as lines:
        inbox.take([arrival("A", 1), arrival("A", 1), arrival("B", 1), arrival("A", 3), arrival("A", 2)])
    told = [line for line in lines if line["event"] == "event_handled"]
    assert [line["id"] for line in told] == ["A-1", "A-2", "A-3"]
    assert told[0] == {
        "event": "event_handled",
        "log_level": "info",
        "id": "A-1",
        "type": "membership.ended.v1",
        "subject": "A",
        "sequence": 1,
    }


def test_an_event_told_a_thousand_times_has_one_effect(inbox: Inbox, store: Store) -> None:
    tally = inbox.take([arrival("A", 1)] * 1000)
    assert effects(store) == ["A-1"]
    assert (tally.handled, tally.duplicates) == (1, 999)


def test_an_event_that_comes_too_early_waits_until_the_gap_closes(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 1), arrival("A", 4), arrival("A", 3)])
    assert effects(store) == ["A-1"]
    assert parking.counts(store.db) == {"gap": 1, "behind": 1}
    inbox.take([arrival("A", 2)])
    assert effects(store) == ["A-1", "A-2", "A-3", "A-4"]
    assert parking.counts(store.db) == {}


def test_a_poisoned_event_is_parked_alone_and_other_subjects_go_on(store: Store) -> None:
    def refuses_a2(command: Note, work: NoteWork) -> None:
        if command.text == "A-2":
            raise Poison("cannot ever be handled")
        noted(command, work)

    inbox = handled_by(store, refuses_a2)
    inbox.take([arrival("A", 1), arrival("A", 2), arrival("B", 1), arrival("A", 3)])
    assert effects(store, "A") == ["A-1"]
    assert effects(store, "B") == ["B-1"]
    reasons = {row["_id"]: (row["reason"], row["detail"], row["attempts"]) for row in parking.listed(store.db)}
    assert reasons["A-2"] == ("poison", "Poison: cannot ever be handled", 1)
    assert reasons["A-3"][0] == "behind"


def test_a_handler_that_keeps_failing_is_parked_with_its_trace_and_can_be_redriven(store: Store) -> None:
    broken = [True]

    def may_fail(command: Note, work: NoteWork) -> None:
        if broken[0]:
            raise KeyError("a bug of ours")
        noted(command, work)

    inbox = handled_by(store, may_fail)
    inbox.take([arrival("A", 1), arrival("A", 2)])
    (row,) = parking.listed(store.db, {"_id": "A-1"})
    assert "a bug of ours" in row["detail"]
    assert row["attempts"] == 3
    broken[0] = False
    assert inbox.redrive("A-1").handled == 2
    assert effects(store) == ["A-1", "A-2"]
    assert parking.counts(store.db) == {}


def test_a_dropped_event_is_kept_with_its_reason_and_those_behind_it_go_on(store: Store) -> None:
    def refuses_a1(command: Note, work: NoteWork) -> None:
        if command.text == "A-1":
            raise Poison("no")
        noted(command, work)

    inbox = handled_by(store, refuses_a1)
    inbox.take([arrival("A", 1), arrival("A", 2)])
    with pytest.raises(NotParked, match="not the next"):
        inbox.drop("A-2", "wrong one")
    inbox.drop("A-1", "sent by a bug, see ticket 7")
    assert effects(store) == ["A-2"]
    assert store.db[parking.DROPPED].find_one({"_id": "A-1"})["why"] == "sent by a bug, see ticket 7"


def refusing(*texts: str) -> UseCase:
    """A use case that can never handle these."""

    def refuse(command: Note, work: NoteWork) -> None:
        if command.text in texts:
            raise Poison("no")
        noted(command, work)

    return refuse


def test_a_dropped_event_that_comes_again_stays_dropped(store: Store) -> None:
    inbox = handled_by(store, refusing("A-1"))
    inbox.take([arrival("A", 1)])
    inbox.drop("A-1", "sent by a bug")
    assert inbox.take([arrival("A", 1), arrival("A", 2)]).duplicates == 1
    assert (effects(store), parking.counts(store.db)) == (["A-2"], {})
    with pytest.raises(NotParked, match="A-1 is not parked"):
        inbox.drop("A-1", "again")


def test_a_dropped_event_stays_dropped_when_its_subject_s_position_is_lost(store: Store) -> None:
    inbox = handled_by(store, refusing("A-2"))
    inbox.take([arrival("A", 1), arrival("A", 2)])
    inbox.drop("A-2", "sent by a bug")
    store.db["inbox"].update_one({"_id": "scheduling|scheduling|A"}, {"$set": {"position": 1}})
    inbox.take([arrival("A", 2)])
    assert parking.counts(store.db) == {}
    inbox.take([arrival("A", 3)])
    assert effects(store) == ["A-1", "A-3"]


def test_an_event_can_be_dropped_before_its_turn_and_is_passed_over_when_that_comes(store: Store) -> None:
    inbox = handled_by(store, refusing("A-3"))
    inbox.take([arrival("A", 1), arrival("A", 3), arrival("A", 4)])
    inbox.drop("A-3", "its place will never be right")
    assert inbox.take([arrival("A", 3)]).duplicates == 1
    assert [row["_id"] for row in parking.listed(store.db)] == ["A-4"]
    inbox.take([arrival("A", 2)])
    assert (effects(store), parking.counts(store.db)) == (["A-1", "A-2", "A-4"], {})


def test_an_event_that_was_parked_again_can_be_dropped_again(store: Store) -> None:
    inbox = handled_by(store, refusing("A-1"))
    inbox.take([arrival("A", 1)])
    row = store.db[parking.COLLECTION].find_one({"_id": "A-1"})
    inbox.drop("A-1", "the first time")
    store.db[parking.COLLECTION].insert_one(row)  # as an earlier release parked it again
    inbox.drop("A-1", "the second time")
    assert parking.counts(store.db) == {}
    assert store.db[parking.DROPPED].find_one({"_id": "A-1"})["why"] == "the second time"


def test_a_record_that_cannot_be_read_stays_dropped_when_it_is_read_again(inbox: Inbox, store: Store) -> None:
    noise = Arrival("scheduling.london/0/1", "london", b"k", b"\xff\x00", ())
    inbox.take([noise])
    inbox.drop(noise.place, "noise")
    inbox.take([noise])
    assert parking.counts(store.db) == {}


def test_while_an_event_is_parked_others_that_come_again_do_not_make_it_be_tried(store: Store) -> None:
    tried: list[str] = []

    def try_it(command: Note, work: NoteWork) -> None:
        tried.append(command.text)
        refusing("A-2")(command, work)

    inbox = handled_by(store, try_it)
    inbox.take([arrival("A", 1), arrival("A", 2)])
    before = list(tried)
    inbox.take([arrival("A", 1), arrival("A", 2)])
    assert tried == before


def test_what_cannot_be_read_can_be_dropped_and_not_redriven(inbox: Inbox, store: Store) -> None:
    inbox.take([Arrival("scheduling.london/0/1", "london", b"k", b"\xff\x00", ())])
    with pytest.raises(NotParked, match="cannot be read"):
        inbox.redrive("scheduling.london/0/1")
    inbox.drop("scheduling.london/0/1", "noise from a test of the network")
    assert parking.listed(store.db) == []
    assert store.db[parking.DROPPED].find_one({"_id": "scheduling.london/0/1"})["why"] == "noise from a test of the network"


def test_an_event_whose_turn_has_gone_by_can_still_be_cleared(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 3), arrival("A", 5)])
    store.db["inbox"].update_one({"_id": "scheduling|scheduling|A"}, {"$set": {"position": 3}})  # as a newer state moves it
    inbox.redrive("A-3")
    assert [row["_id"] for row in parking.listed(store.db)] == ["A-5"]
    with pytest.raises(NotParked, match="A-3 is not parked"):
        inbox.drop("A-3", "gone")


def test_when_the_store_is_away_nothing_is_kept_and_the_same_can_be_taken_again(store: Store) -> None:
    away = [True]

    def may_be_away(command: Note, work: NoteWork) -> None:
        noted(command, work)
        if away[0]:
            raise Retryable("away")

    inbox = handled_by(store, may_be_away)
    with pytest.raises(Retryable):
        inbox.take([arrival("A", 1)])
    assert effects(store) == []
    away[0] = False
    inbox.take([arrival("A", 1)])
    assert effects(store) == ["A-1"]


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"ce_sequence": "zero"}, "ce_sequence"),
        ({"ce_subject": "B"}, "key is not its subject"),
        ({"ce_source": "/referral/london"}, "does not belong"),
        ({"ce_source": "/scheduling/leeds"}, "does not belong"),
        ({"ce_type": "membership.ended.v9"}, "v9"),
        ({"ce_id": ""}, "CloudEvent"),
    ],
)
def test_a_forged_or_misplaced_record_is_parked_and_the_partition_moves_on(
    inbox: Inbox, store: Store, spoilt: dict[str, str], reason: str
) -> None:
    inbox.take([arrival("A", 1, place=7, **spoilt), arrival("C", 1)])
    parked = parking.listed(store.db)
    assert [row["_id"] for row in parked] == ["scheduling.london/0/7"]
    assert parked[0]["reason"] == "unreadable"
    assert reason in parked[0]["detail"] or "ce_id" in parked[0]["detail"]
    assert effects(store, "C") == ["C-1"]


def test_corrupt_and_huge_records_are_parked(inbox: Inbox, store: Store) -> None:
    good = arrival("A", 1)
    inbox.take(
        [
            Arrival("scheduling.london/0/1", "london", b"k", b"\xff\x00", ()),
            Arrival("scheduling.london/0/2", "london", b"A", b"x" * 300_000, good.headers),
            signed(Arrival("scheduling.london/0/3", "london", b"A", None, good.headers)),
            signed(Arrival("scheduling.london/0/4", "london", b"A", b"[" * 5000 + b"]" * 5000, good.headers)),
        ]
    )
    assert parking.counts(store.db) == {"unreadable": 4}


WHOSE = ("scheduling", "scheduling", "A")


def test_data_that_a_store_cannot_hold_is_parked_as_text_and_comes_back_whole(store: Store) -> None:
    def refuses(_command: Note, work: NoteWork) -> None:
        raise Poison("no")

    inbox, odd = handled_by(store, refuses), {"later": 2**70, "text": "\ud800", "null\u0000key": 1}
    good = arrival("A", 1)
    assert good.value is not None
    inbox.take([signed(replace(good, value=json.dumps(json.loads(good.value) | odd).encode())), arrival("B", 1)])
    assert parking.counts(store.db) == {"poison": 2}
    with store.client.start_session() as session:
        (row,) = parking.parked_behind(store.db, session, [WHOSE])[WHOSE]
    assert {name: row.envelope.data[name] for name in odd} == odd


def test_what_could_not_be_read_about_somebody_goes_with_their_erasure(inbox: Inbox, store: Store) -> None:
    unsigned = (replace(arrival(subject, 1, place=place), headers=()) for place, subject in enumerate("AAB", 1))
    inbox.take(list(unsigned))
    inbox.drop("scheduling.london/0/1", "noise")
    store.transact(lambda open_unit: parking.forget(open_unit("london", Cause("c", "c", "")), "A"))
    assert list(parked(store)) == ["scheduling.london/0/3"]
    assert store.db[parking.DROPPED].count_documents({}) == 0


def test_only_what_no_use_case_handles_can_wait(inbox: Inbox) -> None:
    accepted = said.WaitingStarted(person="A", entry="W-1", referral="R-1", clock=AT, stands="waiting")
    assert inbox.can_wait(record(accepted, 1))
    assert not inbox.can_wait(arrival("A", 1))
    assert not inbox.can_wait(arrival("A", 1, ce_type="nobody.knows.v1"))
    assert not inbox.can_wait(replace(arrival("A", 1), headers=()))


def test_parked_events_are_looked_for_only_of_subjects_that_had_some(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 1), arrival("B", 2), arrival("C", 1)])
    inbox.take([arrival("C", 3)])
    subjects = [(*WHOSE[:2], subject) for subject in "ABCD"]
    assert [subject for *_, subject in Positions(store.db, None, subjects).with_some_aside] == ["B", "C"]
    inbox.take([arrival("B", 1), arrival("C", 2)])
    assert (effects(store, "B"), effects(store, "C"), parked(store)) == (["B-1", "B-2"], ["C-1", "C-2", "C-3"], {})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 5)), min_size=15, max_size=60), st.data())
def test_whatever_the_order_and_the_repeats_each_subject_is_handled_once_and_in_order(
    store: Store, told: list[tuple[str, int]], data: st.DataObject
) -> None:
    inbox = handled_by(store, noted)
    for name in ("effects", "inbox", parking.COLLECTION):
        store.db[name].delete_many({})
    complete = told + [(subject, number) for subject in "ABC" for number in range(1, 6)]
    position = 0
    while position < len(complete):
        size = data.draw(st.integers(1, 20))
        inbox.take([arrival(*each) for each in complete[position : position + size]])
        position += size
    for subject in "ABC":
        assert effects(store, subject) == [f"{subject}-{number}" for number in range(1, 6)]
    assert parking.counts(store.db) == {}


# Order, 4: a state event carries all that its service says of somebody.


def test_a_state_event_skips_the_gap_and_replaces_what_is_parked_up_to_it(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 1), arrival("A", 3), arrival("A", 4), arrival("A", 6)])
    assert parked(store) == {"A-3": "gap", "A-4": "behind", "A-6": "behind"}
    tally = inbox.take([state("A", 5)])
    assert effects(store) == ["A-1", "person.state 5", "A-6"], "what it contains is not handled after it; what follows is"
    assert (tally.handled, position(store, "A"), parked(store)) == (2, 6, {})


def test_a_state_event_below_the_position_is_a_duplicate(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 1), arrival("A", 2), arrival("A", 3)])
    assert inbox.take([state("A", 2), state("A", 3)]).duplicates == 2
    assert effects(store) == ["A-1", "A-2", "A-3"]


def test_a_new_subscription_starts_from_the_state(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 41)])
    assert parked(store) == {"A-41": "gap"}
    inbox.take([state("A", 42), arrival("A", 43)])
    assert effects(store) == ["person.state 42", "A-43"]
    assert parked(store) == {}


def test_what_comes_late_after_a_state_is_a_duplicate(inbox: Inbox, store: Store) -> None:
    inbox.take([state("A", 5)])
    assert inbox.take([arrival("A", 4), arrival("A", 5)]).duplicates == 2
    assert effects(store) == ["person.state 5"]


def test_a_state_event_takes_poison_away_that_lies_before_it(store: Store) -> None:
    def refuses_a2(command: Note, work: NoteWork) -> None:
        if command.text == "A-2":
            raise Poison("cannot ever be handled")
        noted(command, work)

    inbox = handled_by(store, refuses_a2)
    inbox.take([arrival("A", 1), arrival("A", 2), arrival("A", 3)])
    assert parked(store) == {"A-2": "poison", "A-3": "behind"}
    inbox.take([state("A", 4)])
    assert parked(store) == {}
    assert effects(store) == ["A-1", "person.state 4"]


def test_a_state_that_could_not_be_handled_can_be_redriven_over_the_gap(store: Store) -> None:
    broken = [True]

    def may_fail(command: Note, work: NoteWork) -> None:
        if broken[0]:
            raise Poison("not yet")
        noted(command, work)

    inbox = handled_by(store, may_fail)
    inbox.take([arrival("A", 3), state("A", 7), arrival("A", 8)])
    assert parked(store) == {"A-3": "gap", "A-7": "poison", "A-8": "behind"}
    broken[0] = False
    assert inbox.redrive("A-7").handled == 2
    assert effects(store) == ["person.state 7", "A-8"]
    assert parked(store) == {}


def test_a_state_that_is_dropped_leaves_the_position_where_it_is(store: Store) -> None:
    def refuses(_command: Note, work: NoteWork) -> None:
        raise Poison("no")

    inbox = handled_by(store, refuses)
    inbox.take([state("A", 7)])
    inbox.drop("A-7", "said by a bug, see ticket 9")
    assert parked(store) == {}
    assert position(store, "A") == 0
    assert handled_by(store, noted).take([arrival("A", 1), arrival("A", 2)]).handled == 2


# Order, 5: an erasure is handled whatever the position.


def erased(subject: str, sequence: int) -> Arrival:
    return record(referral.ParticipantErased(person=subject), sequence)


def withdrawn(subject: str, sequence: int) -> Arrival:
    return record(referral.Withdrawn(person=subject, referral=f"R-{sequence}", source="hub"), sequence)


def hears_referral(store: Store, use_case: UseCase = noted) -> Inbox:
    heard = (referral.Withdrawn, referral.ParticipantState, referral.ParticipantErased)
    return inbox_with(store, {shape: On(heard_of, use_case) for shape in heard})


def test_an_erasure_is_handled_over_a_gap_and_takes_all_that_is_parked_with_it(store: Store) -> None:
    inbox = hears_referral(store)
    inbox.take([withdrawn("A", 1), withdrawn("A", 3), withdrawn("A", 9)])
    inbox.take([erased("A", 5)])
    assert effects(store) == ["referral.withdrawn 1", "participant.erased 5"]
    assert parked(store) == {}, "also what was parked beyond it"


def test_an_erasure_is_handled_below_the_position_too(store: Store) -> None:
    inbox = hears_referral(store)
    inbox.take([record(referral.ParticipantState(person="A"), 9), erased("A", 5)])
    assert effects(store) == ["participant.state 9", "participant.erased 5"]


def test_whatever_comes_after_an_erasure_is_ignored(store: Store) -> None:
    inbox = hears_referral(store)
    inbox.take([withdrawn("A", 1), erased("A", 2)])
    late = [erased("A", 2), withdrawn("A", 3), withdrawn("A", 8), record(referral.ParticipantState(person="A"), 99), erased("A", 100)]
    tally = inbox.take(late)
    assert (tally.handled, tally.duplicates) == (0, 5)
    assert effects(store) == ["referral.withdrawn 1", "participant.erased 2"]
    assert parked(store) == {}


def test_an_erasure_that_could_not_be_handled_is_not_lost_when_it_is_redriven(store: Store) -> None:
    broken = [True]

    def may_fail(command: Note, work: NoteWork) -> None:
        if broken[0] and "erased" in command.text:
            raise Poison("not yet")
        noted(command, work)

    inbox = hears_referral(store, may_fail)
    inbox.take([record(referral.ParticipantState(person="A"), 9), erased("A", 5)])
    assert parked(store) == {"A-5": "poison"}
    broken[0] = False
    inbox.redrive("A-5")
    assert effects(store) == ["participant.state 9", "participant.erased 5"]
    assert parked(store) == {}


def hears_two_services(store: Store, use_case: UseCase = noted) -> Inbox:
    heard = (said.MembershipEnded, referral.ContactChanged, referral.ParticipantErased)
    return inbox_with(store, {shape: On(heard_of, use_case) for shape in heard})


@pytest.mark.parametrize("together", [True, False])
def test_an_erasure_ends_what_other_services_say_of_the_person_too(store: Store, *, together: bool) -> None:
    """What is parked may hold a place, sealed; what comes later would be parked behind it for good."""
    inbox = hears_two_services(store)
    inbox.take([arrival("A", 12), arrival("B", 12)])
    rest = [erased("A", 5), arrival("A", 11), arrival("A", 13), contact("A", 20)]
    for each in [rest] if together else [[one] for one in rest]:
        inbox.take(each)
    assert effects(store) == ["participant.erased 5"]
    assert parked(store) == {"B-12": "gap"}, "nothing of A, and B is somebody else"
    assert inbox.take([arrival("B", number) for number in range(1, 12)]).handled == 12


def test_what_is_poisoned_about_a_person_goes_with_them(store: Store) -> None:
    hears_two_services(store, refusing("membership.ended 1")).take([arrival("A", 1), arrival("A", 2)])
    assert parked(store) == {"A-1": "poison", "A-2": "behind"}
    hears_two_services(store).take([erased("A", 5)])
    assert (effects(store), parked(store)) == (["participant.erased 5"], {})


def test_what_was_dropped_about_a_person_goes_with_them(store: Store) -> None:
    inbox = hears_two_services(store, refusing("membership.ended 1"))
    inbox.take([arrival("A", 1), arrival("B", 1)])
    for event in ("A-1", "B-1"):
        inbox.drop(event, "sent by a bug")
    inbox.take([erased("A", 5)])
    assert [row["subject"] for row in store.db[parking.DROPPED].find()] == ["B"]
    assert inbox.take([arrival("A", 1), arrival("A", 2)]).duplicates == 2


def test_the_service_that_erases_keeps_nothing_of_what_others_said_and_hears_no_more(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 1), arrival("A", 3), arrival("B", 3)])
    erases = [referral.ParticipantErased(person="A")]
    store.run("london", Cause("c", "c", "t"), lambda unit: outbox.add(unit, "A", "london", 4, erases))
    assert parked(store) == {"B-3": "gap"}
    assert inbox.take([arrival("A", 2), arrival("A", 4), state("A", 9)]).duplicates == 3
    assert effects(store) == ["A-1"]


@pytest.mark.parametrize("too_early", [True, False], ids=["a gap", "poison"])
def test_what_is_set_aside_while_another_worker_handles_the_erasure_does_not_stay(
    store: Store, *, too_early: bool, monkeypatch: Any
) -> None:
    """The two read the same position, and neither sees what the other writes."""
    inbox, other, park = hears_two_services(store, refusing("membership.ended 1")), hears_two_services(store), parking.park
    meanwhile = [True]

    def slow(*told: Any) -> None:
        park(*told)
        if meanwhile and meanwhile.pop():
            other.take([erased("A", 5)])

    monkeypatch.setattr(parking, "park", slow)
    event = arrival("A", 3 if too_early else 1)
    for _again in range(3):
        with suppress(Retryable):
            inbox.take([event])
            break
    assert (effects(store), parked(store)) == (["participant.erased 5"], {})


def test_an_erasure_of_one_person_stops_nothing_about_another(store: Store) -> None:
    hears_referral(store).take([erased("A", 1), withdrawn("B", 1)])
    assert effects(store, "B") == ["referral.withdrawn 1"]


# Contacts: a compacted topic, of which the newest is whole.


def contact(subject: str, sequence: int, **options: Any) -> Arrival:
    return record(referral.ContactChanged(person=subject, sealed="BmY="), sequence, **options)


def no_contact(subject: str, sequence: int, **options: Any) -> Arrival:
    return record(referral.ContactErased(person=subject), sequence, **options)


def hears_contacts(store: Store) -> Inbox:
    heard = (referral.ContactChanged, referral.ContactErased, referral.ParticipantErased, referral.ParticipantState)
    return inbox_with(store, {shape: On(heard_of, noted) for shape in heard})


def test_of_contacts_the_newest_is_enough_and_an_older_one_is_a_duplicate(store: Store) -> None:
    tally = hears_contacts(store).take([contact("A", 7), contact("A", 3), contact("A", 9)])
    assert (tally.handled, tally.duplicates, parked(store)) == (2, 1, {})
    assert effects(store) == ["contact.changed 7", "contact.changed 9"]


def test_a_tombstone_on_contacts_is_heard_as_an_erasure(store: Store) -> None:
    inbox = hears_contacts(store)
    inbox.take([contact("A", 1)])
    assert no_contact("A", 4).value is None
    inbox.take([no_contact("A", 4)])
    assert effects(store) == ["contact.changed 1", "contact.erased 4"]
    assert inbox.take([contact("A", 2)]).duplicates == 1


def test_a_tombstone_that_compaction_left_alone_is_enough(store: Store) -> None:
    hears_contacts(store).take([no_contact("A", 12)])
    assert effects(store) == ["contact.erased 12"]


def test_contacts_and_referrals_of_one_person_are_numbered_apart(store: Store) -> None:
    hears_contacts(store).take([contact("A", 5), record(referral.ParticipantState(person="A"), 1), contact("A", 6)])
    assert (position(store, "A", "contacts", "referral"), position(store, "A", "referral", "referral")) == (6, 1)


@pytest.mark.parametrize(
    ("misplaced", "what"),
    [
        (lambda: contact("A", 1, topic="referral.london"), "another family"),
        (lambda: contact("A", 1, topic="contacts.leeds"), "another hub"),
        (lambda: contact("A", 1, hub="leeds", topic="contacts.london"), "another hub"),
        (lambda: no_contact("A", 1, topic="contacts.leeds"), "another hub"),
        (lambda: record(referral.ParticipantErased(person="A"), 1, topic="contacts.london"), "another family"),
        (lambda: record(referral.ParticipantErased(person="A"), 1, topic="scheduling.london"), "another family"),
        (lambda: record(referral.ParticipantErased(person="A"), 1, topic="referral.leeds"), "another hub"),
        (lambda: record(referral.ParticipantErased(person="A"), 1, ce_source="/scheduling/london"), "another service"),
    ],
)
def test_an_event_on_a_topic_that_its_service_and_hub_do_not_write_is_refused(
    store: Store, misplaced: Callable[[], Arrival], what: str
) -> None:
    hears_contacts(store).take([misplaced()])
    (row,) = parking.listed(store.db)
    assert (row["reason"], effects(store)) == ("unreadable", []), what
    assert "does not belong in this topic" in row["detail"]


def test_an_event_without_a_value_that_is_no_tombstone_is_refused_and_so_is_a_tombstone_with_one(store: Store) -> None:
    inbox = hears_contacts(store)
    inbox.take([signed(replace(contact("A", 1), value=None)), signed(replace(no_contact("A", 2), value=b"{}"))])
    assert [row["detail"] for row in parking.listed(store.db)] == ["no value", "a tombstone with a value"]


# What a service hears nothing of, and what is sealed.


def test_a_history_of_which_nothing_is_heard_is_passed_over_without_a_position(store: Store) -> None:
    inbox = hears_referral(store)
    listed = said.ModalityListed(listing="london/analytic", code="analytic", way_in="referral", variants=(), topics=())
    tally = inbox.take([record(listed, 3), arrival("A", 2), contact("A", 1)])
    assert (tally.ignored, store.db["inbox"].count_documents({}), parked(store)) == (3, 0, {})


def test_an_event_of_a_history_that_is_heard_moves_the_position_though_nobody_handles_it(store: Store) -> None:
    inbox = hears_referral(store)
    inbox.take([record(referral.Returned(person="A", referral="R", source="hub"), 1), withdrawn("A", 2)])
    assert effects(store) == ["referral.withdrawn 2"]
    assert position(store, "A", "referral", "referral") == 2


def test_an_event_of_a_later_release_moves_the_position_too(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 1, ce_type="membership.renamed.v1"), arrival("A", 2)])
    assert (effects(store), position(store, "A")) == (["A-2"], 2)


def test_a_fact_that_asks_nothing_of_a_service_is_handled_all_the_same(store: Store) -> None:
    inbox = inbox_with(store, {said.MembershipEnded: On(lambda _heard: None, noted)})
    assert inbox.take([arrival("A", 1), arrival("A", 2)]).handled == 2
    assert (effects(store), position(store, "A")) == ([], 2)


def test_what_a_use_case_does_was_caused_by_the_event_at_the_hub_that_it_came_from(inbox: Inbox, store: Store) -> None:
    inbox.take([arrival("A", 1)])
    row = store.db["effects"].find_one({})
    assert row
    assert (row["hub"], row["causation"]) == ("london", "A-1")


def accepted(subject: str, sequence: int, key: SealingKey) -> Arrival:
    sealing = contracts.described(referral.Accepted).sealed["wishes"]
    wishes = Seals("referral", {PAIR: (key,)}).seal(sealing, subject, parts.Wishes(modalities=("analytic",)))
    what = {"referral": "R", "source": "hub", "urgency": "soon", "received": AT, "accepted": AT, "wishes": wishes}
    return record(referral.Accepted(person=subject, **what), sequence)


def wish(heard: Heard[referral.Accepted]) -> Note:
    return Note(heard.fact.person, ", ".join(heard.opened("wishes").modalities))


def test_an_event_sealed_under_a_key_that_is_not_here_waits_with_the_cure_until_the_key_is(store: Store) -> None:
    subscriptions = {referral.Accepted: On(wish, noted)}
    inbox = inbox_with(store, subscriptions)
    inbox.take([accepted("A", 1, NEWER), accepted("A", 2, KEY), accepted("B", 1, KEY)])
    assert effects(store, "B") == ["analytic"], "others go on"
    (row,) = parking.listed(store.db, {"_id": "A-1"})
    assert row["reason"] == "poison"
    assert row["detail"] == (
        "UnknownSealingKey: sealed under the key '2026-12' of referral>scheduling, which is not here: "
        "add that key to SEALING_KEYS_FILE, restart, then redrive the event"
    )
    assert parked(store)["A-2"] == "behind"
    inbox_with(store, subscriptions, Seals("scheduling", {PAIR: (NEWER, KEY)})).redrive("A-1")
    assert effects(store) == ["analytic", "analytic"]
    assert parked(store) == {}


def test_a_sealed_field_of_somebody_else_is_parked_and_not_believed(store: Store) -> None:
    inbox = inbox_with(store, {referral.Accepted: On(wish, noted)})
    stolen = accepted("B", 1, KEY)
    assert stolen.value is not None
    inbox.take([signed(replace(accepted("A", 1, KEY), value=stolen.value))])
    (row,) = parking.listed(store.db)
    assert row["detail"].startswith("BadSeal: referral.wishes of A cannot be opened")


def test_what_the_store_had_handled_before_it_was_restored_is_heard_as_a_repeat(inbox: Inbox, store: Store) -> None:
    inbox.take([replace(arrival("A", 1), is_repeat=True), arrival("A", 2)])
    assert [row["is_repeat"] for row in store.db["effects"].find().sort("_id", 1)] == [True, False]


# Offsets: how far the store has read, kept with the effects.


def test_how_far_a_partition_was_read_is_kept_whatever_became_of_its_records(inbox: Inbox, store: Store) -> None:
    unreadable = Arrival("scheduling.london/1/30", "london", b"k", b"\xff", ())
    inbox.take([arrival("A", 1, place=7), arrival("A", 2, place=8), unreadable, contact("A", 1, place=4)])
    kept = {row["_id"]: row["next"] for row in store.db[offsets.COLLECTION].find()}
    assert kept == {"scheduling.london/0": 9, "scheduling.london/1": 31, "contacts.london/0": 5}


def test_how_far_a_partition_was_read_is_kept_when_a_batch_had_poison_in_it(store: Store) -> None:
    def refuses(_command: Note, work: NoteWork) -> None:
        raise Poison("no")

    handled_by(store, refuses).take([arrival("A", 1, place=7)])
    assert [row["next"] for row in store.db[offsets.COLLECTION].find()] == [8]


def test_when_nothing_was_committed_no_offset_is_kept(store: Store) -> None:
    def away(_command: Note, work: NoteWork) -> None:
        raise Retryable("away")

    with pytest.raises(Retryable):
        handled_by(store, away).take([arrival("A", 1, place=7)])
    assert store.db[offsets.COLLECTION].count_documents({}) == 0


def test_what_is_read_again_moves_no_offset_back(store: Store) -> None:
    for read in (8, 3, 9, 9):
        offsets.advance(store.db, None, [("t.h/0", read), ("t.h/0", read - 1)])
    assert offsets.to_begin_from(store.db, "t.h/0", 50) == 9


def test_a_store_that_never_had_a_partition_begins_where_kafka_is(store: Store) -> None:
    assert offsets.to_begin_from(store.db, "t.h/0", 50) == 50
    assert offsets.to_begin_from(store.db, "t.h/0", 80) == 50, "from then on it keeps its own"


def test_a_store_that_was_restored_begins_where_it_had_been(store: Store) -> None:
    offsets.advance(store.db, None, [("t.h/0", 30)])
    assert offsets.to_begin_from(store.db, "t.h/0", 50) == 30
    assert offsets.to_begin_from(store.db, "t.h/0", 20) == 20, "Kafka forgot its own: what comes again is a duplicate"


def test_a_store_remembers_until_where_it_is_catching_up(store: Store) -> None:
    assert offsets.catching_up_until(store.db, "t.h/0") == 0
    offsets.advance(store.db, None, [("t.h/0", 30)])
    offsets.catch_up(store.db, "t.h/0", 0, 80)
    offsets.catch_up(store.db, "t.h/0", 0, 60)
    offsets.advance(store.db, None, [("t.h/0", 31)])
    assert offsets.catching_up_until(store.db, "t.h/0") == 80
    assert offsets.to_begin_from(store.db, "t.h/0", 90) == 31


def test_two_workers_that_take_the_same_event_at_once_have_one_effect(store: Store) -> None:
    """The other commits while the first is in its transaction: the first reads the positions anew, or leaves all as it is."""
    other, meanwhile = handled_by(store, noted), [True]

    def slow(command: Note, work: NoteWork) -> None:
        if meanwhile and meanwhile.pop():
            other.take([arrival("A", 1)])
        noted(command, work)

    first = handled_by(store, slow)
    try:
        first.take([arrival("A", 1)])
    except Retryable:
        first.take([arrival("A", 1)])
    assert effects(store) == ["A-1"]
    assert parked(store) == {}
