"""What is acknowledged survives: kills or stops each store, Kafka and each process right after a referral was accepted, and measures
how long until the doctor's offer has come and the next referral can be submitted.

    make faults                                           # 100 kills of each store and of Kafka, 20 of each process, 3 stops of each
    make faults ARGS="--kills 5 --processes 2 --stops 0"  # fewer; it continues after the last row of its output file
"""

import json
import os
import platform
import signal
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import httpx
from load import Desk

from embedded.deployment import mails, parsed
from embedded.ports import Ports
from embedded.programs import Place
from embedded.stack import Stack, running
from embedded.waiting import until

GIVEN_UP = 120.0  # seconds
AIM = 10.0  # seconds
STOPPED = 20.0  # seconds
HUB = "london"
PAGE = Path(__file__).parent.parent / "docs" / "recovery.md"

Row = dict[str, Any]


@dataclass(slots=True)
class Trial:
    """A running stack, and what it has acknowledged."""

    stack: Stack
    desk: Desk
    acknowledged: list[str] = field(default_factory=list)

    def run(self, fault: str, target: str) -> float:
        """Seconds from the fault (from the end of a stop) until all is done that was acknowledged. Raises NotReady."""
        referral, address = self.desk.refer()
        self.desk.accept(referral)
        self.acknowledged.append(referral)
        if fault == "kill":
            self._signal(target, signal.SIGKILL)
        else:
            self._stop(target)
        began = time.monotonic()
        until(lambda: self._is_done(referral, address), GIVEN_UP, f"{target}, {fault}: {referral} was not done after {GIVEN_UP:.0f} s")
        until(self._accepts, GIVEN_UP, f"{target}, {fault}: no referral was accepted after {GIVEN_UP:.0f} s")
        return time.monotonic() - began

    def lost(self) -> list[str]:
        """The acknowledged referrals that are not there."""
        return [referral for referral in self.acknowledged if not self._is_there(referral)]

    def doubled(self) -> list[str]:
        """The Message-IDs of which there is more than one mail."""
        found = Counter(str(parsed(path)["Message-ID"]) for path in mails(self.stack.place.maildir))
        return [identity for identity, times in found.items() if times > 1]

    def _is_done(self, referral: str, address: str) -> bool:
        return self._is_there(referral) and any(str(parsed(path)["To"]) == address for path in mails(self.stack.place.maildir))

    def _is_there(self, referral: str) -> bool:
        with suppress(httpx.HTTPError):
            return self.desk.ask("GET", "referral", f"/v1/referrals/{referral}", "intake").status_code == httpx.codes.OK
        return False

    def _accepts(self) -> bool:
        with suppress(httpx.HTTPError):
            referral, _ = self.desk.refer()
            self.acknowledged.append(referral)
            return True
        return False

    def _stop(self, target: str) -> None:
        """Stop it for STOPPED seconds, under load."""
        self._signal(target, signal.SIGSTOP)
        ends = time.monotonic() + STOPPED
        try:
            while time.monotonic() < ends:
                self._accepts()
        finally:
            self._signal(target, signal.SIGCONT)

    def _signal(self, target: str, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.stack.supervisor.pids()[target], number)


def trials(stack: Stack, kills: int, processes: int, stops: int) -> Iterator[tuple[str, str]]:
    """(fault, target), each target once in a round."""
    targets = sorted(name for name in stack.supervisor.pids() if name != "sink")
    for number in range(max(kills, processes, stops)):
        for target in targets:
            is_ours = not target.startswith(("store-", "kafka"))
            if number < (processes if is_ours else kills):
                yield "kill", target
            if number < stops:
                yield "stop", target


def told(rows: Sequence[Row]) -> str:
    """A table of the seconds to recover."""
    lines = [f"| target | fault | times | median | most | over {AIM:.0f} s |", "|---|---|---|---|---|---|"]
    for target, fault in sorted({(row["target"], row["fault"]) for row in rows}):
        took = [row["seconds"] for row in rows if (row["target"], row["fault"]) == (target, fault)]
        late = sum(each > AIM for each in took)
        lines.append(f"| {target} | {fault} | {len(took)} | {statistics.median(took):.1f} | {max(took):.1f} | {late} |")
    return "\n".join(lines)


def page(rows: Sequence[Row], trial: Trial) -> str:
    return f"""# Recovery from kills and stops

Written by `make faults` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}.
Each part of a running stack was killed (`kill -9`) right after a referral was submitted and accepted, or stopped (SIGSTOP) for
{STOPPED:.0f} s while referrals were submitted. Seconds until the doctor's mail was there and the next referral was accepted; after a
stop, from its end.

{told(rows)}

Acknowledged in the last run: {len(trial.acknowledged)}. Lost: {len(trial.lost())}. Mails that came twice: {len(trial.doubled())}.
"""


def _rows(into: Path) -> list[Row]:
    return [json.loads(line) for line in into.read_text().splitlines()] if into.exists() else []


@click.command(help=__doc__)
@click.option("--kills", default=100, help="Kills of each store and of Kafka.")
@click.option("--processes", default=20, help="Kills of each process of ours.")
@click.option("--stops", default=3, help="Stops of each, for 20 s.")
@click.option("--into", type=click.Path(path_type=Path), default=Path("faults.jsonl"), help="A line for each trial.")
@click.option("--minutes", default=60.0, help="Stop after as long.")
def main(kills: int, processes: int, stops: int, into: Path, minutes: float) -> None:
    ends = time.monotonic() + minutes * 60
    with (
        tempfile.TemporaryDirectory(prefix="circlework-faults-") as folder,
        running(Place(Path(folder), Ports.from_environment())) as stack,
    ):
        trial, left = Trial(stack, Desk(stack, HUB)), list(trials(stack, kills, processes, stops))[len(_rows(into)) :]
        trial.desk.open_groups(len(left))
        with into.open("a") as out:
            for fault, target in left:
                if time.monotonic() > ends:
                    break
                out.write(json.dumps({"fault": fault, "target": target, "seconds": trial.run(fault, target)}) + "\n")
                out.flush()
        until(lambda: not trial.lost(), GIVEN_UP, f"lost: {trial.lost()}")
        text = page(_rows(into), trial)
    PAGE.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
