"""The matcher: the one writer that places. It reads queue and groups, decides in memory, and makes each offer in a short transaction.

Each transaction checks for itself, so that two matchers at once are wasteful and harmless.
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
    """What the matcher reads, outside any transaction."""

    def read(self) -> tuple[Sequence[Candidate], Sequence[Group]]:
        """Who waits, by urgency, then by clock; and the groups with room that its hubs host and that may be what one of them waits for.
        Of those who wait at a hub that none of these groups is open to nothing is read."""
        ...


@dataclass(frozen=True, slots=True)
class Matcher:
    """make_offer: does one decision in a transaction of its own, at the hub of the entry; whether it still held.
    in_flight: in how many groups offers are made at once; those of one group are made one after the other, for each writes the group."""

    queue: Queue
    make_offer: Callable[[HubCode, Decision], bool]
    clock: Callable[[], datetime]
    in_flight: InFlight = map

    def match(self, told_to_stop: Callable[[], bool] = lambda: False) -> int:
        """One run; how many places were offered or times given. Stops early when told to, between two offers."""
        queue, groups = self.queue.read()
        hubs = {candidate.entry: candidate.hub for candidate in queue}
        of_groups: dict[GroupId, list[Decision]] = defaultdict(list)
        for decision in choose(queue, groups, self.clock()):
            of_groups[decision.group].append(decision)

        def make(decisions: Sequence[Decision]) -> int:
            return sum(self.make_offer(hubs[each.entry], each) for each in decisions if not told_to_stop())

        return sum(self.in_flight(make, of_groups.values()))
