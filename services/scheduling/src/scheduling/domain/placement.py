"""Whether somebody can join a group, and if not, every reason why not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduling.domain.group import Group
from scheduling.domain.people import Conflicts, Facts, Window, Wishes, seniority


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who waits. refused: groups whose offer they declined or let pass; seated: groups they sit in."""

    participant: str
    facts: Facts
    conflicts: Conflicts
    wishes: Wishes
    availability: tuple[Window, ...]
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rejection:
    """policy: the name of the rule.  reason: in words for the coordinator; never says who the other person is."""

    policy: str
    reason: str


Policy = Callable[[Candidate, Group, datetime], Rejection | None]


def is_wished_for(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    wishes, terms = candidate.wishes, group.terms
    if (terms.sensitive or terms.is_open_access) and terms.modality not in wishes.modalities:
        return Rejection("is_wished_for", "it is for those only who asked for it")
    if wishes.modalities and terms.modality not in wishes.modalities:
        return Rejection("is_wished_for", "another kind of group was wished for")
    if wishes.variants and terms.variant and terms.variant not in wishes.variants:
        return Rejection("is_wished_for", f"the variant {terms.variant} was not wished for")
    if wishes.topics and terms.topic and terms.topic not in wishes.topics:
        return Rejection("is_wished_for", f"the topic {terms.topic} was not wished for")
    return None


def joins_by_referral(_candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    if group.terms.way_in in {"referral", "open-access"}:
        return None
    return Rejection("joins_by_referral", f"one joins it by {group.terms.way_in}, not by referral")


def takes_new_members(_candidate: Candidate, group: Group, at: datetime) -> Rejection | None:
    if not group.coming(at):
        return Rejection("takes_new_members", "its series has ended")
    if group.terms.membership == "closed" and group.has_begun(at):
        return Rejection("takes_new_members", "it is a closed series that has begun")
    return None


def has_room(_candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    if group.has_room:
        return None
    return Rejection("has_room", f"its {group.capacity} places are taken or held")


def eligible(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    unfit = group.terms.eligibility.admits(candidate.facts)
    return Rejection("eligible", f"not for this {' or '.join(unfit).replace('_', ' ')}") if unfit else None


def grades_may_mix(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    """Where mixing is forbidden: "has been difficult" because of power (Gerada, BJGP 2016;66:776-778)."""
    if group.terms.grade_mixing == "hard" and _mixes_grades(candidate, group):
        return Rejection("grades_may_mix", "it would put juniors and seniors together")
    return None


def no_close_colleague(candidate: Candidate, group: Group, at: datetime) -> Rejection | None:
    """Of a group that no referral leads to, whose colleagues meet in it is nobody's to find out."""
    if joins_by_referral(candidate, group, at):
        return None
    if any(candidate.conflicts.with_(member.conflicts) for member in group.members):
        return Rejection("no_close_colleague", "somebody in it works, trains or lives with them, or one has named the other")
    if any(candidate.conflicts.with_(facilitator.conflicts) for facilitator in group.facilitators):
        return Rejection("no_close_colleague", "who runs it works, trains or lives with them, or one has named the other")
    return None


def fits_availability(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    """To a drop-in group one comes when one can."""
    weekday, start, end = group.slot()
    fits = any(window.contains(weekday, start, end) for window in candidate.availability)
    if fits or not candidate.availability or group.terms.is_open_access:
        return None
    return Rejection("fits_availability", f"they are not free on {weekday.capitalize()}s from {start:%H:%M} to {end:%H:%M}")


def not_already_seated(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    if any(member.participant == candidate.participant for member in group.members):
        return Rejection("not_already_seated", "they have a place in it")
    return None


def not_refused_before(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    if group.id in candidate.refused:
        return Rejection("not_refused_before", "they declined an offer of it, or did not answer one")
    return None


POLICIES: tuple[Policy, ...] = (
    is_wished_for,
    joins_by_referral,
    takes_new_members,
    has_room,
    eligible,
    grades_may_mix,
    no_close_colleague,
    fits_availability,
    not_already_seated,
    not_refused_before,
)


def rejections(candidate: Candidate, group: Group, at: datetime) -> tuple[Rejection, ...]:
    """Every reason this candidate cannot join this group; empty means they can."""
    return tuple(found for policy in POLICIES if (found := policy(candidate, group, at)))


def best(candidate: Candidate, groups: Iterable[Group], at: datetime) -> Group | None:
    """Of groups that the candidate can join: a seat before a drop-in, grades of one kind before a mix where mixing is
    discouraged, then the one that meets soonest."""
    return min(groups, key=lambda group: _preference(candidate, group, at), default=None)


def _preference(candidate: Candidate, group: Group, at: datetime) -> tuple[bool, bool, datetime, str]:
    discouraged = group.terms.grade_mixing == "soft" and _mixes_grades(candidate, group)
    return group.terms.is_open_access, discouraged, group.coming(at)[0].start, group.id


def _mixes_grades(candidate: Candidate, group: Group) -> bool:
    own = seniority(candidate.facts.grade)
    others = {seniority(member.grade) for member in group.members} - {None}
    return own is not None and bool(others - {own})
