"""The duties of every long-running process besides its loop: to stop on a signal, and to send heartbeats."""

import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from types import FrameType

from pymongo.database import Database

from shared.errors import Retryable
from shared.process.clock import Clock
from shared.process.logs import log
from shared.store.mongo import Doc, is_away, unwaited

BEATS = "processes"


class Stop:
    """Set by SIGTERM or SIGINT; a loop checks it between two pieces of work, and so finishes the current one."""

    def __init__(self) -> None:
        self._told = Event()

    def on_signals(self) -> "Stop":
        signal.signal(signal.SIGTERM, self._tell)
        signal.signal(signal.SIGINT, self._tell)
        return self

    def __bool__(self) -> bool:
        return self.is_told()

    def is_told(self) -> bool:
        return self._told.is_set()

    def tell(self) -> None:
        self._told.set()

    def wait(self, seconds: float) -> None:
        self._told.wait(seconds)

    def _tell(self, _signal: int, _frame: FrameType | None) -> None:
        self.tell()


MOST_STARTS = 5  # of which the times are kept


class Heartbeat:
    """A process's row in `processes`, renewed at most once a second: `/workersz` and the metrics read its age, and how often the process
    has started. `file`, if given, is touched for the container's health check. `also` is called with each beat."""

    def __init__(
        self, db: Database[Doc], name: str, clock: Clock, file: Path | None = None, also: Callable[[], None] = lambda: None
    ) -> None:
        self._db, self._name, self._clock, self._file, self._also, self._next = db, name, clock, file, also, 0.0
        self._is_first = True

    def beat(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 1
            unwaited(self._db, BEATS).update_one({"_id": self._name}, self._sign_of_life(), upsert=True)
            self._is_first = False
            if self._file:
                self._file.touch()
            self._also()

    def _sign_of_life(self) -> Doc:
        now = self._clock()
        start = {"$push": {"starts": {"$each": [now], "$slice": -MOST_STARTS}}, "$inc": {"started": 1}}
        return {"$set": {"at": now}} | (start if self._is_first else {})


@dataclass(frozen=True, slots=True)
class Life:
    """A process's last heartbeat, the times of its last MOST_STARTS starts, and the number of all."""

    at: datetime
    starts: Sequence[datetime]
    started: int


def lives(db: Database[Doc]) -> dict[str, Life]:
    """Of each process that ever had a heartbeat, by its name."""
    rows = unwaited(db, BEATS).find()
    return {row["_id"]: Life(row["at"], tuple(row.get("starts", ())), row.get("started", 0)) for row in rows}


def repeat(step: Callable[[], None], stop: Stop, name: str) -> None:
    """Call `step` until told to stop. While the store or broker is unavailable: back off and retry, for ever.

    Any other error from `step` ends the process, which its supervisor restarts.
    """
    failures = 0
    while not stop:
        try:
            step()
            failures = 0
        except Exception as error:
            if not (isinstance(error, Retryable) or is_away(error)):
                raise
            failures += 1
            log().warning("away", process=name, error=type(error).__name__, detail=str(error)[:200], failures=failures)
            stop.wait(backoff(failures))


def backoff(failures: int) -> float:
    """Seconds before the next try: doubling from 0.1 s up to 5 s, with full jitter.

    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    return random.uniform(0.05, min(5.0, 0.1 * 2 ** min(failures, 10)))  # noqa: S311 - spreads load, guards nothing
