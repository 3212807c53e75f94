"""`make run`: starts the stack, feeds the examples, shows what happens, says what a person needs next."""

import shutil
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from embedded.doctors import Doctors
from embedded.feed import Fed, Feed
from embedded.next_steps import next_steps
from embedded.outcome import Outcome, Outcomes, table
from embedded.stack import Stack
from embedded.timeline import Timeline

NEEDED_SPACE = 500 * 1024 * 1024  # bytes
END_WITHIN = 150.0  # seconds for all examples to come to their end


class DiskFull(RuntimeError):
    """There is too little room for Kafka's log and the stores."""


def check_space(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < NEEDED_SPACE:
        raise DiskFull(f"{folder} has {free // 1024**2} MB free; the stack needs {NEEDED_SPACE // 1024**2}. Make room, or use --data DIR.")


class Runner:
    def __init__(self, stack: Stack, console: Console) -> None:
        self._stack, self._console = stack, console
        self._marker = stack.place.folder / "examples-fed"

    def once(self) -> int:
        """Feed, wait for every end state, print the table; the exit code."""
        fed, whole = self._feed(), Outcomes(self._stack)
        found = whole.of(fed)
        self._console.print(table(found, whole))
        unmet = [outcome for outcome in found if not outcome.is_as_expected]
        for outcome in unmet:
            self._console.print(_missing(outcome))
        self._console.print(f"{len(found) - len(unmet)} of {len(found)} referrals came to the end their story expects.")
        return 1 if unmet else 0

    def stay(self, *, with_examples: bool) -> None:
        """Feed on the first start, then stay up until told to stop."""
        if with_examples and not self._marker.exists():
            self._feed()
        self._console.print(next_steps(self._stack))
        with Timeline(self._stack, self._line):
            threading.Event().wait()  # until a signal ends it

    def _feed(self) -> list[Fed]:
        feed = Feed(self._stack)
        with self._bars() as bars, Timeline(self._stack, bars.console.print):
            opening = bars.add_task("Facilitators and groups", total=feed.to_open)
            feed.open_groups(lambda: bars.advance(opening))
            uploading = bars.add_task("Uploading referrals.csv", total=1)
            fed = feed.upload()
            bars.advance(uploading)
            with Doctors(self._stack.place.maildir, {each.row.email: each.row.step.answer for each in fed}):
                deciding = bars.add_task("Clinicians decide", total=len(fed))
                feed.decide(fed, lambda: bars.advance(deciding))
                self._wait_for_ends(fed, bars)
        self._marker.touch()
        return fed

    def _wait_for_ends(self, fed: list[Fed], bars: Progress) -> None:
        outcomes, deadline = Outcomes(self._stack), time.monotonic() + END_WITHIN
        ending = bars.add_task("Referrals at their end", total=len(fed))
        while time.monotonic() < deadline:
            ended = sum(outcome.is_as_expected for outcome in outcomes.of(fed))
            bars.update(ending, completed=ended)
            if ended == len(fed):
                return
            time.sleep(0.3)

    def _bars(self) -> Progress:
        columns = (TextColumn("{task.description:<26}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        return Progress(*columns, console=self._console)

    def _line(self, text: str) -> None:
        self._console.print(text, highlight=False)


def _missing(outcome: Outcome) -> str:
    mails = ", ".join(m["template"] for m in outcome.mails_to_come) or "none"
    expected = outcome.fed.row.step.expected
    return f"[red]missing:[/] line {outcome.fed.row.line}: {outcome.status}, expected {expected}; mails to come: {mails}"
