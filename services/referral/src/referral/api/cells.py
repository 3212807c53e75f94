"""What stands in a cell of a spreadsheet, in the words that people use, as the value of a field. Nothing is guessed where two are possible.

Words are data: `data/words.toml`. What cannot be read stays as it is, for the schema to refuse.
"""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from shared.contracts import vocabulary
from shared.validation.registrations import bodies

LISTS = frozenset(
    {"ties.employers", "ties.sites", "ties.programmes", "wishes.modalities", "wishes.topics", "wishes.variants", "consent.to"}
)
SLUGS = frozenset({"wishes.modalities", "wishes.topics", "wishes.variants"})
_FILE = Path(__file__).parent.parent / "data" / "words.toml"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_UK_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[/. -]+(\d{1,2}|[a-z]{3,9})[/., -]+(\d{4}|\d{2})", re.IGNORECASE)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")  # from 1927 on; four digits may be a year
_SERIALS_BEGIN = date(1899, 12, 30)  # the day 0 of Excel's serial dates, 1900 system: ECMA-376 part 1, 18.17.4.1
_TIME_OF_DAY = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*(am|pm)?", re.IGNORECASE)
_SPAN = re.compile(
    r"(?:from\s+)?(\d{1,2}(?:[:.]?\d{2})?\s*(?:am|pm)?)\s*(?:-|–|—|\bto\b|\buntil\b)\s*(\d{1,2}(?:[:.]?\d{2})?\s*(?:am|pm)?)", re.IGNORECASE
)
_OLDEST, _YOUNGEST = 100, 16  # years: somebody whose birth is written with two digits
_NOON = 12


def value_in(field: str, cell: str, zone: ZoneInfo, today: date) -> object:
    """The value of a field. zone: of a time without one.  Raises ValidationError for a word or date that can be read in two ways."""
    if read := _READ.get(field):
        return read(cell, zone, today)
    if field in SLUGS:
        return ["-".join(re.split(r"[\s_-]+", part.casefold())) for part in _parts(cell)]
    if field in LISTS:
        return [_word(field, part) for part in _parts(cell, "," if field == "consent.to" else "")]
    return _word(field, cell) if field in _words() else cell


def written_words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Of each field, how each value is written, as in the file."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _words() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Of each field, the values that a word may stand for."""
    return {field: _inverted(entry) for field, entry in written_words().items()}


def _inverted(entry: Mapping[str, Iterable[str]]) -> Mapping[str, frozenset[str]]:
    found = defaultdict[str, set[str]](set)
    for value, words in entry.items():
        for word in (value, *words):
            found[_plain(word)].add(value)
    return {word: frozenset(values) for word, values in found.items()}


def _word(field: str, cell: str) -> str:
    values = _words().get(field, {}).get(_plain(cell), frozenset())
    if len(values) > 1:
        raise ValidationError(f"{cell!r} can mean {', '.join(sorted(values))}; write one of these", field)
    return next(iter(values), cell)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _parts(cell: str, also: str = "") -> list[str]:
    return [part.strip() for part in re.split(rf"[;\n|{also}]", cell) if part.strip()]


def _registration(part: str) -> dict[str, str]:
    """The body's name in front, and the number behind it."""
    for body in bodies().values():
        for name in sorted((body.code, *body.names), key=len, reverse=True):
            if part.casefold().startswith(name.casefold()) and part[len(name) :].strip():
                return {"body": body.code, "number": part[len(name) :].strip()}
    return dict(zip(("body", "number"), part.split(maxsplit=1), strict=False))


def _day(cell: str, full_year: Callable[[int], int | None]) -> str:
    """A date as ISO 8601; the cell itself when it is none."""
    if found := _ISO_DAY.fullmatch(cell):
        return _written(cell, int(found[1]), int(found[2]), int(found[3]))
    if found := _UK_DAY.fullmatch(cell):
        year = int(found[3]) if len(found[3]) == len("2026") else full_year(int(found[3]))
        return _written(cell, year, _month(found[2]), int(found[1]))
    if found := _SERIAL.fullmatch(cell):
        return (_SERIALS_BEGIN + timedelta(days=int(found[1]))).isoformat()
    return cell


def _month(text: str) -> int:
    """0 for a word that is no month."""
    if text.isdigit():
        return int(text)
    return next((number for number, name in enumerate(_MONTHS, 1) if text.casefold().startswith(name)), 0)


