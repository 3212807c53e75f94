"""The columns of a spreadsheet of referrals, by whatever name a hub gives them: `data/columns.toml`."""

import difflib
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.validation.problems import FieldProblem
from shared.validation.registrations import bodies
from shared.web.problems import invalid

HUB, REFERENCE, FIRST, LAST, NAME = "hub", "reference", "person.first_name", "person.last_name", "person.name"
LONGEST_NAME = 100
_FILE = Path(__file__).parent.parent / "data" / "columns.toml"
_NUMBER_OF = "number of the "  # …and a body: the column of that body's numbers
_OF_A_BODY = (
    "",
    "no",
    "number",
    "num",
    "reference",
    "ref",
    "reference number",
    "reference no",
    "registration",
    "registration number",
    "pin",
)


@dataclass(frozen=True, slots=True)
class Column:
    """field: of a referral, with dots.  takes, example: for whoever fills it in."""

    field: str
    names: tuple[str, ...]
    takes: str
    example: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Header:
    """fields: of each column, "" for one that is to be ignored.  written: how the hub calls each."""

    fields: Sequence[str]
    written: Mapping[str, str]


@cache
def columns() -> Mapping[str, Column]:
    """Every column by its field, in the order of the file."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        field: Column(field, tuple(entry["names"]), entry["takes"], entry["example"], entry.get("needed", False))
        for field, entry in read.items()
    }


def header(cells: Sequence[str]) -> Header:
    """The columns of a header line. Raises a problem that names every column which is unknown, missing or there twice.

    A nameless column is ignored; `rows` refuses a row that has something in it.
    """
    fields = [_field(cell) if len(cell) <= LONGEST_NAME else None for cell in cells]
    unknown = [
        FieldProblem(cell.strip()[:LONGEST_NAME], "unknown column", _cure(cell[:LONGEST_NAME]))
        for cell, field in zip(cells, fields, strict=True)
        if field is None
    ]
    known = [field or "" for field in fields]
    twice = [FieldProblem(_written(cells, known, field), "duplicate column", "keep only one") for field in _repeated(known)]
    missing = [] if unknown else [FieldProblem(name, "missing column", "add it to the header line") for name in _missing(known)]
    if problems := [*unknown, *twice, *missing]:
        raise invalid(problems)
    return Header(known, {field: " ".join(cell.split()) for cell, field in zip(cells, known, strict=True) if field})


def body_of(field: str) -> str | None:
    """The body whose numbers the column contains, if it is one's own."""
    return field.removeprefix(_NUMBER_OF) if field.startswith(_NUMBER_OF) else None


def _field(cell: str) -> str | None:
    """None for a name that nobody knows; "" for no name at all."""
    plain = _plain(cell)
    return _by_name().get(plain) if plain else ""


@cache
def _by_name() -> Mapping[str, str]:
    known = {_plain(name): column.field for column in columns().values() for name in (column.field, *column.names)}
    numbers = {_plain(f"{body} {what}"): f"{_NUMBER_OF}{body}" for body in bodies() for what in _OF_A_BODY}
    return {**numbers, **known}


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isalnum())


def _repeated(fields: Sequence[str]) -> list[str]:
    return [field for field in dict.fromkeys(fields) if field and fields.count(field) > 1]


def _written(cells: Sequence[str], fields: Sequence[str], field: str) -> str:
    return ", ".join(dict.fromkeys(cell.strip() for cell, each in zip(cells, fields, strict=True) if each == field))


def _missing(fields: Sequence[str]) -> list[str]:
    has = {*fields, *([NAME] if {FIRST, LAST} <= set(fields) else [])}
    return [column.field for column in columns().values() if column.is_needed and column.field not in has]


def _cure(cell: str) -> str:
    near = difflib.get_close_matches(_plain(cell), list(_by_name()), n=1, cutoff=0.75)
    meant = f"rename it to {_by_name()[near[0]]}, if that is meant" if near else f"rename it to one of {', '.join(columns())}"
    return f"{meant}; or remove the column: nothing is taken unread"
