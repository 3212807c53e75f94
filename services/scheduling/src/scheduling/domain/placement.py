"""Whether somebody can join a group and, if not, every reason why: one pure function per policy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from scheduling.domain.colleagues import keeps_apart
from scheduling.domain.groups import OPEN, Group
from scheduling.domain.ids import EntryId, HubCode, MembershipId, PersonId, ReferralId
from scheduling.domain.people import Facts, Person, Window, overlapping, seniority
from scheduling.domain.roster import OnRoster
from scheduling.domain.tokens import Tokens

COOLS_AFTER = timedelta(days=1)
COOLS_AFTER_URGENT = timedelta(minutes=1)
MOST_LAPSES = 2  # unanswered offers of one group after which it is no longer offered to that person

Urgency = Literal["urgent", "soon", "routine"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """Alternatives. Empty means any."""

    modalities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """An offer of a group that somebody declined, or did not answer (lapsed)."""

    group: str
    at: datetime
    how: Literal["declined", "lapsed"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person on the waiting list, with their entry. records: those of the same person at every hub."""

    entry: EntryId
    hub: HubCode
    person: PersonId
    referral: ReferralId | None
    facts: Facts
    tokens: Tokens
    wishes: Wishes
    free: tuple[Window, ...]
    busy: tuple[Window, ...]
    urgency: Urgency
    records: tuple[Person, ...]
    refusals: tuple[Refusal, ...] = ()

    def on_roster(self, membership: MembershipId, group: Group) -> OnRoster:
        """Their row on the group's roster once a place is held for them."""
        return OnRoster(membership, self.person, self.hub, group.terms.kind, "held", self.tokens, self.facts.grade)


@dataclass(frozen=True, slots=True)
class Rejection:
    """policy: the name of the rule.  reason: in words for the coordinator; never says who the other person is."""

    policy: str
    reason: str


Policy = Callable[[Candidate, Group, datetime], Rejection | None]


