"""Days and times as people and spreadsheets write them. What can be read in two ways is refused; what is none stays as it is.

No refusal quotes the cell: reports are stored, and a date of birth belongs in the vault alone.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

_MONTHS = [f"{date(2000, month, 1):%B}".casefold() for month in range(1, 13)]
_SHORTEST_MONTH = 3
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d|\Z)")
_UK_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[/. -]+(\d{1,2}|[a-z]{3,9})[/., -]+(\d{4}|\d{2})", re.IGNORECASE)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")  # from 1927 on; four digits may be a year
_SERIALS_BEGIN = date(1899, 12, 30)  # the day 0 of Excel's serial dates, 1900 system: ECMA-376 part 1, 18.17.4.1
_OLDEST, _YOUNGEST = 100, 16  # years: somebody whose birth is written with two digits
TIME_OF_DAY = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*(am|pm)?", re.IGNORECASE)
NOON = 12


def birth_date(cell: str, today: date) -> str:
    """As ISO 8601; the cell itself when it is no date."""
    return _day(cell, lambda year: _birth_year(year, today))


def _day(cell: str, full_year: Callable[[int], int | None]) -> str:
    """A date as ISO 8601; the cell itself when it is none."""
    if found := _ISO_DAY.fullmatch(cell):
        return _written(int(found[1]), int(found[2]), int(found[3]))
    if found := _UK_DAY.fullmatch(cell):
        year = int(found[3]) if len(found[3]) == len("2026") else full_year(int(found[3]))
        return _written(year, _month(found[2]), int(found[1]))
    if found := _SERIAL.fullmatch(cell):
        if re.fullmatch(r"[1-9](?:0[1-9]|1[0-2])\d\d", cell):
            raise ValidationError("a spreadsheet's day, or a date that lost its zero; write it as 29/02/1980")
        return (_SERIALS_BEGIN + timedelta(days=int(found[1]))).isoformat()
    return cell


def _month(text: str) -> int:
    """0 for a word that is no month."""
    if text.isdigit():
        return int(text)
    plain = {"sept": "sep"}.get(text.casefold(), text.casefold())
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(plain) and len(plain) >= _SHORTEST_MONTH), 0)


def _written(year: int | None, month: int, day: int) -> str:
    if year is None:
        raise ValidationError("the century is missing; write the year with four digits")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise ValidationError("not a date, day first; write it as 29/02/1980") from None


def _birth_year(two_digits: int, today: date) -> int | None:
    """The only year that a doctor can have been born in; None if there are two or none."""
    ages = range(_YOUNGEST, _OLDEST)
    possible = [century + two_digits for century in (1900, 2000) if today.year - (century + two_digits) in ages]
    return possible[0] if len(possible) == 1 else None


def moment(cell: str, zone: ZoneInfo) -> str:
    """A time with its offset; of a plain day, its beginning. The cell itself when it is neither."""
    if _ISO_MOMENT.match(cell):
        try:
            at = datetime.fromisoformat(cell)
        except ValueError:
            raise ValidationError("not a time; write it as 20/11/2026 09:30") from None
        return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()
    if _SERIAL.fullmatch(cell):
        at = datetime.combine(_SERIALS_BEGIN, time()) + timedelta(days=float(cell))
        return at.replace(microsecond=0, tzinfo=zone).isoformat()
    day, written = _day_and_clock(cell)
    read = _day(day, lambda year: 2000 + year)
    if read == day:
        return cell
    return datetime.combine(date.fromisoformat(read), _clock_time(written), zone).isoformat()


def _day_and_clock(cell: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?)[ ,]+((?:at )?\d{1,2}(?:[:.]\d{2}){0,2} ?(?:am|pm)?)", cell, re.IGNORECASE)
    is_clock = found and re.search(r"[:.apAP]", found[2]) and _UK_DAY.fullmatch(found[1])
    return (found[1], found[2].removeprefix("at ")) if found and is_clock else (cell, "")


def _clock_time(written: str) -> time:
    if not written:
        return time()
    found = TIME_OF_DAY.fullmatch(written)
    try:
        return time.fromisoformat(clock(found, (found[3] or "").lower())) if found else time()
    except ValueError:
        raise ValidationError("not a time; write it as 20/11/2026 09:30") from None


def clock(found: re.Match[str], half: str) -> str:
    """HH:MM of a match of TIME_OF_DAY. half: am, pm, or none."""
    hour = int(found[1])
    if half:
        hour = hour % NOON + (NOON if half == "pm" else 0)
    return f"{hour:02d}:{found[2] or '00'}"
