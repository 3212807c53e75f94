"""What stands in a cell of a spreadsheet, in the words that people use, as the value of a field. Nothing is guessed where two are possible.

What cannot be read stays as it is, for the schema to refuse.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from referral.api.availability import availability
from referral.api.dates import birth_date, moment
from referral.api.words import known_words, parts, word
from shared.validation.registrations import bodies

LISTS = frozenset(
    {"ties.employers", "ties.sites", "ties.programmes", "wishes.modalities", "wishes.topics", "wishes.variants", "consent.to"}
)
SLUGS = frozenset({"wishes.modalities", "wishes.topics", "wishes.variants"})


def value_in(field: str, cell: str, zone: ZoneInfo, today: date) -> object:
    """The value of a field. zone: of a time without one.  Raises ValidationError for a word or date that can be read in two ways."""
    if read := _READ.get(field):
        return read(cell, zone, today)
    if field in SLUGS:
        return ["-".join(re.split(r"[\s_-]+", part.casefold())) for part in parts(cell)]
    if field in LISTS:
        return [word(field, part) for part in parts(cell, "," if field == "consent.to" else "")]
    return word(field, cell) if field in known_words() else cell


def _registration(part: str) -> dict[str, str]:
    """The body's name in front, and the number behind it."""
    for body in bodies().values():
        for name in sorted((body.code, *body.names), key=len, reverse=True):
            if part.casefold().startswith(name.casefold()) and part[len(name) :].strip():
                return {"body": body.code, "number": part[len(name) :].strip()}
    return dict(zip(("body", "number"), part.split(maxsplit=1), strict=False))


def _phone(cell: str) -> str:
    if re.fullmatch(r"[1-9]\d{9}", cell):
        raise ValidationError("ten digits without a zero in front; if a spreadsheet has dropped it, format that column as text")
    return cell


Read = Callable[[str, ZoneInfo, date], object]
_READ: Mapping[str, Read] = {
    "availability": lambda cell, _zone, _today: availability(cell),
    "person.phone": lambda cell, _zone, _today: _phone(cell),
    "never_with": lambda cell, _zone, _today: [_registration(part) for part in parts(cell)],
    "person.birth_date": lambda cell, _zone, today: birth_date(cell, today),
    "consent.given_at": lambda cell, zone, _today: moment(cell, zone),
}
