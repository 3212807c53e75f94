"""A facilitator: registered here, because only this service can blind where somebody works."""

from dataclasses import dataclass

from referral.domain import events
from referral.domain.values import Conflicts


@dataclass(slots=True)
class Facilitator:
    id: str
    hub: str
    index: str
    display_name: str
    hubs: tuple[str, ...]
    conflicts: Conflicts
    version: int = 0
    said: int = 0

    def register(self) -> list[events.FacilitatorRegistered]:
        return [events.FacilitatorRegistered(self.id, self.display_name, self.hubs, self.conflicts)]
