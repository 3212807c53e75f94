"""Words that reveal too much. Nothing that a mailbox or calendar shows may contain one: no subject, preheader, SUMMARY,
LOCATION, sender or file name. The list is data: `data/deny-list.txt`."""

import re
import unicodedata
from functools import cache
from pathlib import Path

_LIST = Path(__file__).parent / "data" / "deny-list.txt"


def telling_words(text: str) -> tuple[str, ...]:
    """The words of `text` that reveal too much, as a reader sees them."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")  # as a reader sees it
    return tuple(found.group() for found in _pattern().finditer(plain))


def is_discreet(text: str) -> bool:
    return not telling_words(text)


@cache
def _pattern() -> re.Pattern[str]:
    lines = (line.strip() for line in _LIST.read_text().splitlines())
    words = [re.escape(line).replace(r"\*", r"[^\W_]*") for line in lines if line and not line.startswith("#")]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(words)})(?![^\W_])", re.IGNORECASE)
