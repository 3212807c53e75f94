"""On SIGTERM an API first fails /readyz, so that no more requests are routed to it; then it stops.

gunicorn drops the requests in its backlog on SIGTERM, hence the pause. The flag is memory that gunicorn's master, which
receives the signal, shares with its worker, which answers requests.
"""

import mmap
import signal
from collections.abc import Callable
from threading import Timer
from types import FrameType
from typing import Any

_FLAG = mmap.mmap(-1, 1)


def is_draining() -> bool:
    return _FLAG[0] == 1


def drain_on_sigterm(seconds: float) -> None:
    """Called in the master once gunicorn has set its own handlers: SIGTERM reaches them `seconds` after readiness has failed."""
    stop: Any = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, _draining(seconds, stop))


def _draining(seconds: float, stop: Callable[[int, FrameType | None], object]) -> Callable[[int, FrameType | None], None]:
    def begin(number: int, frame: FrameType | None) -> None:
        if not is_draining():
            _FLAG[0] = 1
            pause = Timer(seconds, lambda: stop(number, frame))
            pause.daemon = True
            pause.start()

    return begin
