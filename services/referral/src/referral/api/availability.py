"""When somebody can come, in words: `Tues evening`, `Mon-Fri 9am-5pm`, `tuesday 18:00-21:00`. Nobody is offered hours they did not give."""

import re
from collections.abc import Iterator

from marshmallow import ValidationError

from referral.api.dates import NOON, TIME_OF_DAY, clock
from referral.api.words import known_words, parts, plain
from shared.contracts import vocabulary

_SPAN = re.compile(
    r"(?:from\s+)?(\d{1,2}(?:[:.]?\d{2})?\s*(?:am|pm)?)\s*(?:-|–|—|\bto\b|\buntil\b)\s*(\d{1,2}(?:[:.]?\d{2})?\s*(?:am|pm)?)", re.IGNORECASE
)
_LONGEST = 1000  # characters of a cell that is read word by word


def availability(cell: str) -> list[object]:
    """Each part between semicolons or line breaks; commas part days, all with hours or all without."""
    if len(cell) > _LONGEST:
        raise ValidationError(f"{len(cell)} characters; shorten it to {_LONGEST}")
    return [window for part in parts(cell) for window in _of_days(" ".join(part.split()))]


def _of_days(part: str) -> list[object]:
    pieces = parts(part, ",")
    timed = [bool(_SPAN.search(piece) or _part_of_day(piece)) for piece in pieces]
    if len(set(timed)) > 1:
        raise ValidationError("the hours of some days are missing; write them with each day, separated by semicolons")
    return [window for piece in pieces for window in _windows(piece)]


def _part_of_day(piece: str) -> bool:
    return any(plain(word) in known_words()["part of day"] for word in piece.split())


def _windows(part: str) -> Iterator[object]:
    """The windows in words such as `Tues evening`, `Mon-Fri 9am-5pm` or `tuesday 18:00-21:00`; the part itself if any word is unknown."""
    span = _SPAN.search(part)
    words = re.sub(r" ?[-–] ?", "-", part.replace(span[0], " | ") if span else part).replace("&", " ").split()
    if "|" in words[1:-1]:  # days before the hours and after them: whose are they?
        words = [part]
    words = [word for word in words if word != "|"]
    words = [word for word in words if word.casefold() not in {"and", "on"}]
    days = [day for word in words for day in _days(word)]
    hours = [each for word in words for each in known_words()["part of day"].get(plain(word), ())]
    is_read = all(_days(word) or plain(word) in known_words()["part of day"] for word in words)
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
    if plain(word) in {"weekday", "weekdays"}:
        return list(vocabulary.WEEKDAYS[:5])
    if plain(word) in {"weekend", "weekends"}:
        return list(vocabulary.WEEKDAYS[5:])
    ends = [next(iter(known_words()["weekday"].get(plain(each), ())), None) for each in word.split("-")]
    known = [end for end in ends if end]
    if len(known) != len(ends) or len(ends) > len(("from", "to")):
        return []
    first, last = (vocabulary.WEEKDAYS.index(known[at]) for at in (0, -1))
    return list(vocabulary.WEEKDAYS[first : last + 1]) if first <= last else []


def _times(span: re.Match[str]) -> tuple[str, str] | None:
    """The hours of a span; None where morning or evening could be meant."""
    first, last = (re.sub(r"\b(\d{1,2})(\d{2})\b", r"\1:\2", text.strip()) for text in span.groups())
    begins, ends = TIME_OF_DAY.fullmatch(first), TIME_OF_DAY.fullmatch(last)
    if begins is None or ends is None:
        return None
    half = (ends[3] or "").lower()
    start, end = clock(begins, (begins[3] or half).lower()), clock(ends, half)
    is_sure = bool(half) or _says_which_half(begins, ends)
    if is_sure and half == "pm" and not begins[3] and start > end:
        start = clock(begins, "am")
    return (start, end) if is_sure else None


def _says_which_half(begins: "re.Match[str]", ends: "re.Match[str]") -> bool:
    """Without am or pm: by an hour after noon, by a zero in front, or because nobody would meet at such hours of the night."""
    if begins[2] is None or ends[2] is None:
        return False
    hours = (begins[1], ends[1])
    late = NOON - 2 <= int(begins[1]) < int(ends[1]) <= NOON
    return late or any(int(hour) > NOON or hour.startswith("0") for hour in hours)
