"""What a referral is made of. Shapes only; what may stand in a field is checked where it enters."""

from dataclasses import dataclass, field
from datetime import datetime

PROFESSIONS = ("doctor", "dentist", "medical_student", "nurse", "manager", "other")
GRADES = ("student", "foundation", "core_trainee", "gp_trainee", "specialty_trainee", "sas", "gp", "consultant", "none")
GENDERS = ("woman", "man", "non_binary", "self_described", "undisclosed")
WORK_STATUSES = ("working", "off_sick", "suspended", "excluded", "not_working", "retired")
URGENCIES = ("routine", "soon", "urgent")
SOURCES = ("hub", "self")
CONSENTS = ("referral", "status_to_referrer")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration body (GMC, GDC, NMC …) and the number it gave."""

    body: str
    number: str


@dataclass(frozen=True, slots=True)
class Person:
    """birth_date: ISO 8601.  known_as: the name to use; the first of `name` when nobody said."""

    name: str
    email: str
    known_as: str = ""
    phone: str = ""
    birth_date: str = ""
    registration: Registration | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    profession: str
    grade: str = "none"
    specialty: str = ""
    gender: str = "undisclosed"
    work_status: str = "working"


@dataclass(frozen=True, slots=True)
class Ties:
    """Where the person works, trains and lives: whoever shares one of these must not share a room with them."""

    employers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    household: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    modalities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A weekday and a span of wall-clock time in it, "HH:MM"."""

    weekday: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Consent:
    """The person's own: when they gave it, and to what."""

    given_at: datetime
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Blinded: own stands for the person, ties for where they work and live, never_with for people they named."""

    own: str = ""
    ties: tuple[str, ...] = ()
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """All that the vault seals of one participant."""

    person: Person
    ties: Ties = field(default_factory=Ties)
    never_with: tuple[Registration, ...] = ()
