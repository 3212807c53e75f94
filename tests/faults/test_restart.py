"""A consumer that is killed on a busy machine is back at work within seconds. `benchmarks/restarts.py` does it a hundred times."""

import pytest
from restarts import WITHIN, Consumers, busy, restart

from embedded.stack import Stack


@pytest.mark.parametrize("service", ["referral", "scheduling", "notifications"])
def test_a_killed_consumer_is_back_at_work_in_time(stack: Stack, service: str) -> None:
    consumers = Consumers(stack, "all", ("london", "north-west"))
    with busy(2):
        took = [restart(consumers, service, forgotten=forgotten) for forgotten in (False, True, True)]
    assert max(took) < 2 * WITHIN, "twice what the benchmark allows, for this machine does other work beside"
