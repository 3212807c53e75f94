"""State and outbox in one transaction, on a real store."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from shared.contracts import Fact, notifications, referral
from shared.contracts import scheduling as said
from shared.errors import Stale
from shared.events import outbox, parking
from shared.events.envelope import Envelope
from shared.events.outbox import NotItsSubject
from shared.events.tracing import Cause
from shared.process.clock import utc_now
from shared.process.health import Gauges, Health, exposition
from shared.store import idempotency, indexes
from shared.store.documents import Repository, Subjects
from shared.store.idempotency import KeyReused, Request
from shared.store.transactions import Store
from shared.store.unit import Unit
from shared.store.use_cases import TwoSteps, UseCases

CAUSE = Cause("c", "c", "t")


@dataclass(slots=True)
class Counter:
    id: str
    hub: str
    value: int = 0
    version: int = 0
    last_sequence: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What happens to a counter; `whose` is whom it is about."""

    whose: str
    value: int


def published(event: Counted) -> Fact:
    return said.MembershipAttended(person=event.whose, membership="S", session=str(event.value), mark="attended")


@dataclass(frozen=True, slots=True)
class CounterWork:
    unit: Unit
    counters: Subjects[Counter, Counted]


def counters(unit: Unit) -> Subjects[Counter, Counted]:
    return Subjects(unit, "counters", Counter, published)


def work(unit: Unit) -> CounterWork:
    return CounterWork(unit, counters(unit))


@dataclass(frozen=True, slots=True)
class Add:
    counter: str = "N"
    by: int = 1


def add(command: Add, work: CounterWork) -> int:
    counter = work.counters.get_anywhere(command.counter)
    assert counter
    counter.value += command.by
    work.counters.save(counter, [Counted(counter.id, counter.value)])
    return counter.value


@pytest.fixture
def counting(store: Store) -> Store:
    indexes.ensure(store.db, "counters")
    store.run("london", CAUSE, lambda unit: counters(unit).save(Counter("N", "london"), [Counted("N", 0)]))
    return store


@pytest.fixture
def use_cases(counting: Store) -> UseCases:
    return UseCases(counting, {CounterWork: work})


def value(store: Store, counter: str = "N") -> int:
    row = store.db["counters"].find_one({"_id": counter})
    assert row
    found: int = row["value"]
    return found


def rows(store: Store) -> list[tuple[int, bool]]:
    return [(row["sequence"], row.get("unpublished", False)) for row in store.db[outbox.COLLECTION].find().sort("sequence", 1)]


def test_state_and_what_it_says_are_kept_together_or_not_at_all(counting: Store) -> None:
    def fails_late(unit: Unit) -> None:
        add(Add(), work(unit))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        counting.run("london", CAUSE, fails_late)
    assert value(counting) == 0
    assert rows(counting) == [(1, True)]


