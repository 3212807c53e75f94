"""CSV in: columns are the dotted field names of a referral, lists separated by semicolons (RFC 4180 otherwise)."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from marshmallow import ValidationError

from referral.api.referrals_schemas import ReferralSchema
from referral.application.submissions import Submit
from shared.validation.problems import FieldProblem, problems_in
from shared.web.problems import Problem, invalid
from shared.web.run import Body

HUB = "hub"  # optional, for a file of several hubs
COLUMNS = (
    "source",
    "person.name",
    "person.known_as",
    "person.email",
    "person.phone",
    "person.birth_date",
    "person.registration.body",
    "person.registration.number",
    "facts.profession",
    "facts.grade",
    "facts.specialty",
    "facts.gender",
    "facts.work_status",
    "ties.employers",
    "ties.sites",
    "ties.programmes",
    "ties.household",
    "never_with",
    "wishes.modalities",
    "wishes.topics",
    "wishes.variants",
    "availability",
    "urgency",
    "consent.given_at",
    "consent.to",
)
NEEDED = ("source", "person.name", "person.email", "facts.profession", "consent.given_at", "consent.to")
_LISTS = {"ties.employers", "ties.sites", "ties.programmes", "wishes.modalities", "wishes.topics", "wishes.variants", "consent.to"}
_CELL_CURES = {"availability": "write it as tuesday 18:00-21:00; wednesday 09:00-12:00", "never_with": "write it as GMC 0000000"}
_WINDOW = re.compile(r"(?P<weekday>\w+)\s+(?P<from>[0-9:]+)\s*[-–]\s*(?P<to>[0-9:]+)")


@dataclass(frozen=True, slots=True)
class Row:
    """line: where the row begins in the file.  command: as the schema loaded it, or None with its problems."""

    line: int
    command: Submit | None
    problems: tuple[FieldProblem, ...] = ()


def rows(body: bytes, hub: str) -> Iterator[Row]:
    """Each row of the file; a row whose column `hub` names another hub is refused.

    Raises Problem when the file as a whole cannot be read."""
    reader = csv.reader(io.StringIO(_text(body), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                yield _row(line, header, cells, hub)
    except csv.Error as error:
        raise Problem(
            422, "unreadable-csv", "The file is not valid CSV", f"line {reader.line_num}: {error}; check the quotation marks"
        ) from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(422, "unreadable-csv", "The file is not UTF-8", f"byte {error.start}; save the file as CSV UTF-8") from error


def _check_header(header: list[str]) -> None:
    unknown = [
        FieldProblem(name, "unknown column", f"use only the columns {', '.join(COLUMNS)}") for name in header if name not in (HUB, *COLUMNS)
    ]
    missing = [FieldProblem(name, "missing column", "add it to the header line") for name in NEEDED if name not in header]
    twice = [FieldProblem(name, "duplicate column", "keep only one") for name in set(header) if header.count(name) > 1]
    if unknown or missing or twice:
        raise invalid([*unknown, *missing, *twice])


def _row(line: int, header: list[str], cells: list[str], hub: str) -> Row:
    if len(cells) != len(header):
        problem = FieldProblem(
            "", f"{len(cells)} cells for {len(header)} columns", "put quotation marks around any cell that contains a comma"
        )
        return Row(line, None, (problem,))
    try:
        filled = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
        if filled.pop(HUB, hub) != hub:
            return Row(line, None, (FieldProblem(HUB, "this row belongs to another hub", "submit it with an API key for that hub"),))
        return Row(line, ReferralSchema().load(_nested(filled)))
    except ValidationError as error:
        return Row(line, None, tuple(map(column_problem, problems_in(error))))


def _nested(cells: Mapping[str, str]) -> Body:
    nested: Body = {}
    for name, cell in cells.items():
        *path, last = name.split(".")
        inside = nested
        for step in path:
            inside = inside.setdefault(step, {})
        inside[last] = _value(name, cell)
    return nested


def _value(name: str, cell: str) -> object:
    if name == "availability":
        return [_window(part) for part in _parts(cell)]
    if name == "never_with":
        return [dict(zip(("body", "number"), part.split(maxsplit=1), strict=False)) for part in _parts(cell)]
    return _parts(cell) if name in _LISTS else cell


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _window(part: str) -> object:
    """A window such as `tuesday 18:00-21:00`; anything else is left as it is, for the schema to refuse."""
    found = _WINDOW.fullmatch(part)
    return found.groupdict() if found else part


def column_problem(problem: FieldProblem) -> FieldProblem:
    """A field's problem under its column's name: `availability.0.from` belongs to the column `availability`."""
    if problem.field == "consent":
        return FieldProblem("consent.to", problem.reason, "once the doctor has consented, fill in consent.given_at and consent.to")
    column = max((name for name in COLUMNS if f"{problem.field}.".startswith(f"{name}.")), key=len, default="")
    if not column:  # a whole part is missing: its cells are empty
        needed = ", ".join(name for name in NEEDED if name.startswith(f"{problem.field}."))
        return FieldProblem(needed or problem.field, problem.reason, "fill it in")
    return FieldProblem(column, problem.reason, _CELL_CURES.get(column, problem.cure) if "JSON" in problem.cure else problem.cure)
