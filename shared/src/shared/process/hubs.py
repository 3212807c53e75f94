"""The hubs, read from `deploy/hubs.toml`, and which of them a process serves."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from shared.errors import Misconfigured

NATIONS = ("ENG", "WLS", "SCT", "NIR")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Hub:
    """zone: IANA name.  nation: ENG, WLS, SCT or NIR.  partitions: of each of the hub's topics.
    may_combine_roles: one person may be coordinator together with intake or clinician there."""

    code: str
    name: str
    nation: str
    zone: str
    phone: str
    email: str
    partitions: int = 3
    may_combine_roles: bool = False


Hubs = Mapping[str, Hub]


def read_hubs(path: Path) -> Hubs:
    """Every hub in the file, by its code. Raises Misconfigured when the file or an entry is invalid."""
    try:
        return {code: _checked(Hub(code=code, **entry)) for code, entry in tomllib.loads(path.read_text()).items()}
    except (OSError, tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise Misconfigured(f"HUBS_FILE {path}: {error}. See docs/how-to/new-hub.md for the fields of an entry.") from error


def is_place(zone: str) -> bool:
    """Whether it is an IANA time zone that says where: not "localtime", "Factory" or a copy for another clock (https://www.iana.org/time-zones)."""
    says_where = "/" in zone and not zone.startswith(("posix/", "right/", "SystemV/"))
    return (says_where or zone == "UTC") and zone in available_timezones()


def _checked(hub: Hub) -> Hub:
    if hub.nation not in NATIONS:
        raise ValueError(f"{hub.code}: nation is {hub.nation!r}, not one of {', '.join(NATIONS)}")
    if not is_place(hub.zone):
        raise ValueError(f"{hub.code}: zone is {hub.zone!r}, not an IANA name such as Europe/London")
    if not isinstance(hub.partitions, int) or hub.partitions < 1:
        raise ValueError(f"{hub.code}: partitions is {hub.partitions!r}, not a whole number from 1")
    if not _CODE.fullmatch(hub.code):
        raise ValueError(f"{hub.code!r} is not a valid code: use lower-case letters, digits and hyphens, because topics are named after it")
    return hub


def served(hubs: Hubs, only: list[str], not_these: list[str]) -> Hubs:
    """The hubs chosen by HUBS or HUBS_EXCEPT; all of them when neither is set. Raises Misconfigured."""
    only, not_these = _codes(only), _codes(not_these)
    if unknown := [code for code in [*only, *not_these] if code not in hubs]:
        raise Misconfigured(f"HUBS or HUBS_EXCEPT names {', '.join(unknown)}; HUBS_FILE contains {', '.join(hubs)}.")
    chosen = {code: hub for code, hub in hubs.items() if (not only or code in only) and code not in not_these}
    if not chosen:
        raise Misconfigured(f"HUBS and HUBS_EXCEPT leave no hub to serve; HUBS_FILE contains {', '.join(hubs) or 'no hubs'}.")
    return chosen


def deployment(only: list[str], not_these: list[str]) -> str:
    """The default name of a deployment; it stays the same when hubs are added to the file."""
    chosen = {"only": sorted(_codes(only)), "except": sorted(_codes(not_these))}
    return "-".join(f"{word}-{'+'.join(codes)}" for word, codes in chosen.items() if codes) or "all"


def _codes(listed: list[str]) -> list[str]:
    return [code.strip() for code in listed if code.strip()]
