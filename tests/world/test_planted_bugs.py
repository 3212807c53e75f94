"""The histories are looked at as a test of us: each bug that is planted must be found, by an invariant that it breaks."""

import pytest

from world.bugs import BUGS
from world.history import HistoryFailed, history
from world.watch import Broken

ENOUGH = 300  # seeds


@pytest.mark.parametrize("name", sorted(BUGS))
def test_a_planted_bug_is_found(name, monkeypatch):
    bug = BUGS[name]
    with monkeypatch.context() as planted:
        bug.plant(planted)
        seed, why = _first_failure()
    assert (why.invariant if isinstance(why, Broken) else type(why).__name__) in bug.breaks
    history(seed)  # and without the bug, the same history is as it should be


def _first_failure():
    for seed in range(ENOUGH):
        try:
            history(seed)
        except HistoryFailed as failed:
            return seed, failed.why
    pytest.fail(f"not found in {ENOUGH} histories")
