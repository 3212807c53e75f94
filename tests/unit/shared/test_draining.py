"""What an API does when it is told to stop: first it says so, then it stops."""

import os
import signal
import threading

import pytest

from shared.web import draining


@pytest.fixture
def stopped():
    """Set once the handler that was there before is reached; signals and flag are as before afterwards."""
    reached, before = threading.Event(), signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: reached.set())
    yield reached
    signal.signal(signal.SIGTERM, before)
    draining._FLAG[0] = 0


def test_readiness_fails_before_the_server_is_told(stopped):
    draining.drain_on_sigterm(0.3)
    assert not draining.is_draining()
    os.kill(os.getpid(), signal.SIGTERM)
    assert draining.is_draining()
    assert not stopped.is_set()
    assert stopped.wait(5)


def test_told_twice_it_stops_once_and_in_its_time(stopped):
    draining.drain_on_sigterm(0.2)
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGTERM)
    assert not stopped.is_set()
    assert stopped.wait(5)
