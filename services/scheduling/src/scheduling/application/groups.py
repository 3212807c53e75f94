"""Groups: opened from the catalogue's entry and the coordinator's choices, read, and ended after the last session."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from scheduling.application.ports import GroupWork, PlacementWork
from scheduling.domain.catalogue import Modality
from scheduling.domain.groups import Group, Meeting, Terms
from scheduling.domain.ids import GroupId, MembershipId, PersonId
from scheduling.domain.memberships import Membership, Placement
from scheduling.domain.people import Person
from scheduling.domain.timetable import Timetable
from shared.validation.problems import FieldProblem, Refused

FURTHEST = 5  # years ahead that a group may begin


class BadGroup(Refused):
    """The group cannot be opened as requested; `problems` names each field."""


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """first_session: naive, on the wall clock of `zone`.  None: the catalogue decides.
    venue_given_as: the field in which the caller gave the venue, for problems with it."""

    modality: str
    facilitators: tuple[PersonId, ...]
    venue: str
    first_session: datetime
    zone: str
    capacity: int | None = None
    variant: str | None = None
    length: str | None = None
    topic: str | None = None
    sessions: int | None = None
    cadence: str | None = None
    minutes: int | None = None
    offer_hours: float | None = None
    venue_given_as: str = "venue"


@dataclass(frozen=True, slots=True)
class EndGroup:
    group: GroupId


@dataclass(frozen=True, slots=True)
class ReadGroup:
    group: GroupId


@dataclass(frozen=True, slots=True)
class ListGroups:
    after: str
    limit: int


@dataclass(frozen=True, slots=True)
class SeenGroup:
    """run_by: the ids and names of its facilitators."""

    group: Group
    run_by: tuple[tuple[PersonId, str], ...]
    at: datetime


def open_group(command: OpenGroup, work: GroupWork) -> Group:
    """Open a group; the matcher offers its places. Raises NoSuchModality, BadGroup."""
    modality = work.catalogue.get(command.modality)
    staff = work.placing.people.may_run_groups(command.facilitators)
    if problems := list(_problems(command, modality, staff, work)):
        raise BadGroup(problems)
    group = _group(command, modality, work)
    sessions = work.lay_out(group, _timetable(command, modality))
    group.meetings = tuple(Meeting(session.id, session.start, session.end) for session in sessions)
    group.ends_at = group.meetings[-1].end if _count(command, modality) else None
    group.open(work.now)
    for session in sessions:
        work.sessions.save(session)
    work.groups.save(group)
    _run(group, staff, work.placing)
    return group


def _group(command: OpenGroup, modality: Modality, work: GroupWork) -> Group:
    hub = work.placing.hub
    return Group(
        id=GroupId(work.placing.new_id("G")),
        hub=hub,
        open_to=(hub,),
        terms=_terms(command, modality),
        venue=command.venue,
        zone=command.zone,
        capacity=command.capacity or modality.capacity.usual,
        meetings=(),
    )


def _run(group: Group, staff: Sequence[Person], work: PlacementWork) -> None:
    """All facilitators are on the roster before the first event, so that every event names them all."""
    placements = [Placement(_runs(group, person, work), group, person) for person in staff]
    for placement in placements:
        placement.run(work.now)
    for placement in placements:
        work.save(placement, placement.taken(work.now))


def _runs(group: Group, person: Person, work: PlacementWork) -> Membership:
    return Membership(MembershipId(work.new_id("S")), person.hub, person.id, group.id, "runs", "held")


def end_group(command: EndGroup, work: GroupWork) -> None:
    """End a group whose last session is over, and every place in it."""
    group = work.groups.get_anywhere(command.group)
    if not group.is_over(work.now):
        return
    for membership in work.placing.memberships.live_in(group.id):
        placement = work.placing.placement_of(membership)
        work.placing.save(placement, placement.end("series_ended", work.now))
    group.end(work.now)
    work.groups.save(group)


def read(query: ReadGroup, work: GroupWork) -> SeenGroup:
    """Raises NoSuchGroup."""
    return _seen(work.groups.get(query.group), work)


def listed(query: ListGroups, work: GroupWork) -> Sequence[SeenGroup]:
    return [_seen(group, work) for group in work.groups.listed(query.after, query.limit)]


def _seen(group: Group, work: GroupWork) -> SeenGroup:
    return SeenGroup(group, tuple((row.person, work.name_of(row)) for row in group.run_by), work.now)


def _terms(command: OpenGroup, modality: Modality) -> Terms:
    return Terms(
        modality=modality.code,
        eligibility=modality.eligibility_for(command.variant),
        grade_mixing=modality.grade_mixing,
        membership=modality.membership_for(command.length),
        way_in=modality.way_in,
        cadence=command.cadence or modality.cadence or "",
        colleagues=modality.colleagues,
        variant=command.variant,
        length=command.length,
        topic=command.topic,
        offer_hours=command.offer_hours,
        name=modality.discreet_name_for(command.variant),
        sensitive=modality.sensitive,
        hours_held=command.offer_hours or modality.offer_hours,
    )


def _timetable(command: OpenGroup, modality: Modality) -> Timetable:
    return Timetable(
        cadence=command.cadence or modality.cadence or "",
        first=command.first_session,
        minutes=command.minutes or modality.minutes or 0,
        count=_count(command, modality) or modality.horizon,
        zone=command.zone,
        parts=modality.parts,
    )


def _count(command: OpenGroup, modality: Modality) -> int | None:
    """The number of sessions in the series; None when it has no end."""
    return command.sessions or modality.sessions_for(command.length)


def _problems(command: OpenGroup, modality: Modality, staff: Sequence[Person], work: GroupWork) -> Iterator[FieldProblem]:
    yield from _choice_problems(command, modality)
    yield from _number_problems(command, modality)
    yield from _time_problems(command, work.now)
    yield from _facilitator_problems(command, staff)
    if not work.is_discreet(command.venue):
        cure = "give a venue name that could appear in anybody's calendar"
        yield FieldProblem(command.venue_given_as, "it gives away what kind of group this is", cure)


def _time_problems(command: OpenGroup, now: datetime) -> Iterator[FieldProblem]:
    if command.first_session.replace(tzinfo=ZoneInfo(command.zone)) <= now:
        yield FieldProblem("first_session", "it is in the past", "give a future time, in the local time of `zone`")
    if not _exists(command.first_session, ZoneInfo(command.zone)):
        yield FieldProblem("first_session", "the clocks go forward over that time", "give a time that there is on that day")
    if command.first_session.year > now.year + FURTHEST:
        yield FieldProblem("first_session", "it is too far ahead", f"give a time within {FURTHEST} years")


def _exists(local: datetime, zone: ZoneInfo) -> bool:
    """Whether a clock on the wall shows this time: not in the hour that a spring night leaves out."""
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def _facilitator_problems(command: OpenGroup, staff: Sequence[Person]) -> Iterator[FieldProblem]:
    if not command.facilitators:
        yield FieldProblem("facilitators", "no facilitator given", "give at least one facilitator")
    if len(set(command.facilitators)) < len(command.facilitators):
        yield FieldProblem("facilitators", "the same facilitator is given twice", "give each of them once")
    known = {person.id for person in staff}
    for number, facilitator in enumerate(command.facilitators):
        if facilitator not in known:
            cure = "register them with the referral service for this hub, then try again in a few seconds"
            yield FieldProblem(f"facilitators.{number}", f"{facilitator} is not registered at this hub", cure)


def _choice_problems(command: OpenGroup, modality: Modality) -> Iterator[FieldProblem]:
    choices = (
        ("variant", command.variant, [variant.code for variant in modality.variants]),
        ("length", command.length, [length.code for length in modality.lengths]),
        ("topic", command.topic, list(modality.topics)),
    )
    for field, chosen, known in choices:
        if known and chosen not in known:
            reason = f"{chosen!r} is not offered by this modality" if chosen else "missing"
            yield FieldProblem(field, reason, f"give one of {', '.join(known)}")
        if chosen and not known:
            yield FieldProblem(field, f"{modality.code} does not have any", "leave this field out")


def _number_problems(command: OpenGroup, modality: Modality) -> Iterator[FieldProblem]:
    least, most = modality.capacity.least, modality.capacity.most
    if command.capacity and not least <= command.capacity <= most:
        yield FieldProblem("capacity", f"{command.capacity} is out of range", f"give {least} to {most}")
    if not (command.cadence or modality.cadence):
        yield FieldProblem("cadence", "missing; the catalogue does not set it", "give once, weekly or monthly")
    if not (command.minutes or modality.minutes):
        yield FieldProblem("minutes", "missing; the catalogue does not set it", "give the length of a session in minutes")
    if (command.sessions or 0) > 1 and (command.cadence or modality.cadence) == "once":
        yield FieldProblem("sessions", "this group meets only once", "leave it out, or choose another cadence")
    if not (_count(command, modality) or modality.horizon):
        yield FieldProblem("sessions", "missing; the catalogue does not set it", "give the number of sessions in the series")
