"""A spreadsheet as rows of text, whichever program wrote it: CSV with commas, semicolons or tabs in the usual encodings, or XLSX."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import charset_normalizer
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from shared.web.problems import Problem

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_UNPACKED = 60 * 1024 * 1024  # bytes of an XLSX, which is a ZIP archive: a small one can grow without bound
MOST_COLUMNS = 200

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ENCODINGS = ["utf_8", "utf_16_le", "utf_16_be", "cp1252"]
_DELIMITERS = ",;\t"


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
    text = _text(body)
    text, delimiter, skipped = _delimited(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for number, cells in enumerate(reader, skipped + 1):
            yield Line(number, skipped + before + 1, cells)
            before = reader.line_num
    except csv.Error as error:
        where = f"line {skipped + reader.line_num}: {error}; check the quotation marks"
        raise Problem(422, "unreadable-csv", "The file is not valid CSV", where) from error


def _text(body: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if body.startswith(mark)), "") or _encoding(body)
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise _not_text() from error


def _encoding(body: bytes) -> str:
    try:
        body.decode()
    except UnicodeDecodeError:
        found = charset_normalizer.from_bytes(body, cp_isolation=_ENCODINGS).best()
        if found is None:
            raise _not_text() from None
        return found.encoding
    return "utf-8" if b"\0" not in body else ("utf-16-le" if body[1:2] == b"\0" else "utf-16-be")


def _not_text() -> Problem:
    return Problem(422, "unreadable-csv", "The file is not text that can be read", "save it as CSV UTF-8, or as an Excel workbook (.xlsx)")


def _delimited(text: str) -> tuple[str, str, int]:
    """The text without Excel's `sep=;` line, its delimiter, and how many lines were left out."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return rest, first.strip()[-1], 1
    header = next(iter(text.splitlines()), "")
    return text, max(_DELIMITERS, key=header.count), 0


def _of_xlsx(body: bytes) -> Iterator[Line]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            size = sum(each.file_size for each in archive.infolist())
        if size > MOST_UNPACKED:
            raise Problem(413, "too-large", "The workbook is too large", f"it unpacks to {size} bytes; split it")
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1):
            yield Line(number, number, [_shown(cell) for cell in cells])
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError, SyntaxError) as error:
        cure = "save it again as an Excel workbook (.xlsx) without a password, or as CSV UTF-8"
        raise Problem(422, "unreadable-workbook", "The file is not an Excel workbook that can be read", cure) from error


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
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