def test_many_at_once_lose_no_update_and_number_what_they_say_without_a_gap(counting: Store) -> None:
    def adds() -> None:
        for _ in range(4):
            counting.run("london", CAUSE, lambda unit: add(Add(), work(unit)), tries=200)

    threads = [threading.Thread(target=adds) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(counting) == 12
    assert [sequence for sequence, _ in rows(counting)] == list(range(1, 14))


def test_what_changed_since_it_was_read_is_not_overwritten(counting: Store) -> None:
    stale = counting.read("london", CAUSE, lambda unit: counters(unit).get("N"))
    assert stale
    counting.run("london", CAUSE, lambda unit: add(Add(), work(unit)))
    with pytest.raises(Stale, match=r"^N changed since version 1$"):
        counting.run("london", CAUSE, lambda unit: counters(unit).save(stale), tries=1)
    assert value(counting) == 1


def test_a_hub_finds_its_own_only(counting: Store) -> None:
    def look(unit: Unit) -> list[Any]:
        repository = counters(unit)
        return [repository.get("N"), *repository.here({}), *repository.here({"value": 0}, [("_id", 1)], 5)]

    assert [found.id for found in counting.read("london", CAUSE, look)] == ["N", "N", "N"]
    assert counting.read("leeds", CAUSE, look) == [None]


def test_no_query_of_a_caller_reaches_another_hub(counting: Store) -> None:
    assert counting.read("leeds", CAUSE, lambda unit: counters(unit).here({"hub": "london"})) == []


def test_an_event_finds_whom_it_sets_right_wherever_they_are(counting: Store) -> None:
    def look(unit: Unit) -> list[Any]:
        repository = counters(unit)
        return [repository.get_anywhere("N"), *repository.anywhere({"value": 0}), repository.get_anywhere("M")]

    one, other, none = counting.read("leeds", CAUSE, look)
    assert (one.id, other is one, none) == ("N", True, None)


# Within a unit each aggregate is read once.


def test_whatever_changes_an_aggregate_in_a_unit_changes_the_same_one(counting: Store) -> None:
    def twice(unit: Unit) -> bool:
        repository = counters(unit)
        one, other, (listed,) = repository.get("N"), repository.get_anywhere("N"), repository.anywhere({})
        assert one
        one.value = 7
        repository.save(one)
        one.value += 1
        repository.save(one)
        return one is other is listed is repository.get("N")

    assert counting.run("london", CAUSE, twice)
    assert value(counting) == 8
    stored = counting.db["counters"].find_one({"_id": "N"})
    assert stored
    assert stored["version"] == 3


def test_what_was_saved_is_found_without_asking_the_store_again(counting: Store) -> None:
    def make(unit: Unit) -> bool:
        repository, made = counters(unit), Counter("M", "london")
        repository.save(made)
        return repository.get("M") is made

    assert counting.run("london", CAUSE, make)


def test_two_units_share_nothing(counting: Store) -> None:
    seen = [counting.read("london", CAUSE, lambda unit: counters(unit).get("N")) for _ in range(2)]
    assert seen[0] is not seen[1]
    assert seen[0] == seen[1]


def test_a_field_that_an_older_release_does_not_know_is_ignored(counting: Store) -> None:
    counting.db["counters"].update_one({"_id": "N"}, {"$set": {"of_a_later_release": {"x": 1}}})
    found = counting.read("london", CAUSE, lambda unit: counters(unit).get("N"))
    assert found == Counter("N", "london", 0, 1, 1)


def test_an_aggregate_that_no_event_is_about_needs_no_number(counting: Store) -> None:
    @dataclass(slots=True)
    class Plain:
        id: str
        hub: str
        version: int = 0

    counting.run("london", CAUSE, lambda unit: Repository(unit, "counters", Plain).save(Plain("Q", "london")))
    assert counting.db["counters"].find_one({"_id": "Q"}) == {"_id": "Q", "hub": "london", "version": 1}


# Numbering: on the aggregate, per family and subject; on the aggregate's own hub.


def test_what_happens_to_an_aggregate_is_numbered_on_it_from_unit_to_unit(counting: Store) -> None:
    def two(unit: Unit) -> None:
        counter = counters(unit).get("N")
        assert counter
        counters(unit).save(counter, [Counted("N", 1), Counted("N", 2)])

    counting.run("london", CAUSE, two)
    counting.run("london", CAUSE, lambda unit: add(Add(), work(unit)))
    assert [sequence for sequence, _ in rows(counting)] == [1, 2, 3, 4]
    found = counting.db["counters"].find_one({"_id": "N"})
    assert found
    assert found["last_sequence"] == 4


def test_each_subject_has_its_own_numbers(counting: Store) -> None:
    counting.run("london", CAUSE, lambda unit: counters(unit).save(Counter("M", "london"), [Counted("M", 0)]))
    kept = [(row["subject"], row["sequence"]) for row in counting.db[outbox.COLLECTION].find().sort("subject", 1)]
    assert kept == [("M", 1), ("N", 1)]


def test_a_save_that_says_nothing_takes_no_number(counting: Store) -> None:
    def quietly(unit: Unit) -> None:
        counter = counters(unit).get("N")
        assert counter
        counters(unit).save(counter)

    counting.run("london", CAUSE, quietly)
    counting.run("london", CAUSE, lambda unit: add(Add(), work(unit)))
    assert [sequence for sequence, _ in rows(counting)] == [1, 2]


def test_two_families_about_one_person_are_numbered_apart(counting: Store) -> None:
    def both(unit: Unit) -> None:
        outbox.add(unit, "P-1", "london", 0, [referral.ContactChanged(person="P-1", sealed="x")])
        outbox.add(unit, "P-1", "london", 0, [referral.StaffLeft(person="P-1")])

    counting.run("london", CAUSE, both)
    kept = [(row["topic"], row["sequence"]) for row in counting.db[outbox.COLLECTION].find({"subject": "P-1"}).sort("topic", 1)]
    assert [topic for topic, _ in kept] == ["contacts.london", "referral.london"]
    assert kept[1][1] == 1 < kept[0][1], "a contact takes the time: the latest wins, even over what a restored store has forgotten"


def test_what_says_all_there_is_lies_above_every_number_that_a_restored_store_has_forgotten(counting: Store) -> None:
    """Readers have heard numbers after the backup: a state event with the next number would be a duplicate to them, and heal nothing."""

    def state(unit: Unit, last_sequence: int) -> int:
        return outbox.add(unit, "P-1", "london", last_sequence, [notifications.StandingState(person="P-1", answers=())])

    def then(unit: Unit, last_sequence: int) -> int:
        return outbox.add(unit, "P-1", "london", last_sequence, [published(Counted("P-1", 0))])

    before_the_restore = counting.run("london", CAUSE, lambda unit: state(unit, 5))
    forgotten = counting.run("london", CAUSE, lambda unit: then(unit, before_the_restore))
    counting.db[outbox.COLLECTION].delete_many({"subject": "P-1"})  # the backup was made at 5
    time.sleep(0.005)
    again = counting.run("london", CAUSE, lambda unit: state(unit, 5))
    assert again > forgotten
    assert counting.run("london", CAUSE, lambda unit: then(unit, again)) == again + 1


def test_the_store_refuses_a_number_that_was_given_already(counting: Store) -> None:
    def again(unit: Unit) -> None:
        outbox.add(unit, "N", "london", 0, [published(Counted("N", 0))])

    with pytest.raises(Exception, match="E11000"):
        counting.run("london", CAUSE, again)


def test_an_event_leaves_on_the_hub_of_whom_it_is_about_and_never_the_callers(counting: Store) -> None:
    counting.run("leeds", CAUSE, lambda unit: add(Add(), work(unit)))
    row = counting.db[outbox.COLLECTION].find_one({"sequence": 2})
    assert row
    assert (row["hub"], row["topic"], row["type"]) == ("london", "scheduling.london", "membership.attended.v1")


def test_an_event_about_somebody_else_is_refused_and_nothing_is_kept(counting: Store) -> None:
    def wrong(unit: Unit) -> None:
        counter = counters(unit).get("N")
        assert counter
        counters(unit).save(counter, [Counted("N", 1), Counted("M", 1)])

    with pytest.raises(NotItsSubject, match=r"^membership\.attended\.v1 is not about N$"):
        counting.run("london", CAUSE, wrong)
    assert rows(counting) == [(1, True)]


def test_a_row_has_the_real_time_whatever_the_domain_calls_now(counting: Store) -> None:
    later = Store(counting.client, counting.db.name, lambda: datetime(2036, 1, 1, tzinfo=UTC))
    assert later.run("london", CAUSE, lambda unit: (add(Add(), work(unit)), unit.now.year)) == (1, 2036)
    row = counting.db[outbox.COLLECTION].find_one({"sequence": 2})
    assert row
    assert abs(row["time"] - utc_now()) < timedelta(minutes=1)


def test_the_same_row_is_the_same_event_however_often_it_is_sent(counting: Store) -> None:
    row = counting.db[outbox.COLLECTION].find_one({})
    assert row
    event = outbox.envelope(row)
    assert event == outbox.envelope(row)
    assert (event.subject, event.sequence, event.source) == ("N", 1, "/scheduling/london")
    assert event.data == {"membership": "S", "session": "0", "mark": "attended"}


def test_a_tombstone_is_kept_without_data(counting: Store) -> None:
    counting.run("london", CAUSE, lambda unit: outbox.add(unit, "P-1", "london", 3, [referral.ContactErased(person="P-1")]))
    row = counting.db[outbox.COLLECTION].find_one({"subject": "P-1"})
    assert row
    assert (row["data"], outbox.envelope(row).data) == (None, None)
    assert row["sequence"] > 3


# Use cases on a real store.


def test_a_use_case_that_others_overtook_decides_anew_on_what_is_there_now(use_cases: UseCases, counting: Store) -> None:
    overtaken = [True]

    def slow(command: Add, work: CounterWork) -> int:
        counter = work.counters.get_anywhere(command.counter)
        if overtaken and overtaken.pop():
            use_cases.run(add, Add(by=10), "london", CAUSE)
        assert counter
        counter.value += command.by
        work.counters.save(counter, [Counted("N", counter.value)])
        return counter.value

    assert use_cases.run(slow, Add(), "london", CAUSE) == 11
    assert [sequence for sequence, _ in rows(counting)] == [1, 2, 3]


def test_two_steps_are_both_done_anew_when_what_was_prepared_no_longer_fits(use_cases: UseCases, counting: Store) -> None:
    prepared: list[int] = []

    def prepare(command: Add, work: CounterWork) -> int:
        assert work.unit.session is None
        counter = work.counters.get_anywhere(command.counter)
        assert counter
        prepared.append(counter.version)
        if len(prepared) == 1:
            use_cases.run(add, Add(by=10), "london", CAUSE)
        return prepared[-1]

    def decide(command: Add, version: int, work: CounterWork) -> int:
        counter = work.counters.get_anywhere(command.counter)
        assert counter
        if counter.version != version:
            raise Stale("sealed for another state")
        return add(command, work)

    assert use_cases.run(TwoSteps(prepare, decide), Add(), "london", CAUSE) == 11
    assert prepared == [1, 2]


def test_an_answer_is_kept_with_its_effect_or_not_at_all(counting: Store) -> None:
    request = Request("london|k", "digest")

    def fails(unit: Unit) -> None:
        idempotency.keep(unit, request, {"done": 1})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        counting.run("london", CAUSE, fails)
    assert counting.read("london", CAUSE, lambda unit: idempotency.recall(unit, request)) is None
    counting.run("london", CAUSE, lambda unit: idempotency.keep(unit, request, {"done": 2}))
    assert counting.read("london", CAUSE, lambda unit: idempotency.recall(unit, request)) == {"done": 2}
    with pytest.raises(KeyReused):
        counting.read("london", CAUSE, lambda unit: idempotency.recall(unit, Request("london|k", "another")))


def test_the_same_request_at_once_has_one_effect(use_cases: UseCases, counting: Store) -> None:
    """The other is answered while the first is in its transaction: the first then finds the answer, or is to be sent again."""
    request, meanwhile = Request("london|k", "digest"), [True]

    def once(unit: Unit, decide: Callable[[], int]) -> dict[str, Any]:
        answered = idempotency.recall(unit, request)
        if meanwhile and meanwhile.pop():
            use_cases.around(add, Add(), "london", CAUSE, once)
        return answered if answered is not None else idempotency.keep(unit, request, {"value": decide()})

    assert use_cases.around(add, Add(), "london", CAUSE, once) == {"value": 1}
    assert value(counting) == 1


def test_the_same_work_of_many_transactions_is_done_by_one_at_a_time(counting: Store) -> None:
    request, at_work, most = Request("london|k", "digest"), [0], [0]

    def work() -> None:
        with idempotency.alone(counting.db, request, timedelta(seconds=30)):
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
            counting.db["effects"].insert_one({})
            at_work[0] -= 1

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result()
    assert (most[0], counting.db["effects"].count_documents({})) == (1, 4)
    assert counting.db[idempotency.COLLECTION].count_documents({}) == 0


def test_whoever_dies_at_it_holds_the_others_up_for_no_longer_than_it_may_last(counting: Store) -> None:
    request, lasts = Request("london|k", "digest"), timedelta(seconds=0.3)
    dead = idempotency.alone(counting.db, request, lasts)
    dead.__enter__()
    with idempotency.alone(counting.db, request, lasts):
        counting.db["effects"].insert_one({})
    assert counting.db["effects"].count_documents({}) == 1


def test_work_that_fails_may_be_tried_again_at_once(counting: Store) -> None:
    request = Request("london|k", "digest")
    with pytest.raises(ZeroDivisionError), idempotency.alone(counting.db, request, timedelta(minutes=1)):
        raise ZeroDivisionError
    with idempotency.alone(counting.db, request, timedelta(minutes=1)):
        pass


# Signs of life and ages go by the real clock.


def moved(store: Store) -> Store:
    """The same store, for which the domain's clock is a year ahead."""
    return Store(store.client, store.db.name, lambda: utc_now() + timedelta(days=365))


def test_a_worker_is_alive_however_far_the_domains_clock_was_moved(counting: Store) -> None:
    counting.db["processes"].insert_one({"_id": "relay:london", "at": utc_now()})
    workers = Health(moved(counting), "127.0.0.1:1", ("relay:london",)).workers_now()
    assert workers["relay"].is_well


def test_what_waits_is_as_old_as_it_really_is(counting: Store) -> None:
    later = moved(counting)
    event = Envelope("E", "scheduling", "london", "membership.ended.v1", "A", 3, utc_now(), CAUSE, {})
    later.run("london", CAUSE, lambda unit: parking.park(unit, event, parking.GAP))
    text, _ = exposition(Gauges(Health(later, "127.0.0.1:1", ())))
    told = {line.partition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.decode().splitlines() if not line.startswith("#")}
    assert told['parked_events{reason="gap"}'] == 1
    assert told["outbox_oldest_unpublished_seconds"] < 60
    assert told["parked_oldest_seconds"] < 60


def test_collections_and_indexes_are_made_as_often_as_one_likes(store: Store) -> None:
    for _ in range(2):
        indexes.ensure(store.db, "counters")
    assert set(store.db.list_collection_names()) >= {*indexes.COLLECTIONS, "counters"}
    store.db[outbox.COLLECTION].insert_one({"family": "f", "subject": "s", "sequence": 1})
    with pytest.raises(DuplicateKeyError):
        store.db[outbox.COLLECTION].insert_one({"family": "f", "subject": "s", "sequence": 1})
