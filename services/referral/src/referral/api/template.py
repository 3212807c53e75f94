"""A blank spreadsheet for referrals, and a page of what each column takes."""

import csv
import io

import openpyxl
from openpyxl.styles import Alignment, Font

from referral.api.columns import FIRST, HUB, LAST, Column, columns

_LEFT_OUT = {FIRST, LAST, HUB, "source"}  # names in one column, and rows of this hub
_ROWS = 500  # formatted as text, so that no zero in front is dropped
_WIDE, _WIDER = 22, 70


def as_csv() -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(map(title, _shown()))
    return out.getvalue().encode("utf-8-sig")


def as_workbook() -> bytes:
    book = openpyxl.Workbook()
    _fill(book.active, [list(map(title, _shown()))])
    for cells in book.active.iter_rows(min_row=2, max_row=_ROWS, max_col=len(_shown())):
        for cell in cells:
            cell.number_format = "@"
    about = [["Column", "Needed", "What it takes", "Example", "Also read as"]]
    about += [
        [title(each), "yes" if each.is_needed else "", each.takes, each.example, ", ".join(each.names)] for each in columns().values()
    ]
    _fill(book.create_sheet("What each column takes"), about)
    book.active.title = "Referrals"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def title(column: Column) -> str:
    """What the template calls it: the first of its names, or its field."""
    return column.names[0][:1].upper() + column.names[0][1:]


def _shown() -> list[Column]:
    return [column for column in columns().values() if column.field not in _LEFT_OUT]


def _fill(sheet: "openpyxl.worksheet.worksheet.Worksheet", lines: list[list[str]]) -> None:
    for line in lines:
        sheet.append(line)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for cells in sheet.columns:
        is_long = any(len(str(cell.value or "")) > _WIDE for cell in cells)
        sheet.column_dimensions[cells[0].column_letter].width = _WIDER if is_long else _WIDE
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
