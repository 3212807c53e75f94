"""Plays the examples to their end on a running Circlework, with progress bars, and reports the outcome of each."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from embedded.deployment import Deployment
from embedded.doctors import Doctors
from embedded.feed import Fed, Feed
from embedded.outcome import Outcome, Outcomes, table

END_WITHIN = 150.0  # seconds for all examples to reach their end


class Stories:
    def __init__(self, deployment: Deployment, console: Console) -> None:
        self._deployment, self._console = deployment, console

    def tell(self, bars: Progress) -> list[Fed]:
        """Feed the examples, play staff and doctors, and wait for the ends."""
        feed = Feed(self._deployment)
        opening = bars.add_task("Facilitators and groups", total=feed.to_open)
        feed.open_groups(lambda: bars.advance(opening))
        uploading = bars.add_task("Uploading referrals.csv", total=1)
        fed = feed.upload()
        bars.advance(uploading)
        with Doctors(self._deployment.mailbox, {each.row.email: each.row.step.answer for each in fed}):
            deciding = bars.add_task("Clinicians decide", total=len(fed))
            feed.decide(fed, lambda: bars.advance(deciding))
            self._wait_for_ends(fed, bars)
        return fed

    def report(self, fed: list[Fed]) -> int:
        """Print the table; returns how many did not reach the end that their story expects."""
        whole = Outcomes(self._deployment)
        found = whole.of(fed)
        self._console.print(table(found, whole))
        unmet = [outcome for outcome in found if not outcome.is_as_expected]
        for outcome in unmet:
            self._console.print(_missing(outcome))
        self._console.print(f"{len(found) - len(unmet)} of {len(found)} referrals had the outcome that their story expects.")
        return len(unmet)

    def bars(self) -> Progress:
        columns = (TextColumn("{task.description:<26}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        return Progress(*columns, console=self._console)

    def _wait_for_ends(self, fed: list[Fed], bars: Progress) -> None:
        outcomes, deadline = Outcomes(self._deployment), time.monotonic() + END_WITHIN
        ending = bars.add_task("Referrals completed", total=len(fed))
        while time.monotonic() < deadline:
            ended = sum(outcome.is_as_expected for outcome in outcomes.of(fed))
            bars.update(ending, completed=ended)
            if ended == len(fed):
                return
            time.sleep(0.3)


def _missing(outcome: Outcome) -> str:
    mails = ", ".join(m["template"] for m in outcome.mails_to_come) or "none"
    expected = outcome.fed.row.step.expected
    return f"[red]missing:[/] line {outcome.fed.row.line}: {outcome.status}, expected {expected}; mails to come: {mails}"
