"""The words of a spreadsheet: `data/words.toml`."""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from marshmallow import ValidationError

_FILE = Path(__file__).parent.parent / "data" / "words.toml"


def written_words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Of each field, how each value is written, as in the file."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def known_words() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Of each field, the values that a word may stand for."""
    return {field: _inverted(entry) for field, entry in written_words().items()}


def _inverted(entry: Mapping[str, Iterable[str]]) -> Mapping[str, frozenset[str]]:
    found = defaultdict[str, set[str]](set)
    for value, words in entry.items():
        for each in (value, *words):
            found[plain(each)].add(value)
    return {each: frozenset(values) for each, values in found.items()}


def word(field: str, cell: str) -> str:
    """The value that a cell stands for; the cell itself if none is known. Raises ValidationError for a word of two meanings."""
    values = known_words().get(field, {}).get(plain(cell), frozenset())
    if len(values) > 1:
        raise ValidationError(f"{cell!r} can mean {', '.join(sorted(values))}; write one of these", field)
    return next(iter(values), cell)


def plain(text: str) -> str:
    """Only what does not count is left out: an empty box in front of "yes", or a question mark behind it, does."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c not in " -._'’/")


def parts(cell: str, also: str = "") -> list[str]:
    """What stands between semicolons, line breaks and bars, and between the separators in `also`."""
    return [part.strip() for part in re.split(rf"[;\n|{also}]", cell) if part.strip()]
