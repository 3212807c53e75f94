"""Decline reasons, signposts for those who cannot be helped here, and employers' mail domains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signpost:
    """A source of help for a person, as a letter names it."""

    name: str
    about: str
    url: str


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """A reason to decline, and the codes of its signposts."""

    code: str
    meaning: str
    signposts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """Data that hubs change without code: decline reasons with their signposts, and employers' mail domains."""

    reasons: Mapping[str, DeclineReason]
    signposts: Mapping[str, Signpost]
    work_domains: frozenset[str]

    def is_work_address(self, email: str) -> bool:
        """Whether an employer can read the address, which is also lost at the next rotation."""
        domain = email.rpartition("@")[2].casefold()
        return any(domain == known or domain.endswith(f".{known}") for known in self.work_domains)

    def signposts_of(self, codes: Iterable[str]) -> tuple[Signpost, ...]:
        """The signposts of these codes that are still in the list."""
        return tuple(self.signposts[code] for code in codes if code in self.signposts)


class UnknownReason(ValueError):
    """A reason code that is not in the list."""

    def __init__(self, code: str, known: Iterable[str]) -> None:
        super().__init__(f"{code!r} is not a reason code; use one of {', '.join(known)}")
