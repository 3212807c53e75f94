"""A spreadsheet as rows of text, whichever program wrote it: CSV with commas, semicolons or tabs in the usual encodings, or XLSX."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time

import charset_normalizer
import openpyxl
from openpyxl.utils.escape import unescape

from shared.web.problems import Problem

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_UNPACKED = 60 * 1024 * 1024  # bytes of an XLSX, which is a ZIP archive: a small one can grow without bound
MOST_COLUMNS, MOST_ROWS = 200, 20_000
NO_RESULT = "#FORMULA"  # in place of a result that the file does not contain
ERRORS = frozenset((NO_RESULT, "#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"))

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ENCODINGS = ["utf_8", "utf_16_le", "utf_16_be", "cp1252"]
_DELIMITERS = ",;\t"
# Signs and capitals inside a word: the file was written for a Macintosh or for MS-DOS, and would be misread.
_MISREAD = re.compile("[a-zà-ÿ][‚ƒ„†‡ˆ‰‹•˜›¡-¬®-¿×÷À-ÖØ-ÞŠŽŸ]|[a-z][–—][a-z]|[A-Za-z][ÕÔÒÓ][A-Z][a-z]")
_TEMPLATES_PAGE = "What each column takes"
_ACROSS_ROWS = re.compile(rb'<mergeCell [^>]*ref="[A-Z]+([0-9]+):[A-Z]+([0-9]+)"')


@dataclass(frozen=True, slots=True)
class Line:
    """number: of the row, as a spreadsheet shows it; the header's is 1.  line: of the file, where the row begins."""

    number: int
    line: int
    cells: Sequence[str]


def lines(body: bytes, mimetype: str) -> Iterator[Line]:
    """Every row, the header first. Raises Problem when the file cannot be read."""
    return _of_xlsx(body) if mimetype == XLSX or body.startswith(b"PK\x03\x04") else _of_csv(body)


def _of_csv(body: bytes) -> Iterator[Line]:
    text, delimiter, skipped = _delimited(_text(body))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield Line(number, skipped + before + 1, _bounded(cells))
            before = reader.line_num
    except csv.Error as error:
        where = f"line {skipped + reader.line_num}: {error}; check the quotation marks"
        raise Problem(422, "unreadable-csv", "The file is not valid CSV", where) from error


def _bounded(cells: Sequence[str]) -> Sequence[str]:
    if any(cell.strip() for cell in cells[MOST_COLUMNS:]):
        raise Problem(422, "too-many-columns", "The file has too many columns", f"keep the {MOST_COLUMNS} that are needed")
    return cells[:MOST_COLUMNS]


def _text(body: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if body.startswith(mark)), "") or _encoding(body)
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise _not_text() from error


def _encoding(body: bytes) -> str:
    with suppress(UnicodeDecodeError):
        body.decode()
        return "utf-8" if b"\0" not in body else ("utf-16-le" if body[1:2] == b"\0" else "utf-16-be")
    found = charset_normalizer.from_bytes(body, cp_isolation=_ENCODINGS).best()
    if found is None or (found.encoding == "cp1252" and _MISREAD.search(body.decode("cp1252", errors="replace"))):
        raise _not_text()
    return found.encoding


def _not_text() -> Problem:
    return Problem(422, "unreadable-csv", "The file is not text that can be read", "save it as CSV UTF-8, or as an Excel workbook (.xlsx)")


def _delimited(text: str) -> tuple[str, str, int]:
    """The text without Excel's `sep=;` line, its delimiter, and how many lines were left out."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return rest, first.strip()[-1], 1
    header = next((line for line in text.splitlines() if line.strip()), "")
    return text, max(_DELIMITERS, key=header.count), 0


def _of_xlsx(body: bytes) -> Iterator[Line]:
    try:
        yield from _of_sheet(body)
    except Problem:
        raise
    except Exception as error:  # whatever a damaged archive or its XML makes openpyxl raise
        cure = "save it again as an Excel workbook (.xlsx) without a password, or as CSV UTF-8"
        raise Problem(422, "unreadable-workbook", "The file is not an Excel workbook that can be read", cure) from error


def _of_sheet(body: bytes) -> Iterator[Line]:
    """The rows of the only visible sheet with something in it. Each cell is read twice: for its formula, and for the result."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        size = sum(each.file_size for each in archive.infolist())
        if size > MOST_UNPACKED:
            raise Problem(413, "too-large", "The workbook is too large", f"it unpacks to {size} bytes; split it")
        _refuse_merged(archive)
    results, formulas = (openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=each) for each in (True, False))
    name = _only_sheet(results)
    for number, (shown, written) in enumerate(zip(_rows(results[name]), _rows(formulas[name]), strict=True), 1):
        if number > MOST_ROWS:
            raise Problem(413, "too-large", "The workbook is too large", f"it has more than {MOST_ROWS} rows; split it")
        cells = [NO_RESULT if _lacks_result(*pair) else _shown(pair[0]) for pair in zip(shown, written, strict=False)]
        yield Line(number, number, _bounded(cells))


def _rows(sheet: "openpyxl.worksheet._read_only.ReadOnlyWorksheet") -> Iterator[Sequence[object]]:
    """All of them, whatever the file says of its size."""
    sheet.reset_dimensions()
    rows: Iterator[Sequence[object]] = sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 1)
    return rows


def _only_sheet(book: openpyxl.Workbook) -> str:
    """Raises Problem when several have rows: one of them would be passed over in silence."""
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and sheet.title != _TEMPLATES_PAGE]
    filled = [sheet.title for sheet in visible if any(cell not in {None, ""} for row in _rows(sheet) for cell in row)]
    if len(filled) > 1:
        told = f"rows in {', '.join(filled)}; send one at a time, as a file of its own, or put them into one sheet"
        raise Problem(422, "several-sheets", "More than one sheet has rows", told)
    name: str = (filled or [sheet.title for sheet in visible] or [book.worksheets[0].title])[0]
    return name


def _refuse_merged(archive: zipfile.ZipFile) -> None:
    """Only the first row of merged ones has the value: the others would lack it."""
    for name in archive.namelist():
        if name.startswith("xl/worksheets/sheet") and any(first != last for first, last in _ACROSS_ROWS.findall(archive.read(name))):
            cure = "unmerge them, so that each row says everything about its person"
            raise Problem(422, "merged-cells", "Cells of several rows are merged", cure)


def _lacks_result(shown: object, written: object) -> bool:
    """A formula that the program which wrote the file has not calculated."""
    return shown is None and isinstance(written, str) and written.startswith("=")


def _shown(cell: object) -> str:
    """As a person would type what the cell holds: whole numbers without a fraction, dates as ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    text: str = unescape(str(cell))
    return text.replace("\r\n", "\n")
