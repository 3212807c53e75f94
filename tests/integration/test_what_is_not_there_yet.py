"""A broker that is not there yet, a store that is no replica set: said in a line, tried again, and at work once the cause is gone."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pymongo.errors import OperationFailure

from embedded import programs
from embedded.stack import Stack
from shared.errors import NoReplicaSet, Retryable
from shared.store.transactions import Store
from support.hub import eventually


def start(stack: Stack, process: str, **changes: str) -> "subprocess.Popen[str]":
    settings = programs.bare_environment() | programs.environment("scheduling", stack.place) | changes
    return subprocess.Popen([sys.executable, "-m", "scheduling", process], env=settings, stdout=subprocess.PIPE, text=True)


def until_it_says(process: "subprocess.Popen[str]", event: str) -> dict[str, str]:
    """The first line of its log with that event; the clients' own lines come between."""
    assert process.stdout is not None
    said = (json.loads(line) for line in process.stdout)
    found: dict[str, str] = next(line for line in said if line["event"] == event)
    return found


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_while_there_is_no_broker_the_init_step_says_so_and_goes_on_when_there_is(stack: Stack) -> None:
    port = free_port()
    waiting = start(stack, "indexes", KAFKA=f"127.0.0.1:{port}")
    said = until_it_says(waiting, "away")
    assert said["process"] == "indexes"
    assert f"no broker answers at 127.0.0.1:{port}" in said["detail"]
    with forwarding(port, stack.place.kafka):
        assert waiting.wait(40) == 0


class forwarding:  # noqa: N801 - reads as a sentence
    """The broker comes up at a port: what connects there reaches the real one."""

    def __init__(self, port: int, address: str) -> None:
        self._command = [sys.executable, "-c", FORWARD, str(port), *address.split(":")]

    def __enter__(self) -> None:
        self._process = subprocess.Popen(self._command)

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


FORWARD = """
import asyncio, sys
async def pipe(source, sink):
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.close()
async def serve(reader, writer):
    inside = await asyncio.open_connection(sys.argv[2], int(sys.argv[3]))
    await asyncio.gather(pipe(reader, inside[1]), pipe(inside[0], writer))
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1])) as server:
        await server.serve_forever()
asyncio.run(main())
"""


def test_an_init_step_that_is_told_to_stop_before_it_is_done_does_not_say_that_it_was(stack: Stack) -> None:
    waiting = start(stack, "indexes", KAFKA=f"127.0.0.1:{free_port()}")
    until_it_says(waiting, "away")
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait(15) != 0


def test_a_store_that_is_no_replica_set_is_named_with_its_cure_and_tried_again(store: Store) -> None:
    def alone(_open_unit: object) -> None:
        raise OperationFailure("Transaction numbers are only allowed on a replica set member or mongos", 20)

    with pytest.raises(NoReplicaSet, match=r"start mongod with --replSet, then run rs.initiate\(\)") as refused:
        store.transact(alone)
    assert isinstance(refused.value, Retryable), "whoever loops tries again, an API answers 503"


@pytest.mark.parametrize("process", ["consumer", "relay", "timers"])
def test_a_worker_that_is_told_to_stop_ends_by_itself_and_well(stack: Stack, process: str, tmp_path: Path) -> None:
    hubs = ",".join(list(stack.hubs)[-1:])
    worker = start(stack, process, WORKER=f"stopping-{os.getpid()}", HUBS=hubs, BEAT_FILE=str(tmp_path / "beat"))
    eventually((tmp_path / "beat").exists, 30)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
