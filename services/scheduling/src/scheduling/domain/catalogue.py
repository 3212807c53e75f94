"""The catalogue: the kinds of group. Every entry is data; no code depends on any one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from scheduling.domain.people import Facts, Kind

MEMBERSHIPS = ("booking", "closed", "slow-open", "open-access")
WAYS_IN = ("referral", "booking", "staff", "open-access")
GRADE_MIXING = ("hard", "soft", "off")
COLLEAGUES = ("apart", "warn", "off")
CADENCES = ("once", "weekly", "monthly")
PART_KINDS = ("small", "large")

WayIn = Literal["referral", "booking", "staff", "open-access"]
Colleagues = Literal["apart", "warn", "off"]

KIND_OF: Mapping[str, Kind] = {"referral": "seat", "booking": "booking", "staff": "staff", "open-access": "pass"}


class NoSuchModality(LookupError):
    """The catalogue has no entry with this code."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The people a group is for: the values each fact may have. An empty set admits anybody."""

    professions: frozenset[str] = frozenset()
    grades: frozenset[str] = frozenset()
    genders: frozenset[str] = frozenset()
    work_statuses: frozenset[str] = frozenset()

    def admits(self, facts: Facts) -> tuple[str, ...]:
        """The facts that do not fit, by name; empty means that the person is eligible."""
        asked = (
            ("profession", facts.profession, self.professions),
            ("grade", facts.grade, self.grades),
            ("gender", facts.gender, self.genders),
            ("work_status", facts.work_status, self.work_statuses),
        )
        return tuple(name for name, value, allowed in asked if allowed and value not in allowed)

    def narrowed_by(self, other: "Eligibility") -> "Eligibility":
        """The eligibility in which each non-empty set of `other` replaces this one's."""
        return Eligibility(
            other.professions or self.professions,
            other.grades or self.grades,
            other.genders or self.genders,
            other.work_statuses or self.work_statuses,
        )


@dataclass(frozen=True, slots=True)
class Capacity:
    """The number of places in a group: least, most, and usual if the coordinator gives none."""

    least: int
    most: int
    usual: int


@dataclass(frozen=True, slots=True)
class Variant:
    code: str
    public_name: str
    discreet_name: str
    eligibility: Eligibility = Eligibility()


@dataclass(frozen=True, slots=True)
class Length:
    """sessions: None when open-ended."""

    code: str
    membership: str
    sessions: int | None = None
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A child session inside a day."""

    name: str
    kind: str
    starts_after_minutes: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Modality:
    """One entry. cadence, minutes, sessions: None if set for each group.

    horizon: how many sessions are laid out when the series has no end.  offer_hours: how long an offer is open.
    sensitive: its very name is a diagnosis and never leaves the service.
    colleagues: apart (never together), warn (they may come, and the message says so), off.
    """

    code: str
    public_name: str
    discreet_name: str
    what_to_expect: str
    membership: str
    way_in: WayIn
    capacity: Capacity
    grade_mixing: str
    colleagues: Colleagues = "apart"
    eligibility: Eligibility = Eligibility()
    sensitive: bool = False
    cadence: str | None = None
    minutes: int | None = None
    sessions: int | None = None
    open_ended: bool = False
    horizon: int = 0
    offer_hours: float = 72
    variants: tuple[Variant, ...] = ()
    lengths: tuple[Length, ...] = ()
    topics: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    def eligibility_for(self, variant: str | None) -> Eligibility:
        chosen = self._variant(variant)
        return self.eligibility.narrowed_by(chosen.eligibility) if chosen else self.eligibility

    def discreet_name_for(self, variant: str | None) -> str:
        chosen = self._variant(variant)
        return chosen.discreet_name if chosen else self.discreet_name

    def membership_for(self, length: str | None) -> str:
        chosen = self._length(length)
        return chosen.membership if chosen else self.membership

    def sessions_for(self, length: str | None) -> int | None:
        """The number of sessions in a series; None when it has no end, or it is set for each group."""
        chosen = self._length(length)
        return chosen.sessions if chosen else self.sessions

    def _variant(self, code: str | None) -> Variant | None:
        return next((variant for variant in self.variants if variant.code == code), None)

    def _length(self, code: str | None) -> Length | None:
        return next((length for length in self.lengths if length.code == code), None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    entries: Mapping[str, Modality] = field(default_factory=dict)

    def get(self, code: str) -> Modality:
        """Raises NoSuchModality, naming the codes that exist."""
        if code not in self.entries:
            raise NoSuchModality(f"{code!r} is not in the catalogue, which contains {', '.join(sorted(self.entries))}")
        return self.entries[code]

    def all(self) -> tuple[Modality, ...]:
        return tuple(self.entries.values())
