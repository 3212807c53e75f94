"""Each row of a spreadsheet as a referral, or what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from referral.api.cells import value_in
from referral.api.columns import FIRST, HUB, LAST, LONGEST_NAME, NAME, REFERENCE, Header, body_of, columns, header
from referral.api.referrals_schemas import ReferralSchema
from referral.api.tables import ERRORS, Line, lines
from referral.application.submissions import Submit
from shared.validation.problems import FieldProblem, problems_in
from shared.validation.registrations import NoSuchBody, body_called
from shared.web.run import Body

NEEDED = tuple(column.field for column in columns().values() if column.is_needed)
_FIELDS = tuple(name for name in columns() if name not in {HUB, REFERENCE, FIRST, LAST})
_CELL_CURES = {"availability": "write it as tuesday 18:00-21:00; wednesday 09:00-12:00", "never_with": "write it as GMC 0000000"}
_BODY, _NUMBER = "person.registration.body", "person.registration.number"


@dataclass(frozen=True, slots=True)
class Row:
    """number: of the row, as the spreadsheet shows it.  line: of the file, where it begins.  reference: the hub's own.
    command: as the schema loaded it, or None with its problems.  written: how the hub calls each field's column."""

    number: int
    line: int
    command: Submit | None
    problems: tuple[FieldProblem, ...] = ()
    reference: str | None = None
    written: Mapping[str, str] = field(default_factory=dict)

    def named(self, problem: FieldProblem) -> FieldProblem:
        """A problem of the referral under the name that the hub gives the column."""
        return _as_written(column_problem(problem), self.written)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of a file. hub: whose they must be.  zone: of the times in it."""

    hub: str
    zone: ZoneInfo

    def rows(self, body: bytes, mimetype: str) -> Iterator[Row]:
        """Each row but the empty ones. Raises Problem when the file as a whole cannot be read."""
        every = lines(body, mimetype)
        head = header(next((each.cells for each in every if any(cell.strip() for cell in each.cells)), ()))
        yield from (self._row(each, head) for each in every if any(cell.strip() for cell in each.cells))

    def _row(self, line: Line, head: Header) -> Row:
        filled, problems = _filled(line, head)
        reference = filled.pop(REFERENCE, "")[:LONGEST_NAME] or None
        if not problems and filled.pop(HUB, self.hub) != self.hub:
            problems = (FieldProblem(HUB, "this row belongs to another hub", "submit it with an API key for that hub"),)
        command = None
        if not problems:
            command, problems = self._loaded(filled)
        told = tuple(_as_written(each, head.written) for each in problems)
        return Row(line.number, line.line, command, told, reference, head.written)

    def _loaded(self, filled: Mapping[str, str]) -> tuple[Submit | None, tuple[FieldProblem, ...]]:
        nested, problems = self._nested(filled)
        try:
            command = ReferralSchema().load(nested)
        except ValidationError as error:  # what could not be read is missing now, and has been told
            told = {problem.field.partition(".")[0] if problem.field.startswith("consent") else problem.field for problem in problems}
            more = [found for found in map(column_problem, problems_in(error)) if not {found.field, found.field.partition(".")[0]} & told]
            return None, (*problems, *more)
        return (None, problems) if problems else (command, ())

    def _nested(self, filled: Mapping[str, str]) -> tuple[Body, tuple[FieldProblem, ...]]:
        nested: Body = {"source": "hub"}
        problems: list[FieldProblem] = []
        today = datetime.now(self.zone).date()
        for name, cell in filled.items():
            try:
                _put(nested, name, value_in(name, cell, self.zone, today))
            except ValidationError as error:
                reason, _, cure = str(error.args[0]).partition("; ")
                problems.append(FieldProblem(name, reason, cure))
        return nested, tuple(problems)


def _filled(line: Line, head: Header) -> tuple[dict[str, str], tuple[FieldProblem, ...]]:
    """The cells that are not empty, by their field. Missing cells at the end of a row are empty ones."""
    cells = [cell.strip() for cell in line.cells]
    surplus = [cell for cell in cells[len(head.fields) :] if cell]
    broken = [name for name, cell in zip(head.fields, cells, strict=False) if cell in ERRORS]
    nameless = [cell for cell, name in zip(cells, head.fields, strict=False) if cell and not name]
    if surplus:
        told = f"{len(cells)} cells for {len(head.fields)} columns"
        return {}, (FieldProblem("", told, "put quotation marks around any cell that contains a separator"),)
    if broken:
        cure = "correct the formula, or enter the value itself, and save the file again"
        return {}, tuple(FieldProblem(name, "a formula without a result", cure) for name in broken)
    if nameless:
        return {}, (FieldProblem("", f"{len(nameless)} cells in a column without a name", "name the column, or empty it"),)
    filled = {name: cell for name, cell in zip(head.fields, cells, strict=False) if cell}
    return _joined(filled)


def _joined(filled: dict[str, str]) -> tuple[dict[str, str], tuple[FieldProblem, ...]]:
    """First and last name as the name; a body's own number as a registration."""
    parts = [filled[part] for part in (FIRST, LAST) if part in filled]
    if parts and (NAME in filled or len(parts) == 1):
        told = "a name beside a first or last name" if NAME in filled else "only half of the name"
        return filled, (FieldProblem(NAME, told, "fill in the whole name, or both First name and Last name"),)
    if parts:
        filled[NAME] = " ".join(parts)
    numbers = {body: filled.pop(name) for name in list(filled) if (body := body_of(name))}
    if len(numbers) > 1 or (numbers and _NUMBER in filled):
        return filled, (FieldProblem(_NUMBER, "several registration numbers", "keep the one that they practise under"),)
    if numbers and filled.get(_BODY) and not _agree(filled[_BODY], *numbers):
        return filled, (FieldProblem(_BODY, f"another body than the {', '.join(numbers)} number's", "keep the one that is right"),)
    for body, number in numbers.items():
        filled |= {_BODY: body, _NUMBER: number}
    return {name: cell for name, cell in filled.items() if name not in {FIRST, LAST}}, ()


def _agree(typed: str, body: str) -> bool:
    try:
        return body_called(typed).code == body
    except NoSuchBody:
        return False


def _put(nested: Body, name: str, value: object) -> None:
    *path, last = name.split(".")
    inside = nested
    for step in path:
        inside = inside.setdefault(step, {})
    inside[last] = value


def _as_written(problem: FieldProblem, written: Mapping[str, str]) -> FieldProblem:
    return FieldProblem(_column_name(problem.field, written), problem.reason, problem.cure)


def _column_name(name: str, written: Mapping[str, str]) -> str:
    if name == NAME and NAME not in written:
        return ", ".join(written[part] for part in (FIRST, LAST) if part in written) or name
    if name in {_NUMBER, _BODY} and name not in written:
        return next((header for each, header in written.items() if body_of(each)), name)
    return written.get(name, name)


def column_problem(problem: FieldProblem) -> FieldProblem:
    """A field's problem under its column's name: `availability.0.from` belongs to the column `availability`."""
    if problem.field == "consent":
        return FieldProblem("consent.to", problem.reason, "once the doctor has consented, fill in consent.given_at and consent.to")
    column = max((name for name in _FIELDS if f"{problem.field}.".startswith(f"{name}.")), key=len, default="")
    if not column:  # a whole part is missing: its cells are empty
        needed = ", ".join(name for name in NEEDED if name.startswith(f"{problem.field}."))
        return FieldProblem(needed or problem.field, problem.reason, "fill it in")
    return FieldProblem(column, problem.reason, _CELL_CURES.get(column, problem.cure) if "JSON" in problem.cure else problem.cure)
