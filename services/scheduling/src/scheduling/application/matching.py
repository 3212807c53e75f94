"""The matcher, which alone offers places: it reads queue and groups, decides in memory, and makes each offer in a short transaction.

Each transaction checks the decision again, so that two matchers at once are wasteful but harmless.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduling.domain.groups import Group
from scheduling.domain.ids import GroupId, HubCode
from scheduling.domain.matching import Decision, choose
from scheduling.domain.placement import Candidate
from shared.process.in_flight import InFlight


class Queue(Protocol):
    """The matcher's input, read outside any transaction."""

    def read(self) -> tuple[Sequence[Candidate], Sequence[Group]]:
        """Those waiting, by urgency, then by clock; and the groups of its hubs with room that may suit one of them."""
        ...


@dataclass(frozen=True, slots=True)
class Matcher:
    """make_offer: carries out one decision in its own transaction, at the entry's hub; returns whether it did.
    in_flight: how many groups get offers at once. The offers of one group follow each other, because each writes the group."""

    queue: Queue
    make_offer: Callable[[HubCode, Decision], bool]
    clock: Callable[[], datetime]
    in_flight: InFlight = map

    def match(self, told_to_stop: Callable[[], bool] = lambda: False) -> int:
        """One run; returns the number of offers and passes made. Stops early when told to, between two offers."""
        queue, groups = self.queue.read()
        hubs = {candidate.entry: candidate.hub for candidate in queue}
        of_groups: dict[GroupId, list[Decision]] = defaultdict(list)
        for decision in choose(queue, groups, self.clock()):
            of_groups[decision.group].append(decision)

        def make(decisions: Sequence[Decision]) -> int:
            return sum(self.make_offer(hubs[each.entry], each) for each in decisions if not told_to_stop())

        return sum(self.in_flight(make, of_groups.values()))
