"""Two who change the same at once, and what a real store says to the loser; and the change stream that wakes a waiting process."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pymongo
import pytest
from pymongo.errors import DocumentTooLarge, OperationFailure

from embedded.stack import Stack
from shared.errors import Retryable, Stale
from shared.events.tracing import Cause
from shared.store.documents import Repository
from shared.store.mongo import Wakeup, connect, is_away
from shared.store.transactions import Store
from shared.store.unit import Unit
from support.hub import eventually

CAUSE = Cause("c", "c", "t")
MEGABYTE = 1024 * 1024


@dataclass(slots=True)
class Note:
    id: str
    hub: str
    text: str = ""
    version: int = 0


def notes(unit: Unit) -> Repository[Note]:
    return Repository(unit, "notes", Note)


def note(unit: Unit) -> Note:
    found = notes(unit).get("N")
    assert found is not None
    return found


def add(unit: Unit, text: str) -> None:
    changed = note(unit)
    changed.text += text
    notes(unit).save(changed)


@pytest.fixture
def keeping(store: Store) -> Store:
    """A store that keeps one note."""
    store.run("london", CAUSE, lambda unit: notes(unit).save(Note("N", "london")))
    return store


@pytest.fixture
def somebody_else(stack: Stack, keeping: Store) -> Iterator[Store]:
    """The same database, from another process's point of view."""
    with connect(stack.place.store("referral"), timeout_ms=10_000) as client:
        yield Store(client, keeping.db.name)


def text(store: Store) -> str:
    return store.read("london", CAUSE, note).text


def test_who_comes_second_while_the_first_has_not_committed_is_refused_by_a_label_that_is_safe_to_retry(keeping: Store) -> None:
    with keeping.client.start_session() as first, keeping.client.start_session() as second:
        first.start_transaction()
        second.start_transaction()
        keeping.db["notes"].update_one({"_id": "N"}, {"$set": {"text": "first"}}, session=first)
        with pytest.raises(OperationFailure) as refused:
            keeping.db["notes"].update_one({"_id": "N"}, {"$set": {"text": "second"}}, session=second)
        assert refused.value.code == 112, "WriteConflict"
        assert refused.value.has_error_label("TransientTransactionError")
        assert is_away(refused.value)


def test_the_loser_is_run_again_on_what_the_winner_has_left(keeping: Store, somebody_else: Store) -> None:
    runs = []

    def slow(unit: Unit) -> None:
        note(unit)  # its snapshot is taken: what follows is not in it
        if not runs:
            somebody_else.run("london", CAUSE, lambda other: add(other, "first "))
        runs.append(text(keeping))
        add(unit, "second")

    keeping.run("london", CAUSE, slow)
    assert text(keeping) == "first second"
    assert len(runs) == 2


def test_a_loser_whose_patience_ends_first_may_try_again_later_and_has_kept_nothing(keeping: Store, somebody_else: Store) -> None:
    with keeping.client.start_session() as session, session.start_transaction():
        keeping.db["notes"].update_one({"_id": "N"}, {"$set": {"text": "first"}}, session=session)
        with pytest.raises(Retryable), pymongo.timeout(1):
            somebody_else.run("london", CAUSE, lambda unit: add(unit, "second"))
    assert text(keeping) == "first"


def test_what_was_read_before_the_transaction_and_changed_meanwhile_is_stale(keeping: Store, somebody_else: Store) -> None:
    read = keeping.read("london", CAUSE, note)
    somebody_else.run("london", CAUSE, lambda unit: add(unit, "first"))
    with pytest.raises(Stale):
        keeping.run("london", CAUSE, lambda unit: notes(unit).save(read), tries=1)
    assert text(keeping) == "first"


def test_a_transaction_that_the_store_has_given_up_is_run_again_and_kept_once(keeping: Store) -> None:
    runs = []

    def interrupted(unit: Unit) -> None:
        if not runs:
            note(unit)
            assert unit.session is not None
            keeping.client.admin.command("killSessions", [unit.session.session_id])
        runs.append("run")
        add(unit, "once")

    keeping.run("london", CAUSE, interrupted)
    assert text(keeping) == "once"
    assert len(runs) == 2


def test_a_transaction_may_hold_more_than_the_sixteen_megabytes_of_a_document(keeping: Store) -> None:
    def many(unit: Unit) -> None:
        for number in range(20):
            notes(unit).save(Note(f"L{number}", "london", "x" * MEGABYTE))

    keeping.run("london", CAUSE, many)
    assert keeping.db["notes"].count_documents({"_id": {"$ne": "N"}}) == 20


def test_a_document_beyond_the_limit_is_refused_for_good_and_nothing_with_it_is_kept(keeping: Store) -> None:
    def too_large(unit: Unit) -> None:
        add(unit, "kept?")
        notes(unit).save(Note("L", "london", "x" * 17 * MEGABYTE))

    with pytest.raises(DocumentTooLarge):
        keeping.run("london", CAUSE, too_large)
    assert text(keeping) == ""


@pytest.fixture
def bell(stack: Stack, keeping: Store) -> Wakeup:
    """It listens for new notes, and is quiet."""
    listening = Wakeup(stack.place.store("referral"), keeping.db.name, ["notes"])

    def has_rung() -> bool:
        keeping.db["notes"].insert_one({"hub": "london"})
        return listening._rang.wait(0.2)

    eventually(has_rung)
    eventually(lambda: not rings_within(listening, 0.5))
    return listening


def rings_within(bell: Wakeup, seconds: float) -> bool:
    began = time.monotonic()
    bell.wait(seconds)
    return time.monotonic() - began < seconds


def test_an_insert_wakes_whoever_waits(bell: Wakeup, keeping: Store) -> None:
    insert = threading.Timer(0.2, lambda: keeping.run("london", CAUSE, lambda unit: notes(unit).save(Note("new", "london"))))
    insert.start()
    assert rings_within(bell, 10)
    insert.join()


def test_a_change_or_an_insert_that_is_taken_back_wakes_nobody(bell: Wakeup, keeping: Store) -> None:
    def taken_back(unit: Unit) -> None:
        notes(unit).save(Note("new", "london"))
        raise ZeroDivisionError

    keeping.run("london", CAUSE, lambda unit: add(unit, "changed"))
    with pytest.raises(ZeroDivisionError):
        keeping.run("london", CAUSE, taken_back)
    assert not rings_within(bell, 1)
