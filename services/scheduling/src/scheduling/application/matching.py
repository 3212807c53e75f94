"""The matcher: the one writer that places. It reads queue and groups, decides in memory, and makes each offer in a short transaction.

Each transaction checks for itself, so that two matchers at once are wasteful and harmless.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduling.domain.groups import Group
from scheduling.domain.ids import HubCode
from scheduling.domain.matching import Decision, choose
from scheduling.domain.placement import Candidate


class Queue(Protocol):
    """What the matcher reads, outside any transaction."""

    def groups_with_room(self) -> Sequence[Group]:
        """The open groups that its hubs host and that take people by referral or are open access, if they have room."""
        ...

    def waiting_for(self, groups: Sequence[Group]) -> Sequence[Candidate]:
        """Who waits, at every hub that these groups are open to, and may want one of them: by urgency, then by clock."""
        ...


@dataclass(frozen=True, slots=True)
class Matcher:
    """make_offer: does one decision in a transaction of its own, at the hub of the entry; whether it still held."""

    queue: Queue
    make_offer: Callable[[HubCode, Decision], bool]
    clock: Callable[[], datetime]

    def match(self, told_to_stop: Callable[[], bool] = lambda: False) -> int:
        """One run; how many places were offered or times given. Stops early when told to, between two offers."""
        groups = self.queue.groups_with_room()
        queue = self.queue.waiting_for(groups) if groups else []
        hubs = {candidate.entry: candidate.hub for candidate in queue}
        made = 0
        for decision in choose(queue, groups, self.clock()):
            if told_to_stop():
                break
            made += self.make_offer(hubs[decision.entry], decision)
        return made
