"""Opens a group: the catalogue's entry and the coordinator's choices become terms, a timetable and sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from scheduling.application import placing
from scheduling.application.commands import OpenGroup
from scheduling.application.ports import Work
from scheduling.domain.catalogue import Modality
from scheduling.domain.group import Group, Terms
from scheduling.domain.timetable import Timetable

FURTHEST = 5  # years ahead that a group may begin


@dataclass(frozen=True, slots=True)
class GroupProblem:
    field: str
    reason: str
    cure: str


class BadGroup(ValueError):
    """The group cannot be opened as asked; `problems` names each field."""

    def __init__(self, problems: list[GroupProblem]) -> None:
        super().__init__("; ".join(f"{p.field}: {p.reason}" for p in problems))
        self.problems = tuple(problems)


def open_group(command: OpenGroup, work: Work) -> Group:
    """Open a group and offer its places to those who wait for one. Raises NoSuchModality, BadGroup."""
    modality = work.catalogue.get(command.modality)
    if problems := list(_problems(command, modality, work)):
        raise BadGroup(problems)
    group_id = work.new_id("G")
    sessions = work.lay_out(group_id, _timetable(command, modality))
    group = Group(
        id=group_id,
        hub=work.hub,
        terms=_terms(command, modality),
        facilitators=tuple(work.facilitators.known(command.facilitators)),
        place=command.place,
        zone=command.zone,
        capacity=command.capacity or modality.capacity.usual,
        sessions=sessions,
        ends_at=max(session.end for session in sessions) if _count(command, modality) else None,
    )
    work.groups.save(group, group.open(work.now))
    placing.fill(group, work)
    return group


def _terms(command: OpenGroup, modality: Modality) -> Terms:
    return Terms(
        modality=modality.code,
        name=modality.discreet_name_for(command.variant),
        eligibility=modality.eligibility_for(command.variant),
        sensitive=modality.sensitive,
        grade_mixing=modality.grade_mixing,
        membership=modality.membership_for(command.length),
        way_in=modality.way_in,
        cadence=command.cadence or modality.cadence or "",
        offer_hours=command.offer_hours or modality.offer_hours,
        variant=command.variant,
        length=command.length,
        topic=command.topic,
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


def _count(command: OpenGroup, modality: Modality) -> int:
    """How many sessions the series has; 0 when it has no end."""
    return command.sessions or modality.sessions_for(command.length) or 0


def _problems(command: OpenGroup, modality: Modality, work: Work) -> Iterator[GroupProblem]:
    yield from _choice_problems(command, modality)
    yield from _number_problems(command, modality)
    if command.first_session.replace(tzinfo=ZoneInfo(command.zone)) <= work.now:
        yield GroupProblem("first_session", "it lies in the past", "give a time to come, on the wall clock of `zone`")
    if command.first_session.year > work.now.year + FURTHEST:
        yield GroupProblem("first_session", "it lies too far ahead", f"give a time within {FURTHEST} years")
    yield from _facilitator_problems(command, work)
    if not work.is_discreet(command.place):
        yield GroupProblem("place", "it tells what the group is", "give a place name that could stand in anybody's calendar")


def _facilitator_problems(command: OpenGroup, work: Work) -> Iterator[GroupProblem]:
    if not command.facilitators:
        yield GroupProblem("facilitators", "nobody runs it", "give at least one facilitator")
    if len(set(command.facilitators)) < len(command.facilitators):
        yield GroupProblem("facilitators", "one is given twice", "give each once")
    known = {facilitator.id for facilitator in work.facilitators.known(command.facilitators)}
    for number, facilitator in enumerate(command.facilitators):
        if facilitator not in known:
            cure = "register them at the referral service for this hub, then try again in a few seconds"
            yield GroupProblem(f"facilitators.{number}", f"{facilitator} is not known here", cure)


def _choice_problems(command: OpenGroup, modality: Modality) -> Iterator[GroupProblem]:
    choices = (
        ("variant", command.variant, [variant.code for variant in modality.variants]),
        ("length", command.length, [length.code for length in modality.lengths]),
        ("topic", command.topic, list(modality.topics)),
    )
    for field, chosen, known in choices:
        if known and chosen not in known:
            yield GroupProblem(field, f"{chosen!r} is none" if chosen else "missing", f"give one of {', '.join(known)}")
        if chosen and not known:
            yield GroupProblem(field, f"{modality.code} has none", "leave it out")


def _number_problems(command: OpenGroup, modality: Modality) -> Iterator[GroupProblem]:
    least, most = modality.capacity.least, modality.capacity.most
    if command.capacity and not least <= command.capacity <= most:
        yield GroupProblem("capacity", f"{command.capacity} is out of range", f"give {least} to {most}")
    if not (command.cadence or modality.cadence):
        yield GroupProblem("cadence", "missing; the catalogue leaves it to you", "give once, weekly or monthly")
    if not (command.minutes or modality.minutes):
        yield GroupProblem("minutes", "missing; the catalogue leaves it to you", "give the length of a session in minutes")
    if command.sessions > 1 and (command.cadence or modality.cadence) == "once":
        yield GroupProblem("sessions", "it meets once", "leave it out, or give another cadence")
    if not (_count(command, modality) or modality.horizon):
        yield GroupProblem("sessions", "missing; the catalogue leaves it to you", "give how many sessions the series has")
