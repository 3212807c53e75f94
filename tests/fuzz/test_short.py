"""A short attack; `make fuzz` goes on for as long as one likes."""

import pytest
from fuzz.targets import attack

RUNS = {"decoder": 2000, "link": 3000, "sender": 60}


@pytest.mark.parametrize("target", sorted(RUNS))
def test_nothing_breaks_by_a_broken_value(target: str) -> None:
    for number in range(RUNS[target]):
        try:
            attack(target, number)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a find
            pytest.fail(f"attack {number} on the {target} succeeded: {error!r}", pytrace=True)
