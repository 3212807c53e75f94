import re

import pytest

from shared.events.tracing import Cause, new_cause

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FORM = r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"


def test_a_request_that_brings_a_trace_goes_on_in_it():
    assert new_cause("Q-1", GIVEN) == Cause("Q-1", "Q-1", GIVEN)


MALFORMED = [None, "", "trace", GIVEN.upper(), GIVEN[:-1], f"{GIVEN}\n", f"{GIVEN}-x", f"01{GIVEN[2:]}", GIVEN.replace("-", "")]


@pytest.mark.parametrize("given", MALFORMED)
def test_a_trace_that_is_none_is_replaced_by_a_new_one(given):
    begun = new_cause("Q-1", given)
    assert re.fullmatch(FORM, begun.traceparent)
    assert (begun.correlation, begun.causation) == ("Q-1", "Q-1")


def test_two_requests_are_never_one_trace():
    assert len({new_cause("Q-1").traceparent for _ in range(100)}) == 100
