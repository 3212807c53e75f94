"""One history: a story under faults, then calm until nothing happens any more, then what must be true."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from world.clock import WorldClock
from world.determinism import determined
from world.invariants import check
from world.runtime import World
from world.scheduler import CALM, Chances, Crashed, GoesInCircles, Scheduler, stop_all
from world.services import NOTIFICATIONS, REFERRAL, SCHEDULING, Wired, with_two_matchers
from world.story import Story
from world.watch import Broken, Watch

STEPS = 20
PUT_OFF = timedelta(minutes=70)  # longer than a message waits for its next try


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a history. digest: of every step."""

    seed: int
    digest: str
    operations: int
    kills: int
    parked: int
    offers: int
    taken: int
    mails: int


class HistoryFailed(AssertionError):
    """What was broken, in which history, and how to see it again."""

    def __init__(self, seed: int, why: AssertionError) -> None:
        self.why = why
        super().__init__(f"{why}\n\nThe same history again: SEED={seed} make test ARGS=tests/world/test_histories.py")


def history(seed: int, steps: int = STEPS) -> Told:
    """Raises HistoryFailed."""
    rng = random.Random(f"history {seed}")
    clock = WorldClock()
    scheduler = Scheduler(rng, clock)
    world = World(scheduler, clock)
    with determined(clock):
        try:
            _tell(world, rng, steps)
        except (Broken, Crashed, GoesInCircles) as why:
            raise HistoryFailed(seed, why) from why
        finally:
            stop_all(scheduler)
    return _summed_up(seed, world)


def _summed_up(seed: int, world: World) -> Told:
    scheduler, tables = world.scheduler, world.server.tables
    memberships = [row.doc for row in tables["scheduling.memberships"].values() if row.doc["deadline"]]
    taken = sum(any(step["state"] == "taken" for step in each["history"]) for each in memberships)
    counts = (scheduler.operations, scheduler.kills, scheduler.parked, len(memberships), taken, len(world.mail.dots))
    return Told(seed, scheduler.digest, *counts)


def _tell(world: World, rng: random.Random, steps: int) -> None:
    scheduler = world.scheduler
    story = Story(world, rng, steps)
    _start(world, _wired(rng))
    scheduler.watchers.append(Watch(world))
    story.begin()
    scheduler.run()
    for name, act in story.actors().items():
        scheduler.add(name, act, is_actor=True)
    scheduler.chances = _chances(rng)
    scheduler.run(until=lambda: all(each.is_done for each in scheduler.processes if each.is_actor))
    _heal(world)
    check(world)


def _heal(world: World) -> None:
    """Nothing goes wrong any more, what was on its way arrives, and everybody works until nothing is left."""
    world.scheduler.chances = CALM
    for _ in range(2):
        world.clock.move(PUT_OFF)
        for process in world.scheduler.processes:
            process.waits_for = None
        world.scheduler.run()


def _wired(rng: random.Random) -> Mapping[str, Wired]:
    scheduling = SCHEDULING if rng.random() < 0.6 else with_two_matchers(SCHEDULING)
    services = {"scheduling": scheduling, "referral": REFERRAL, "notifications": NOTIFICATIONS}
    return {name: replace(service, consumers=rng.choice((1, 1, 2))) for name, service in services.items()}


def _start(world: World, wired: Mapping[str, Wired]) -> None:
    for name, service in wired.items():
        service.build(world).ensure()
        for process, start in service.starts().items():
            world.scheduler.add(f"{name}.{process}", partial(start, world))


def _chances(rng: random.Random) -> Chances:
    """Some histories are gentle and some are not: what one hides, another shows."""
    rough = Chances(
        switch=rng.choice((0.1, 0.5, 1.0)),
        kill=rng.choice((0.0, 0.005, 0.02)),
        lost_commit=rng.choice((0.0, 0.03)),
        failed_commit=rng.choice((0.0, 0.05)),
        record=rng.choice((0.0, 0.2, 0.6)),
        short_poll=rng.choice((0.0, 0.7)),
        arrive=rng.choice((0.001, 0.01)),
        mail=rng.choice((0.0, 0.2)),
    )
    return rough if rng.random() < 0.9 else replace(CALM, switch=1.0)