def is_open_to_their_hub(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    return None if candidate.hub in group.open_to else Rejection("is_open_to_their_hub", "it is not open to their hub")


def is_wished_for(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    wishes, terms = candidate.wishes, group.terms
    if (terms.sensitive or terms.is_open_access) and terms.modality not in wishes.modalities:
        return Rejection("is_wished_for", "it is offered only to people who asked for it")
    if wishes.modalities and terms.modality not in wishes.modalities:
        return Rejection("is_wished_for", "they asked for another kind of group")
    if wishes.variants and terms.variant and terms.variant not in wishes.variants:
        return Rejection("is_wished_for", f"they did not ask for the variant {terms.variant}")
    if wishes.topics and terms.topic and terms.topic not in wishes.topics:
        return Rejection("is_wished_for", f"they did not ask for the topic {terms.topic}")
    return None


def joins_by_referral(_candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    if group.terms.way_in in {"referral", "open-access"}:
        return None
    how = "places are booked, not referred" if group.terms.way_in == "booking" else "it is for members of staff, added by a coordinator"
    return Rejection("joins_by_referral", how)


def takes_new_members(_candidate: Candidate, group: Group, at: datetime) -> Rejection | None:
    if group.state not in OPEN or group.has_ended(at):
        return Rejection("takes_new_members", "its series has ended")
    if group.terms.membership == "closed" and group.has_begun(at):
        return Rejection("takes_new_members", "it is a closed series that has begun")
    return None


def has_room(_candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    if group.has_room or group.terms.is_open_access:
        return None
    return Rejection("has_room", f"all {group.capacity} places are taken or held")


def eligible(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    unfit = group.terms.eligibility.admits(candidate.facts)
    return Rejection("eligible", f"not open to their {' or '.join(unfit).replace('_', ' ')}") if unfit else None


def grades_may_mix(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    """Forbids a mix where the modality does: it "has been difficult" because of power (Gerada, BJGP 2016;66:776-778)."""
    if group.terms.grade_mixing == "hard" and _mixes_grades(candidate, group):
        return Rejection("grades_may_mix", "it would mix junior and senior doctors")
    return None


def no_close_colleague(candidate: Candidate, group: Group, at: datetime) -> Rejection | None:
    """Groups that cannot be joined by referral are not compared, so that nobody learns whose colleagues are in them."""
    if joins_by_referral(candidate, group, at):
        return None
    days = group.days(at)
    if any(keeps_apart(group, candidate.tokens, row.tokens, days) for row in group.members):
        return Rejection("no_close_colleague", "a member works, trains or lives with them, or one has named the other")
    if any(keeps_apart(group, candidate.tokens, row.tokens, days) for row in group.run_by):
        return Rejection("no_close_colleague", "a facilitator works, trains or lives with them, or one has named the other")
    return None


def fits_availability(candidate: Candidate, group: Group, at: datetime) -> Rejection | None:
    """Drop-in groups are exempt: people come when they can."""
    if group.terms.is_open_access or not (candidate.free or candidate.busy):
        return None
    if candidate.free and not _are_free(candidate.free, group, at):
        return Rejection("fits_availability", f"they are not free {_when(group)}")
    if candidate.busy and _are_busy(candidate.busy, group, at):
        return Rejection("fits_availability", f"they are busy {_when(group)}")
    return None


def _are_free(windows: Iterable[Window], group: Group, at: datetime) -> bool:
    """Whether they are free on every day on which it still meets."""
    slot = group.slot()
    fitting = [window for window in windows if window.contains(*slot)]
    always = any(window.holds_always for window in fitting)
    return always or all(any(window.holds_on(day) for window in fitting) for day in group.days_ahead(at))


def _are_busy(windows: Iterable[Window], group: Group, at: datetime) -> bool:
    """Whether they are busy on any day on which it still meets."""
    slot = group.slot()
    touching = [window for window in windows if window.touches(*slot)]
    return any(window.holds_on(day) for window in touching for day in group.days_ahead(at))


def _when(group: Group) -> str:
    weekday, start, end = group.slot()
    return f"on {weekday.capitalize()}s from {start:%H:%M} to {end:%H:%M}"


def not_already_placed(candidate: Candidate, group: Group, _at: datetime) -> Rejection | None:
    if any(place.group == group.id for record in candidate.records for place in record.places):
        return Rejection("not_already_placed", "they already have a place in it")
    if group.terms.is_open_access and any(group.terms.modality in record.passes for record in candidate.records):
        return Rejection("not_already_placed", "they already have the times of another group of this kind")
    return None


def places_do_not_overlap(candidate: Candidate, group: Group, at: datetime) -> Rejection | None:
    if group.terms.is_open_access or not any(record.counted_places for record in candidate.records):
        return None
    if not overlapping(candidate.records, [meeting.span for meeting in group.coming(at)]):
        return None
    return Rejection("places_do_not_overlap", "they have a place in another group at that time")


def not_refused_before(candidate: Candidate, group: Group, at: datetime) -> Rejection | None:
    """A declined group is not offered again. After a lapsed offer it is offered once more, a day later (urgent: a minute)."""
    refused = [refusal for refusal in candidate.refusals if refusal.group == group.id]
    if not refused:
        return None
    if any(refusal.how == "declined" for refusal in refused) or len(refused) >= MOST_LAPSES:
        return Rejection("not_refused_before", "they declined an offer of a place in it, or did not answer")
    cools = COOLS_AFTER_URGENT if candidate.urgency == "urgent" else COOLS_AFTER
    if at < refused[-1].at + cools:
        return Rejection("not_refused_before", "they did not answer an offer of a place in it; it can be offered again after a day")
    return None


POLICIES: tuple[Policy, ...] = (
    is_open_to_their_hub,
    is_wished_for,
    joins_by_referral,
    takes_new_members,
    has_room,
    eligible,
    not_refused_before,
    not_already_placed,
    grades_may_mix,
    fits_availability,
    places_do_not_overlap,
    no_close_colleague,
)


def rejections(candidate: Candidate, group: Group, at: datetime) -> tuple[Rejection, ...]:
    """Every reason this candidate cannot join this group; empty means they can."""
    return tuple(found for policy in POLICIES if (found := policy(candidate, group, at)))


def fits(candidate: Candidate, group: Group, at: datetime) -> bool:
    """Whether every policy allows this group; stops at the first that does not."""
    return not any(policy(candidate, group, at) for policy in POLICIES)


def facts_suit(candidate: Candidate, group: Group, at: datetime) -> bool:
    """Whether a person's facts let them join a group that does not include them: checked at the offer and at the acceptance. A
    member whose facts change later stays."""
    return not any(policy(candidate, group, at) for policy in (eligible, grades_may_mix))


def best(candidate: Candidate, groups: Iterable[Group], at: datetime) -> Group | None:
    """Of groups that the candidate can join: a seat before a drop-in, grades of one kind before a mix where mixing is
    discouraged, then the one that meets soonest."""
    return min(groups, key=lambda group: _preference(candidate, group, at), default=None)


def _preference(candidate: Candidate, group: Group, at: datetime) -> tuple[bool, bool, datetime, str]:
    discouraged = group.terms.grade_mixing == "soft" and _mixes_grades(candidate, group)
    return group.terms.is_open_access, discouraged, group.next_meeting(at).start, group.id


def _mixes_grades(candidate: Candidate, group: Group) -> bool:
    own = seniority(candidate.facts.grade)
    others = {seniority(row.grade) for row in group.members} - {None}
    return own is not None and bool(others - {own})
