"""What was acknowledged right before a store or Kafka was killed happens, once. `make faults` does it for longer, to every process."""

import os
import signal

import pytest

from embedded.stack import Stack
from support.hub import Hub, eventually, person


@pytest.mark.parametrize("target", ["kafka", "store-referral", "store-scheduling", "store-notifications", "store-vault"])
def test_what_was_acknowledged_right_before_a_kill_happens_once(hub: Hub, stack: Stack, target: str) -> None:
    hub.group()
    body = person()
    killed = stack.supervisor.pids()[target]
    referred = hub.refer_and_accept(body)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: stack.supervisor.pids().get(target, killed) != killed)
    eventually(lambda: hub.mails(body["person"]["email"]), 60)
    hub.until(referred["referral"], "offered", 60)
    ids = [mail["Message-ID"] for mail in hub.mails(body["person"]["email"])]
    assert len(ids) == len(set(ids))
