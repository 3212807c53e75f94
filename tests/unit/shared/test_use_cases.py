"""How a use case gets its Work, and what happens when others change what it has read."""

from dataclasses import dataclass

import pytest

from shared.errors import Stale
from shared.events.tracing import Cause
from shared.store.transactions import TRIES
from shared.store.unit import Unit
from shared.store.use_cases import TwoSteps, UseCases
from support.fake_store import NOW, FakeStore

CAUSE = Cause("c", "c", "t")


@dataclass(frozen=True, slots=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True)
class NoteWork:
    unit: Unit

    def write(self, text: str) -> None:
        self.unit.db["effects"].insert_one({"_id": text})


@dataclass(frozen=True, slots=True)
class CountWork:
    unit: Unit

    @property
    def is_in_transaction(self) -> bool:
        return self.unit.session is not None


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def use_cases(store):
    return UseCases(store, {NoteWork: NoteWork, CountWork: CountWork})


def effects(store):
    return list(store.db["effects"].rows)


def note(command: Note, work: NoteWork) -> str:
    work.write(command.text)
    return f"{command.text} at {work.unit.hub}, {work.unit.now:%H:%M}"


def test_a_use_case_gets_the_work_that_its_signature_asks_for(use_cases, store):
    assert use_cases.run(note, Note("one"), "london", CAUSE) == f"one at london, {NOW:%H:%M}"
    assert effects(store) == ["one"]


def test_one_that_asks_for_a_work_that_nobody_makes_is_named():
    with pytest.raises(KeyError, match="NoteWork"):
        UseCases(FakeStore(), {}).run(note, Note("one"), "london", CAUSE)


def test_one_that_only_reads_is_in_no_transaction(use_cases, store):
    def looks(_query: Note, work: CountWork) -> bool:
        return work.is_in_transaction

    assert use_cases.read(looks, Note("?"), "london", CAUSE) is False
    assert use_cases.run(looks, Note("?"), "london", CAUSE) is True
    assert (store.reads, store.transactions) == (1, 1)


def test_one_runs_within_a_unit_that_is_open_already(use_cases, store):
    store.run("wales", CAUSE, lambda unit: use_cases.within(unit, note, Note("one")))
    assert (effects(store), store.transactions) == (["one"], 1)


def test_what_others_changed_is_read_and_decided_anew(use_cases, store):
    tries = []

    def contended(command: Note, work: NoteWork) -> int:
        work.write(command.text)
        tries.append(1)
        if len(tries) < 3:
            raise Stale("somebody was quicker")
        return len(tries)

    assert use_cases.run(contended, Note("one"), "london", CAUSE) == 3
    assert effects(store) == ["one"], "what was written in vain is not kept"


def test_what_goes_wrong_is_not_tried_again(use_cases, store):
    def fails(_command: Note, work: NoteWork) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use_cases.run(fails, Note("one"), "london", CAUSE)
    assert store.transactions == 1


class Steps:
    """A use case of two steps whose `decide` finds `stale` times that what was prepared no longer fits."""

    def __init__(self, stale=0):
        self.stale, self.prepared, self.decided = stale, [], []

    def use_case(self):
        def prepare(command: Note, work: CountWork) -> str:
            assert not work.is_in_transaction, "something remote never happens inside a transaction"
            self.prepared.append(command.text)
            return f"sealed {len(self.prepared)}"

        def decide(command: Note, prepared: str, work: NoteWork) -> str:
            assert work.unit.session is not None
            work.write(f"{command.text}, {prepared}")
            self.decided.append(prepared)
            if len(self.decided) <= self.stale:
                raise Stale("it no longer fits")
            return prepared

        return TwoSteps(prepare, decide)


def test_something_remote_is_prepared_outside_the_transaction_that_decides(use_cases, store):
    steps = Steps()
    assert use_cases.run(steps.use_case(), Note("one"), "london", CAUSE) == "sealed 1"
    assert effects(store) == ["one, sealed 1"]


def test_what_was_prepared_and_no_longer_fits_is_prepared_anew(use_cases, store):
    steps = Steps(stale=2)
    assert use_cases.run(steps.use_case(), Note("one"), "london", CAUSE) == "sealed 3"
    assert steps.decided == ["sealed 1", "sealed 2", "sealed 3"], "never decided twice on the same"
    assert effects(store) == ["one, sealed 3"]


def test_both_are_given_up_after_some_tries_and_nothing_is_kept(use_cases, store):
    steps = Steps(stale=100)
    with pytest.raises(Stale):
        use_cases.run(steps.use_case(), Note("one"), "london", CAUSE)
    assert len(steps.prepared) == len(steps.decided) == TRIES
    assert effects(store) == []


@pytest.mark.parametrize("use_case", [note, Steps().use_case()], ids=["in one step", "in two"])
def test_what_is_wrapped_round_a_use_case_may_answer_without_deciding(use_cases, store, use_case):
    assert use_cases.around(use_case, Note("one"), "london", CAUSE, lambda _unit, _decide: "as before") == "as before"
    assert effects(store) == []


@pytest.mark.parametrize("use_case", [note, Steps().use_case()], ids=["in one step", "in two"])
def test_what_is_wrapped_round_a_use_case_shares_its_transaction(use_cases, store, use_case):
    def wrap(unit, decide):
        unit.db["effects"].insert_one({"_id": "before"})
        decide()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use_cases.around(use_case, Note("one"), "london", CAUSE, wrap)
    assert effects(store) == []
