"""`make run`: starts the stack, feeds the examples, shows the events, and prints the next steps."""

import shutil
import threading
from pathlib import Path

from rich.console import Console

from embedded.feed import Fed
from embedded.next_steps import next_steps
from embedded.stack import Stack
from embedded.stories import Stories
from embedded.timeline import Timeline

MB = 1024 * 1024
NEEDED_SPACE = 500 * MB
NEEDED_AT_FIRST = NEEDED_SPACE + 4 * 310 * MB  # a new MongoDB store allocates its journal's space in advance


class DiskFull(RuntimeError):
    """There is too little disk space for Kafka's log and the stores."""


def check_space(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    needed = NEEDED_SPACE if (folder / "stores").exists() else NEEDED_AT_FIRST
    if free < needed:
        raise DiskFull(f"{folder} has {free // MB} MB free; the stack needs {needed // MB}. Make room, or use --data DIR.")


class Runner:
    def __init__(self, stack: Stack, console: Console) -> None:
        self._stack, self._console = stack, console
        self._stories = Stories(stack.deployment, console)
        self._marker = stack.place.folder / "examples-fed"

    def once(self) -> int:
        """Feed, wait for every end state, print the table; returns the exit code."""
        return 1 if self._stories.report(self._feed()) else 0

    def stay(self, *, with_examples: bool) -> None:
        """Feed on the first start, then stay up until told to stop."""
        if with_examples and not self._marker.exists():
            self._feed()
        self._console.print(next_steps(self._stack))
        with Timeline(self._stack, self._line):
            threading.Event().wait()  # until a signal ends it

    def _feed(self) -> list[Fed]:
        with self._stories.bars() as bars, Timeline(self._stack, bars.console.print):
            fed = self._stories.tell(bars)
        self._marker.touch()
        return fed

    def _line(self, text: str) -> None:
        self._console.print(text, highlight=False)
