"""Reads the data that hubs change without code: decline reasons, signposts, employers' mail domains."""

import tomllib
from pathlib import Path

from referral.domain.advice import Advice, DeclineReason, Signpost
from shared.errors import Misconfigured

DATA = Path(__file__).parent.parent / "data"


def read_advice(folder: Path = DATA) -> Advice:
    """Raises Misconfigured when a reason points to a signpost that is not there, or an entry lacks a field."""
    try:
        signposts = {code: _signpost(entry) for code, entry in _toml(folder / "signposts.toml").items()}
        reasons = {code: _reason(code, entry) for code, entry in _toml(folder / "decline-reasons.toml").items()}
    except (OSError, UnicodeDecodeError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{folder}: {error}") from error
    for reason in reasons.values():
        if not reason.signposts or set(reason.signposts) - set(signposts):
            raise Misconfigured(f"{folder}/decline-reasons.toml: {reason.code}: name at least one signpost of signposts.toml")
    return Advice(reasons, signposts, _domains(folder / "work-domains.txt"))


def _toml(path: Path) -> dict[str, dict[str, str | list[str]]]:
    return tomllib.loads(path.read_text())


def _signpost(entry: dict[str, str | list[str]]) -> Signpost:
    return Signpost(**{field: str(value) for field, value in entry.items()})


def _reason(code: str, entry: dict[str, str | list[str]]) -> DeclineReason:
    return DeclineReason(code, str(entry["meaning"]), tuple(entry["signposts"]))


def _domains(path: Path) -> frozenset[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return frozenset(line.casefold() for line in lines if line and not line.startswith("#"))
