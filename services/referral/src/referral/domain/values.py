"""The values that describe referrals and people. The API's schemas check what each field may contain."""

from dataclasses import dataclass, field
from datetime import date, datetime

from referral.domain.names import addressed

SOURCES = ("hub", "self")
CONSENTS = ("referral", "status_to_referrer")


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration body (GMC, GDC, NMC …) and the person's number there."""

    body: str
    number: str


@dataclass(frozen=True, slots=True)
class Person:
    """known_as: the chosen name, if one was given."""

    name: str
    email: str
    known_as: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    registration: Registration | None = None

    @property
    def name_to_use(self) -> str:
        """The chosen name, or else the whole name, without titles."""
        return self.known_as or addressed(self.name)


@dataclass(frozen=True, slots=True)
class Workplaces:
    """Where a person works, trains and lives: people who share one of these must not share a room."""

    employers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    household: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """All that the vault seals about one participant. never_with: people whom they named."""

    person: Person
    ties: Workplaces = field(default_factory=Workplaces)
    never_with: tuple[Registration, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that decide eligibility; values as in the contracts' vocabulary. specialty: for the reader only."""

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
    """A weekday and a span of wall-clock time on it, "HH:MM"; from and until a day where one is given."""

    weekday: str
    start: str
    end: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The person's own consent: when it was given, and to what."""

    given_at: datetime
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """A blinded workplace, programme or household. since, until: None where unknown.  sure: False for a near match."""

    token: str
    since: date | None = None
    until: date | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Tokens:
    """Blinded. own: those that identify this person.  ties: None while unknown.  never_with: people whom they named."""

    own: tuple[str, ...] = ()
    ties: tuple[Tie, ...] | None = None
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flaw:
    """A mistake in a field, as plain data: its dotted path, the reason, the cure."""

    field: str
    reason: str
    cure: str
