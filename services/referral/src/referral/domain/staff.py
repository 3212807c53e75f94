"""Staff: registered here, because only this service can blind workplaces."""

from dataclasses import dataclass
from typing import Literal

from referral.domain.ids import StaffId
from referral.domain.values import Tokens

State = Literal["active", "left"]


@dataclass(frozen=True, slots=True)
class StaffChanged:
    """All that the other services need about a member of staff."""

    person: StaffId
    display_name: str
    hubs: tuple[str, ...]
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class StaffLeft:
    """They no longer work for any of their hubs."""

    person: StaffId


@dataclass(slots=True)
class StaffMember:
    """index: blinded registration, to recognise the same person.  hubs: those that they work for."""

    id: StaffId
    hub: str
    index: str
    display_name: str
    hubs: tuple[str, ...]
    tokens: Tokens
    state: State = "active"
    version: int = 0
    last_sequence: int = 0

    def register(self) -> list[StaffChanged]:
        """Publish them as they are."""
        return [StaffChanged(self.id, self.display_name, self.hubs, self.tokens)]

    def change(self, display_name: str, hubs: tuple[str, ...], tokens: Tokens) -> list[StaffChanged]:
        """Update their details; somebody who had left is active again."""
        self.display_name, self.hubs, self.tokens, self.state = display_name, hubs, tokens, "active"
        return self.register()

    def leave(self) -> list[StaffLeft]:
        """Their record is kept, because other records still refer to it."""
        self.state = "left"
        return [StaffLeft(self.id)]
