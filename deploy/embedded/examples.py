"""The examples in the folder examples/: the referrals, the groups, and the story of each referral."""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from embedded.programs import ROOT

FOLDER = ROOT / "examples"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Step:
    """The story of one referral. then: accept, return, decline or withdraw.  answer: accept, decline or none.
    expected: the status the hub sees in the end, or the outcome of the import (refused, already)."""

    then: str = "accept"
    answer: str = "accept"
    expected: str = "placed"
    text: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of referrals.csv. line: its number in that file, from 2.  cells: without the hub."""

    line: int
    hub: str
    cells: Mapping[str, str]
    step: Step

    @property
    def name(self) -> str:
        return self.cells["person.name"]

    @property
    def email(self) -> str:
        return self.cells["person.email"]


def rows(folder: Path = FOLDER) -> list[Row]:
    steps = {step["line"]: _step(step) for step in _toml(folder / "story.toml").get("step", [])}
    with (folder / "referrals.csv").open(encoding="utf-8", newline="") as file:
        read = enumerate(csv.DictReader(file), 2)
        return [Row(line, cells.pop("hub"), cells, steps.get(line, Step())) for line, cells in read]


def hubs() -> list[str]:
    """The hubs of the examples, in the order of the file."""
    return list(dict.fromkeys(row.hub for row in rows()))


def as_csv(of: Iterable[Row]) -> str:
    """The rows as a hub uploads them."""
    chosen, out = list(of), io.StringIO()
    writer = csv.DictWriter(out, list(chosen[0].cells))
    writer.writeheader()
    writer.writerows(row.cells for row in chosen)
    return out.getvalue()


def facilitators(folder: Path = FOLDER) -> list[dict[str, Any]]:
    return list(_toml(folder / "facilitators.toml")["facilitator"])


def groups(today: date, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """The groups, with the date and wall-clock time of the first session: a weekday, some weeks ahead."""
    return [_dated(group, today) for group in _toml(folder / "groups.toml")["group"]]


def _dated(group: dict[str, Any], today: date) -> dict[str, Any]:
    weekday, time = WEEKDAYS.index(group.pop("first_weekday")), group.pop("first_time")
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=group.pop("weeks_ahead"))
    return {**group, "first_session": f"{monday + timedelta(days=weekday)}T{time}"}


def _step(entry: dict[str, Any]) -> Step:
    return Step(**{name: value for name, value in entry.items() if name != "line"})


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
