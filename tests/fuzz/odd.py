"""Values that broke something somewhere: https://github.com/minimaxir/big-list-of-naughty-strings, and our own finds."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random

TEXTS = (
    "",
    " ",
    "\x00",
    "\r\nBcc: eve@evil.example",
    "=?utf-8?q?=0d=0aBcc:_eve@evil.example?=",
    "a" * 2000,
    "\ud800",
    "\u202egnp.exe",
    "Ünïcødé 漢字 🙂",
    "{{ 7 * 7 }}",
    "<script>alert(1)</script>",
    "sam@home.example, kim@home.example",
    '"sam"@home.example',
    "sam@xn--80ak6aa92e.example",
    "nobody",
    "@",
    "../../etc/passwd",
    "1e309",
    "-1",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "null",
)
TIMES = (
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=14))),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
)


def text(chance: Random) -> str:
    """One of the odd texts, or one made up."""
    if chance.random() < 0.6:
        return chance.choice(TEXTS)
    return "".join(chr(chance.choice((chance.randrange(128), chance.randrange(0xD7FF)))) for _ in range(chance.randrange(12)))


def value(chance: Random, deep: int = 3) -> object:
    """JSON, mostly odd."""
    kind = chance.randrange(8 if deep else 6)
    simple = (text(chance), None, True, chance.choice((0, -1, 2**31, 2**63, 2**70)), 1.5, chance.randrange(100))
    if kind < len(simple):
        return simple[kind]
    inside = [value(chance, deep - 1) for _ in range(chance.randrange(3))]
    return inside if kind == len(simple) else {text(chance): each for each in inside}


def changed(chance: Random, whole: bytes) -> bytes:
    """A few bytes altered, taken out or put in."""
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(whole) + 1)
        whole = whole[:at] + chance.randbytes(chance.randrange(3)) + whole[at + chance.randrange(3) :]
    return whole
