"""Clients that stop half-way, and programs that are stopped for a while."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from embedded.stack import Stack

DEADLINE = 5  # seconds, as REQUEST_SECONDS
ANSWERED_WITHIN = 2 * DEADLINE  # the deadline, and as much again for a busy machine


@contextmanager
def connected(url: str, sent: bytes, clients: int = 1) -> Iterator[list[socket.socket]]:
    """Clients that have each sent the same bytes, and wait."""
    place = urlsplit(url)
    with ExitStack() as connections:
        made = [connections.enter_context(socket.create_connection((place.hostname, place.port), 20)) for _ in range(clients)]
        for each in made:
            each.sendall(sent)
        yield made


def received(client: socket.socket) -> str:
    """All that the service sends until it closes the connection; fails if it does not close it in time."""
    client.settimeout(ANSWERED_WITHIN)
    return b"".join(iter(lambda: client.recv(65536), b"")).decode()


@contextmanager
def stopped(stack: Stack, program: str) -> Iterator[None]:
    """A program that answers nothing and closes nothing, as on a machine that hangs (SIGSTOP)."""
    pid = stack.supervisor.pids()[program]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
