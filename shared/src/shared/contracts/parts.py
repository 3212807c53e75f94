"""Shapes that several events carry."""

from dataclasses import dataclass, field
from datetime import datetime

from marshmallow import EXCLUDE


class _Lenient:
    """Nested shapes ignore fields of later releases, as the events themselves do."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(_Lenient):
    """What eligibility needs to know of a person; values as in the API of referral."""

    profession: str
    grade: str
    gender: str
    work_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes(_Lenient):
    modalities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(_Lenient):
    """A weekday ("monday") and a span of wall-clock time in it ("18:00" to "21:00")."""

    weekday: str
    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts(_Lenient):
    """Blinded tokens: equal tokens mean the same employer, site, programme, household or person; never which."""

    own: str = ""
    ties: tuple[str, ...] = ()
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTimes(_Lenient):
    """One meeting: UTC instants for machines, the IANA zone to show them to people in."""

    session: str
    start: datetime
    end: datetime
    zone: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series(_Lenient):
    """What a participant may be told of a group: its discreet name, where, and when."""

    name: str
    place: str
    cadence: str
    sessions: tuple[SessionTimes, ...] = field(default=())
