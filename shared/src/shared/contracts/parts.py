"""Shapes that several events carry. An absent value is null; a list that is empty is an answer."""

from dataclasses import dataclass
from datetime import date, datetime

from marshmallow import EXCLUDE


class _Lenient:
    """Nested shapes ignore fields of later releases, as the events themselves do."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(_Lenient):
    """What eligibility needs to know of a person; values as in vocabulary.py."""

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
    """A weekday ("monday") and a span of wall-clock time in it ("18:00" to "21:00"), from and until a day where one is given."""

    weekday: str
    start: str
    end: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie(_Lenient):
    """A blinded workplace, programme or household: equal tokens mean the same one; never which.

    since, until: the days on which it began and ended; null where nobody said.  sure: false for a near match that nobody has decided.
    """

    token: str
    since: date | None = None
    until: date | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(_Lenient):
    """Blinded. own: what stands for this human (their registration, their address).  ties: null while nobody knows them.
    never_with: humans whom they named."""

    own: tuple[str, ...] = ()
    ties: tuple[Tie, ...] | None = None
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting(_Lenient):
    """One session: UTC instants for machines, the IANA zone to show them to people in."""

    session: str
    start: datetime
    end: datetime
    zone: str
    venue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(_Lenient):
    """What notifications may know of a membership, to tell its person: sealed for it on the wire and at rest.

    kind: seat, booking, pass, staff or runs.  name: the discreet one.  run_by: names to use.  revision: of the group's timetable.
    meetings: the sessions ahead when it was told, in order.  deadline: until when a held place is held.
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
    """What somebody answered, and to what."""

    to: str
    answer: str
    answered_at: datetime
