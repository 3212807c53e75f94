"""Blinded tokens: they show that two people work together, are the same person, or named each other, and nothing else."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

STILL_COUNTS = 24  # months after its end that a tie still counts (docs/architecture.md, invariant 3)


@dataclass(frozen=True, slots=True)
class Days:
    """From a day to a day, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Tie:
    """A workplace, programme or household. since, until: None where unknown.  sure: False for an undecided near match."""

    token: str
    since: date | None = None
    until: date | None = None
    sure: bool = True

    def counts(self) -> Days:
        """The days on which it counts: from its start to 24 months after its end."""
        return Days(self.since or date.min, _months_after(self.until, STILL_COUNTS) if self.until else date.max)

    def clashes_with(self, other: "Tie", days: Days) -> bool:
        """Whether it is the same tie, and both count on one of the days."""
        if self.token != other.token:
            return False
        spans = (self.counts(), other.counts(), days)
        return max(span.first for span in spans) <= min(span.last for span in spans)


@dataclass(frozen=True, slots=True)
class Tokens:
    """own: those that identify this person.  ties: None while unknown.  never_with: people whom they named."""

    own: tuple[str, ...] = ()
    ties: tuple[Tie, ...] | None = ()
    never_with: tuple[str, ...] = ()

    def is_same_human(self, other: "Tokens") -> bool:
        return not set(self.own).isdisjoint(other.own)

    def is_named_by(self, other: "Tokens") -> bool:
        return not set(self.own).isdisjoint(other.never_with)

    def is_colleague_of(self, other: "Tokens", days: Days) -> bool:
        """Whether they share a tie that counts for both on one of the days."""
        mine, theirs = self.ties or (), other.ties or ()
        if {tie.token for tie in mine}.isdisjoint([tie.token for tie in theirs]):
            return False  # nearly always, and the matcher compares very many pairs
        return any(one.clashes_with(another, days) for one in mine for another in theirs)

    def must_not_meet(self, other: "Tokens", days: Days) -> bool:
        """Whether the two must not share a room where colleagues are kept apart."""
        return self.is_same_human(other) or self.is_named_by(other) or other.is_named_by(self) or self.is_colleague_of(other, days)


def _months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
