"""What referrals and people are described by. What a field may contain is checked where it enters."""

from dataclasses import dataclass, field
from datetime import date, datetime

SOURCES = ("hub", "self")
CONSENTS = ("referral", "status_to_referrer")


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration body (GMC, GDC, NMC …) and the number it gave."""

    body: str
    number: str


@dataclass(frozen=True, slots=True)
class Person:
    """known_as: the name to use, where somebody gave one."""

    name: str
    email: str
    known_as: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    registration: Registration | None = None

    @property
    def name_to_use(self) -> str:
        """The first of their names when nobody gave one to use."""
        return self.known_as or self.name.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Workplaces:
    """Where somebody works, trains and lives: whoever shares one of these must not share a room with them."""

    employers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    household: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """All that the vault seals of one participant. never_with: people whom they named."""

    person: Person
    ties: Workplaces = field(default_factory=Workplaces)
    never_with: tuple[Registration, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What eligibility looks at; values as in the contracts' vocabulary. specialty: for the reader only."""

    profession: str
    grade: str = "none"
    specialty: str | None = None
    gender: str = "undisclosed"
    work_status: str = "working"


@dataclass(frozen=True, slots=True)
class Wishes:
    """Alternatives; empty means any."""

    modalities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A weekday and a span of wall-clock time in it, "HH:MM"; from and until a day where one is given."""

    weekday: str
    start: str
    end: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The person's own: when they gave it, and to what."""

    given_at: datetime
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """A blinded workplace, programme or household. since, until: None where nobody gave a day.  sure: False for a near match."""

    token: str
    since: date | None = None
    until: date | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Tokens:
    """Blinded. own: what identifies this human.  ties: None while nobody knows them.  never_with: people whom they named."""

    own: tuple[str, ...] = ()
    ties: tuple[Tie, ...] | None = None
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a field, as plain data: its dotted path, the reason, the cure."""

    field: str
    reason: str
    cure: str
