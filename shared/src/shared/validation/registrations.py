"""Registration bodies and the form of their numbers (`data/registration-bodies.toml`): one human has one number, however typed."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "registration-bodies.toml"

_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E[+]?[0-9]{1,2}")
_BESIDE_DIGITS = re.compile(r"(?<![0-9])[.,]|[.,](?![0-9])")  # as in "G.M.C." or "No."
_WHOLE = re.compile(r"\b([0-9]+)[.,]0+\Z")  # a number that a spreadsheet wrote as a decimal
_AS_TEXT = "format that column as text in the spreadsheet, and enter the number again"


class NoSuchBody(ValueError):
    """None of the bodies is called that; the message says which there are."""


class NotANumber(ValueError):
    """Not a number of that body; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class RegistrationBody:
    """As in the file. digits: None unless its numbers are so many digits."""

    code: str
    names: tuple[str, ...]
    number: re.Pattern[str]
    form: str
    digits: int | None

    def number_in(self, typed: str) -> str:
        """The number as the body writes it, without spaces or the body's own name. Raises NotANumber."""
        plain = _BESIDE_DIGITS.sub("", "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum() or c in ".,+"))
        bare = self._without_name(plain)
        if _SCIENTIFIC.fullmatch(bare):
            raise NotANumber(f"a spreadsheet has rounded it; {_AS_TEXT}")
        bare = _WHOLE.sub(r"\1", bare)
        if "." in bare or "," in bare:
            raise NotANumber(f"not a number of the {self.code}; it has {self.form}, and neither a full stop nor a comma")
        if self.digits and bare.isascii() and bare.isdigit() and len(bare) < self.digits:
            dropped = f"if a spreadsheet has dropped zeros in front, {_AS_TEXT}"
            raise NotANumber(f"too short: a {self.code} number has {self.form}; {dropped}")
        if not self.number.fullmatch(bare):
            raise NotANumber(f"not a number of the {self.code}; it has {self.form}")
        return bare

    def _without_name(self, plain: str) -> str:
        for name in sorted((self.code, *self.names), key=len, reverse=True):
            begins = _plain(name).upper()
            if plain.startswith(begins):
                return re.sub(r"^(?:REFERENCE|REGISTRATION|NUMBER|NO|REF|PIN|REG|[.,])+", "", plain.removeprefix(begins))
        return plain


def body_called(typed: str) -> RegistrationBody:
    """The body of this code or name, in any case, with or without full stops. Raises NoSuchBody."""
    found = _by_name().get(_plain(typed))
    if found is None:
        raise NoSuchBody(f"not a registration body known here; use one of {', '.join(bodies())}")
    return found


@cache
def bodies() -> Mapping[str, RegistrationBody]:
    """Every body by its code, in the order of the file."""
    return {code: _read(code, entry) for code, entry in tomllib.loads(_FILE.read_text()).items()}


@cache
def _by_name() -> Mapping[str, RegistrationBody]:
    return {_plain(name): body for body in bodies().values() for name in (body.code, *body.names)}


def _read(code: str, entry: Mapping[str, str]) -> RegistrationBody:
    digits = entry.get("digits")
    return RegistrationBody(code, tuple(entry["names"]), re.compile(entry["number"]), entry["form"], int(digits) if digits else None)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