def _written(cell: str, year: int | None, month: int, day: int) -> str:
    if year is None:
        raise ValidationError(f"{cell} has no century; write the year with four digits")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise ValidationError(f"{cell} is no date, day first; write it as 29/02/1980") from None


def _birth_year(two_digits: int, today: date) -> int | None:
    """The only year that a doctor can have been born in; None if there are two or none."""
    ages = range(_YOUNGEST, _OLDEST)
    possible = [century + two_digits for century in (1900, 2000) if today.year - (century + two_digits) in ages]
    return possible[0] if len(possible) == 1 else None


def _moment(cell: str, zone: ZoneInfo) -> str:
    """A time with its offset; of a plain day, its beginning. The cell itself when it is neither."""
    try:
        at = datetime.fromisoformat(cell)
    except ValueError:
        day, _, clock = cell.partition(" ")
        if not (found := _TIME_OF_DAY.fullmatch(clock.strip())) or not _UK_DAY.fullmatch(day):
            day, found = cell, None
        iso = _day(day, lambda year: 2000 + year)
        try:
            at = datetime.fromisoformat(iso)
        except ValueError:
            return cell
        at = at.replace(hour=int(found[1]), minute=int(found[2] or 0)) if found and int(found[1]) < 24 else at  # noqa: PLR2004
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


def _windows(part: str) -> Iterator[object]:
    """The windows in words such as `Tues evening`, `Mon-Fri 9am-5pm` or `tuesday 18:00-21:00`; the part itself if any word is unknown."""
    span = _SPAN.search(part)
    words = re.sub(r"\s*[-–]\s*", "-", part.replace(span[0], " ") if span else part).replace("&", " ").split()
    words = [word for word in words if word.casefold() not in {"and", "on"}]
    days = [day for word in words for day in _days(word)]
    hours = [each for word in words for each in _words()["part of day"].get(_plain(word), ())]
    is_read = all(_days(word) or _plain(word) in _words()["part of day"] for word in words)
    times = _times(span) if span else (tuple(hours[0].split("-")) if len(hours) == 1 else None)
    if times is None and not span and not hours and days:
        times = ("08:00", "22:00")
    if not days or not is_read or times is None or (span and hours):
        yield part
        return
    for day in dict.fromkeys(days):
        yield {"weekday": day, "from": times[0], "to": times[1]}


def _days(word: str) -> list[str]:
    """The weekdays that a word such as `tues` or `mon-fri` means."""
    if _plain(word) in {"weekday", "weekdays"}:
        return list(vocabulary.WEEKDAYS[:5])
    if _plain(word) in {"weekend", "weekends"}:
        return list(vocabulary.WEEKDAYS[5:])
    ends = [next(iter(_words()["weekday"].get(_plain(each), ())), None) for each in word.split("-")]
    known = [end for end in ends if end]
    if len(known) != len(ends) or len(ends) > len(("from", "to")):
        return []
    first, last = (vocabulary.WEEKDAYS.index(known[at]) for at in (0, -1))
    return list(vocabulary.WEEKDAYS[first : last + 1]) if first <= last else []


def _times(span: re.Match[str]) -> tuple[str, str] | None:
    """The hours of a span; None where morning or evening could be meant."""
    first, last = (re.sub(r"\b(\d{1,2})(\d{2})\b", r"\1:\2", text.strip()) for text in span.groups())
    begins, ends = _TIME_OF_DAY.fullmatch(first), _TIME_OF_DAY.fullmatch(last)
    if begins is None or ends is None:
        return None
    half = (ends[3] or "").lower()
    start, end = _clock(begins, (begins[3] or half).lower()), _clock(ends, half)
    is_sure = bool(half) or (begins[2] is not None and ends[2] is not None)
    if is_sure and half == "pm" and not begins[3] and start > end:
        start = _clock(begins, "am")
    return (start, end) if is_sure else None


def _clock(time: re.Match[str], half: str) -> str:
    hour = int(time[1])
    if half:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    return f"{hour:02d}:{time[2] or '00'}"


Read = Callable[[str, ZoneInfo, date], object]
_READ: Mapping[str, Read] = {
    "availability": lambda cell, _zone, _today: [window for part in _parts(cell, ",") for window in _windows(part)],
    "never_with": lambda cell, _zone, _today: [_registration(part) for part in _parts(cell)],
    "person.birth_date": lambda cell, _zone, today: _day(cell, lambda year: _birth_year(year, today)),
    "consent.given_at": lambda cell, zone, _today: _moment(cell, zone),
}
