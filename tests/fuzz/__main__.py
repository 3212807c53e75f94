"""`make fuzz`: attacks decoder, link and sender, and continues where it stopped.

make fuzz                                  # 1,000,000 attacks on decoder and link, 100,000 on the sender
make fuzz ARGS="--only link --runs 500"    # so many in all
make fuzz ARGS="--only sender --one 1234"  # repeat one
"""

import json
import logging
import sys
import traceback
from pathlib import Path

import click
import structlog
from fuzz.targets import TARGETS, attack

ENOUGH = {"decoder": 1_000_000, "link": 1_000_000, "sender": 100_000}
EVERY = 1000  # attacks between two notes of how far it has come


@click.command(help=__doc__)
@click.option("--only", type=click.Choice(sorted(TARGETS)), multiple=True)
@click.option("--runs", type=int, help="Attacks in all, earlier ones included.")
@click.option("--one", type=int, help="The number of one attack to repeat.")
@click.option("--into", type=click.Path(path_type=Path), default=Path(".fuzz.json"), help="Where it notes how far it has come.")
def main(only: tuple[str, ...], runs: int | None, one: int | None, into: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # each attack that is repelled is logged
    for target in only or tuple(TARGETS):
        if one is not None:
            attack(target, one)
        elif not _go_on(target, runs or ENOUGH[target], into):
            sys.exit(1)


def _go_on(target: str, runs: int, into: Path) -> bool:
    """Whether all attacks up to `runs` have failed."""
    for number in range(_noted(into).get(target, 0), runs):
        try:
            attack(target, number)
        except Exception:  # noqa: BLE001 - whatever it is, it is a find
            click.echo(f"attack {number} on the {target} succeeded:\n{traceback.format_exc()}")
            return False
        if number % EVERY == EVERY - 1:
            into.write_text(json.dumps(_noted(into) | {target: number + 1}))
    into.write_text(json.dumps(_noted(into) | {target: max(runs, _noted(into).get(target, 0))}))
    click.echo(f"{target}: {_noted(into)[target]} attacks, none succeeded")
    return True


def _noted(into: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads(into.read_text()) if into.exists() else {}
    return found


if __name__ == "__main__":
    main()
