"""One process at a time, in an order that a seed decides. At every operation on a store or the broker another may go on, or this one be
killed: its open transaction and all that it remembers are lost, and it starts anew.

Processes are greenlets: a switch costs less than a microsecond, and nothing but the seed decides what happens when.
"""

import hashlib
import random
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from greenlet import getcurrent, greenlet

from world.broker import Fate, Weather
from world.clock import WorldClock
from world.transactions import Changes, Faults

IDLE = (0.3, 4.0, 40.0)  # seconds that pass when nobody has anything to do; the last is longer than any lease or claim lasts
LONGEST = 60_000  # operations; a history that takes more goes in circles
HOUSEKEEPING = ("leases", "processes", "offsets")  # tables whose rows wake nobody


class Killed(BaseException):
    """kill -9, as far as it can be had inside a process."""


class GoesInCircles(AssertionError):
    """The processes never come to rest."""


class Crashed(AssertionError):
    """A process ended by an error that nobody handled."""


@dataclass(frozen=True, slots=True)
class Chances:
    """Of each thing that may go wrong, at each occasion; switch: that another process goes on."""

    switch: float = 0.5
    kill: float = 0.0
    lost_commit: float = 0.0
    failed_commit: float = 0.0
    record: float = 0.0
    short_poll: float = 0.0
    mail: float = 0.0
    arrive: float = 0.0


CALM = Chances(switch=0.3)


@dataclass(eq=False)
class Process:
    """main: from its start to its end, with all that it remembers.  waits_for: tags; None while it has something to do.
    is_actor: a person, whose requests go to processes of their own; done at the end of the story."""

    name: str
    main: Callable[[], None]
    is_actor: bool = False
    running: greenlet | None = None
    waits_for: frozenset[str] | None = None
    is_done: bool = False
    is_dying: bool = False
    error: str = ""


@dataclass(eq=False)
class Scheduler(Faults, Weather):
    """Stands behind the store and the broker, which tell it of every operation."""

    rng: random.Random
    clock: WorldClock
    chances: Chances = CALM
    processes: list[Process] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    watchers: list[Callable[[Changes], None]] = field(default_factory=list)
    happened: int = 0
    operations: int = 0
    kills: int = 0
    parked: int = 0
    broken: AssertionError | None = None
    arrive: Callable[[], None] = lambda: None  # what is late on its way to the broker arrives
    _current: Process | None = None
    _main: greenlet = field(default_factory=getcurrent)

    def add(self, name: str, main: Callable[[], None], *, is_actor: bool = False) -> None:
        self.processes.append(Process(name, main, is_actor))

    @property
    def digest(self) -> str:
        """Two runs with the same one went the same way."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()[:16]

    # what processes ask for

    def sleep(self, *tags: str) -> None:
        """Until one of the tags is called, or real time has passed."""
        if self._current and not self._current.is_dying:
            self._current.waits_for = frozenset((*tags, "real"))
            self._switch()

    def wake(self, tag: str) -> None:
        for process in self.processes:
            if process.waits_for is not None and tag in process.waits_for:
                process.waits_for = None

    def point(self, what: str) -> None:
        """Something is about to happen: another may go on first."""
        if self._current is None:
            return
        if self._current.is_dying:
            raise Killed
        self.operations += 1
        self.trace.append(f"{self._current.name} {what}")
        if self.rng.random() < self.chances.switch:
            self._switch()

    def _switch(self) -> None:
        self._main.switch()

    # what goes wrong

    def before(self, operation: str, table: str) -> None:
        self.point(f"{operation} {table}")

    def blocked(self, table: str) -> None:
        if self._current is None:
            super().blocked(table)
        self.trace.append(f"blocked {table}")
        self._switch()

    def of_commit(self) -> str:
        if self._current is None:
            return ""
        dice = self.rng.random()
        if dice < self.chances.lost_commit:
            return "lost"
        return "failed" if dice < self.chances.lost_commit + self.chances.failed_commit else ""

    def committed(self, changes: Changes) -> None:
        names = {table for table, _ in changes.rows if not table.endswith(HOUSEKEEPING)}
        self.happened += bool(names)
        self.parked += any(table.endswith("parked_events") for table in names)
        for table in sorted(names):
            self.wake(table)
        for watch in self.watchers:
            try:
                watch(changes)
            except AssertionError as broken:  # raised by `run`: the process that did it might set it aside
                self.broken = self.broken or broken

    def of_record(self) -> Fate:
        if self._current is None or self.rng.random() >= self.chances.record:
            return "kept"
        return self.rng.choice(("lost", "unheard", "late", "twice", "twice"))

    def of_poll(self, available: int) -> int:
        return self.rng.randint(1, available) if self.rng.random() < self.chances.short_poll else available

    def appended(self, topic: str) -> None:
        self.happened += 1
        self.wake(f"topic:{topic}")

    def nothing_to_read(self, topics: Iterable[str]) -> None:
        self.sleep(*(f"topic:{topic}" for topic in topics))

    # the loop

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Until that is so, or until nothing happens any more. Raises GoesInCircles, Crashed."""
        quiet_at, most = -1, self.operations + LONGEST
        while not until():
            ready = [each for each in self.processes if each.waits_for is None and not each.is_done]
            if ready:
                self._go_on(self.rng.choice(ready))
            elif quiet_at == self.happened:
                return
            else:
                quiet_at = self._idle()
            if self.operations > most:
                raise GoesInCircles(f"after {LONGEST} operations: {self.trace[-12:]}")

    def _idle(self) -> int:
        """Time passes. After the longest wait it is quiet, if what had happened before it is all that will have happened."""
        seconds = IDLE[-1] if self.chances is CALM else self.rng.choice(IDLE)
        self.clock.wait(timedelta(seconds=seconds))
        self.arrive()
        self.wake("real")
        return self.happened if seconds == IDLE[-1] else -1

    def _go_on(self, process: Process) -> None:
        if self.rng.random() < self.chances.arrive:
            self.arrive()
        if process.running is not None and self.rng.random() < self.chances.kill:
            self.kill(process)
            return
        if process.running is None:
            process.running = greenlet(lambda: self._life(process), self._main)
        self._current = process
        process.running.switch()
        self._current = None
        if self.broken:
            raise self.broken
        if process.error:
            raise Crashed(f"{process.name}: {process.error}")

    def _life(self, process: Process) -> None:
        try:
            process.main()
        except Killed:
            return
        except Exception:  # noqa: BLE001 - told to whoever runs the history
            process.error = traceback.format_exc()
        process.is_done = True

    def kill(self, process: Process) -> None:
        """Its cleaning up does nothing: whatever it asks of store or broker kills it again."""
        self.trace.append(f"kill {process.name}")
        self.kills += 1
        if process.running is not None:
            process.is_dying, self._current = True, process
            process.running.throw(Killed)
            process.is_dying, self._current = False, None
        process.running, process.waits_for = None, None


def stop_all(scheduler: Scheduler) -> None:
    """At the end of a history: no greenlet is left hanging in the middle of something."""
    for process in scheduler.processes:
        if process.running is not None and not process.running.dead:
            scheduler.kill(process)
