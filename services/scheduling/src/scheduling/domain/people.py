"""What scheduling may know of people: facts that eligibility needs, and blinded tokens. Never who they are."""

from dataclasses import dataclass
from datetime import time

JUNIOR = frozenset({"student", "foundation", "core_trainee", "gp_trainee", "specialty_trainee"})
SENIOR = frozenset({"sas", "gp", "consultant"})


@dataclass(frozen=True, slots=True)
class Facts:
    profession: str
    grade: str
    gender: str
    work_status: str


@dataclass(frozen=True, slots=True)
class Conflicts:
    """own stands for the person, ties for where they work and live, never_with for people they named; all blinded."""

    own: str = ""
    ties: tuple[str, ...] = ()
    never_with: tuple[str, ...] = ()

    def with_(self, other: "Conflicts") -> bool:
        """Whether the two must not share a room: a common tie, or one has named the other."""
        named = (other.own and other.own in self.never_with) or (self.own and self.own in other.never_with)
        same = self.own and self.own == other.own
        return bool(set(self.ties) & set(other.ties) or named or same)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Empty means any."""

    modalities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A weekday and a span of wall-clock time in it, "HH:MM"."""

    weekday: str
    start: str
    end: str

    def contains(self, weekday: str, start: time, end: time) -> bool:
        opens, closes = time.fromisoformat(self.start), time.fromisoformat(self.end)
        return self.weekday == weekday and opens <= start < end <= closes  # past midnight it is another weekday


@dataclass(frozen=True, slots=True)
class Facilitator:
    """Who runs a group; also a person with colleagues and conflicts."""

    id: str
    display_name: str
    hubs: tuple[str, ...]
    conflicts: Conflicts


def seniority(grade: str) -> str | None:
    """junior, senior, or None for who is neither."""
    return "junior" if grade in JUNIOR else "senior" if grade in SENIOR else None
