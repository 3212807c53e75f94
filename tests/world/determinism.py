"""What would differ from one run to the next: the clock, and ids that are made of it and of chance."""

import random
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from types import ModuleType
from typing import Any

import shared.ids
from shared.process import clock
from world.clock import WorldClock

OURS = ("shared", "referral", "scheduling", "notifications")


@contextmanager
def determined(world_clock: WorldClock) -> Iterator[None]:
    """Within it all our modules see this clock, and ids count up."""
    numbers = count(1)
    with (
        replaced("utc_now", clock.utc_now, world_clock.utc_now),
        replaced("ULID", shared.ids.ULID, lambda: f"{next(numbers):026d}"),
        replaced("secrets", secrets, SeededSecrets()),
    ):
        yield


class SeededSecrets:
    """The same in every history: nothing may depend on it."""

    def __init__(self) -> None:
        self._rng = random.Random("secrets")
        self.choice = self._rng.choice

    def token_hex(self, size: int) -> str:
        return self._rng.randbytes(size).hex()


@cache
def _modules(_how_many: int) -> list[ModuleType]:
    """Ours; looked for again only when others have been loaded."""
    return [each for each in list(sys.modules.values()) if each.__name__.partition(".")[0] in OURS]


@contextmanager
def replaced(name: str, original: Any, by: Any) -> Iterator[None]:
    """Wherever one of our modules knows the original by this name."""
    changed = [module for module in _modules(len(sys.modules)) if vars(module).get(name) is original]
    for module in changed:
        setattr(module, name, by)
    try:
        yield
    finally:
        for module in changed:
            setattr(module, name, original)
