"""The whole decision of who is offered which group, in one pure function.

Greedy in the order of the queue: placing as many as possible is NP-hard where pairs must part, and moving somebody already served to
make room for another broke the promise that nobody is overlooked (docs/adr/0017).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from scheduling.domain.groups import OPEN, Group
from scheduling.domain.ids import EntryId, GroupId, MembershipId
from scheduling.domain.placement import Candidate, best, fits


@dataclass(frozen=True, slots=True)
class Decision:
    """Offer a place in the group to the entry, or give a pass for an open-access group at once."""

    entry: EntryId
    group: GroupId
    what: Literal["offer", "give_pass"]


def choose(queue: Sequence[Candidate], groups: Iterable[Group], at: datetime) -> Iterator[Decision]:
    """The decisions, in the order of the queue (urgency, then clock); each takes account of the ones before it.

    Each candidate gets the best of the groups that suit them; the arguments are not changed.
    """
    room = _Room(groups, at)
    for candidate in queue:
        if not room.is_left:
            return
        if any(record.has_open_offer for record in candidate.records) or room.has_served(candidate):
            continue
        chosen = room.best_for(candidate)
        if chosen:
            room.note(candidate, chosen)
            yield Decision(candidate.entry, chosen.id, "give_pass" if chosen.terms.is_open_access else "offer")


class _Room:
    """The groups with room after the decisions so far, by modality, and the people already served."""

    def __init__(self, groups: Iterable[Group], at: datetime) -> None:
        self._at = at
        self._by_modality: dict[str, dict[GroupId, Group]] = defaultdict(dict)
        for group in groups:
            if group.state in OPEN and (group.has_room or group.terms.is_open_access):
                self._by_modality[group.terms.modality][group.id] = group
        self._served: set[str] = set()

    @property
    def is_left(self) -> bool:
        return any(self._by_modality.values())

    def has_served(self, candidate: Candidate) -> bool:
        """Whether the person has been served, perhaps under another record."""
        return not self._served.isdisjoint({candidate.person, *candidate.tokens.own})

    def best_for(self, candidate: Candidate) -> Group | None:
        wanted = candidate.wishes.modalities or tuple(self._by_modality)
        groups = (group for modality in wanted for group in self._of(modality).values())
        return best(candidate, [group for group in groups if fits(candidate, group, self._at)], self._at)

    def note(self, candidate: Candidate, group: Group) -> None:
        self._served |= {candidate.person, *candidate.tokens.own}
        if group.terms.is_open_access:
            return
        held = replace(group)
        held.add(candidate.on_roster(MembershipId(f"held for {candidate.entry}"), group))
        if held.has_room:
            self._by_modality[group.terms.modality][group.id] = held
        else:
            del self._by_modality[group.terms.modality][group.id]

    def _of(self, modality: str) -> Mapping[GroupId, Group]:
        return self._by_modality.get(modality, {})
