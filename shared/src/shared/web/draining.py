"""An API that is told to stop says so at /readyz first, so that nobody sends it more; then it stops.

gunicorn drops what waits in its backlog when it gets SIGTERM, hence the pause. The flag is memory that gunicorn's master, which
gets the signal, shares with its worker, which answers.
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
