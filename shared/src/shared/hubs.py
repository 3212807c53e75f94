"""The hubs, read from `deploy/hubs.toml`, and which of them a process serves."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Hub:
    """zone: IANA name.  nation: ENG, WLS, SCT or NIR.  partitions: of each of the hub's topics."""

    code: str
    name: str
    nation: str
    zone: str
    phone: str
    email: str
    partitions: int = 3


Hubs = Mapping[str, Hub]


def read_hubs(path: Path) -> Hubs:
    """Every hub in the file, by its code. Raises Misconfigured when an entry lacks a field."""
    try:
        return {code: Hub(code=code, **entry) for code, entry in tomllib.loads(path.read_text()).items()}
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise Misconfigured(f"HUBS_FILE {path}: {error}. See docs/how-to/new-hub.md for what an entry holds.") from error


def served(hubs: Hubs, only: list[str], not_these: list[str]) -> Hubs:
    """The hubs that HUBS or HUBS_EXCEPT choose; all of them when neither is set."""
    if unknown := [code for code in [*only, *not_these] if code not in hubs]:
        raise Misconfigured(f"HUBS or HUBS_EXCEPT names {', '.join(unknown)}; HUBS_FILE knows {', '.join(hubs)}.")
    return {code: hub for code, hub in hubs.items() if (not only or code in only) and code not in not_these}
