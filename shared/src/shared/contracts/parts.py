"""Shapes that several events contain. Null means not known; an empty list means that there are none."""

from dataclasses import dataclass
from datetime import date, datetime

from marshmallow import EXCLUDE


class _Lenient:
    """Nested shapes ignore fields of later releases, as the events themselves do."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(_Lenient):
    """The facts that decide eligibility; values as in vocabulary.py."""

    profession: str
    grade: str
    gender: str
    work_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes(_Lenient):
    """Alternatives; empty means any."""

    modalities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(_Lenient):
    """A weekday ("monday") and a span of wall-clock time on it ("18:00" to "21:00"), from and until a day where one is given."""

    weekday: str
    start: str
    end: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie(_Lenient):
    """A blinded workplace, programme or household: equal tokens mean the same one, but do not reveal which.

    since, until: the days on which it began and ended; null where unknown.  sure: false for a near match that is not yet decided.
    """

    token: str
    since: date | None = None
    until: date | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(_Lenient):
    """Blinded. own: those that identify this person (registration, address).  ties: null while unknown.
    never_with: people whom they named."""

    own: tuple[str, ...] = ()
    ties: tuple[Tie, ...] | None = None
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting(_Lenient):
    """One session: UTC instants for machines, and the IANA zone in which to show them to people."""

    session: str
    start: datetime
    end: datetime
    zone: str
    venue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(_Lenient):
    """The details of a membership for a message to its person: sealed for notifications, on the wire and at rest.

    kind: seat, booking, pass, staff or runs.  name: the discreet one.  run_by: facilitators' names.  revision: of the timetable.
    meetings: the sessions ahead at publication, in order.  deadline: of an offer; null once the place is taken.
    colleagues_may_come: whether the message must warn of it.
    """

    group: str
    kind: str
    name: str
    venue: str
    cadence: str
    revision: int
    meetings: tuple[Meeting, ...] = ()
    run_by: tuple[str, ...] = ()
    deadline: datetime | None = None
    colleagues_may_come: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRef(_Lenient):
    """Which group a booking is for."""

    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffName(_Lenient):
    """The name by which a member of staff is shown."""

    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralState(_Lenient):
    """An open referral. accepted: null until it is.  wishes: sealed for scheduling as in referral.accepted."""

    referral: str
    source: str
    urgency: str
    received: datetime
    accepted: datetime | None = None
    wishes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingState(_Lenient):
    """An open booking. group: sealed for scheduling as in booking.asked."""

    booking: str
    state: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryState(_Lenient):
    """A waiting entry that is not closed. state: waiting, offered or met."""

    entry: str
    state: str
    clock: datetime
    stands: str
    referral: str | None = None
    booking: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipState(_Lenient):
    """A membership that is not ended. state: held, taken or paused.  place: sealed for notifications as in membership.taken."""

    membership: str
    state: str
    stands: str
    place: str
    referral: str | None = None
    booking: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven(_Lenient):
    """A person's answer. to: the membership's id.  answer: accept or decline."""

    to: str
    answer: str
    answered_at: datetime
