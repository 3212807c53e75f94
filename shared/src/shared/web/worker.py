"""gunicorn's ASGI worker, with what it lacks in 27.0: a deadline for the headers of a connection's first request, and a stop
that idle connections do not delay. tests/faults/test_slow_clients.py fails when either no longer works."""

from asyncio import Transport
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

HEADERS_WITHIN = 5.0  # seconds; for later requests on a connection it is gunicorn's `keepalive`


class Connection(ASGIProtocol):
    """One client's connection."""

    def connection_made(self, transport: Transport) -> None:
        super().connection_made(transport)
        self.worker.open.add(self)
        self._keepalive_handle = self.worker.loop.call_later(HEADERS_WITHIN, self._keepalive_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        self.worker.open.discard(self)
        super().connection_lost(exc)

    def close_if_idle(self) -> None:
        """Close it unless a request on it is being answered."""
        if self._awaiting_request:
            self._keepalive_timeout()


class Worker(gasgi.ASGIWorker):
    """The worker class of deploy/gunicorn.conf.py."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open: set[Connection] = set()

    def handle_exit_signal(self) -> None:
        super().handle_exit_signal()
        for connection in tuple(self.open):
            connection.close_if_idle()


gasgi.ASGIProtocol = Connection  # the name that gunicorn's worker makes its connections with
