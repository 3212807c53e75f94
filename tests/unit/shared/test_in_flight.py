"""Several things at once: shared/process/in_flight.py."""

from threading import Barrier

import pytest

from shared.process.in_flight import in_flight


@pytest.mark.parametrize("most", [1, 3])
def test_the_results_come_in_the_order_of_what_was_given(most):
    assert list(in_flight(most, "test")(lambda number: number * 2, range(9))) == list(range(0, 18, 2))


def test_as_many_are_under_way_at_once_as_were_asked_for():
    together = Barrier(3)
    assert list(in_flight(3, "test")(lambda _number: together.wait(10) >= 0, range(3))) == [True] * 3


def test_what_one_raises_keeps_no_other_from_being_done():
    done = []

    def fail_on_the_first(number):
        if number == 0:
            raise ZeroDivisionError
        done.append(number)

    with pytest.raises(ZeroDivisionError):
        in_flight(2, "test")(fail_on_the_first, range(6))
    assert sorted(done) == [1, 2, 3, 4, 5]
