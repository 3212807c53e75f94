"""Staff: registered here, because only this service can blind where somebody works."""

from dataclasses import dataclass
from typing import Literal

from referral.domain.ids import StaffId
from referral.domain.values import Tokens

State = Literal["active", "left"]


@dataclass(frozen=True, slots=True)
class StaffChanged:
    """The whole of what the other services need of a member of staff."""

    person: StaffId
    display_name: str
    hubs: tuple[str, ...]
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class StaffLeft:
    """They work for none of their hubs any more."""

    person: StaffId


@dataclass(slots=True)
class StaffMember:
    """index: finds the same person again, by registration.  hubs: those that they work for."""

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
        """Take what was said last of them as true; whoever had left is back."""
        self.display_name, self.hubs, self.tokens, self.state = display_name, hubs, tokens, "active"
        return self.register()

    def leave(self) -> list[StaffLeft]:
        """They are kept, for what they did is still referred to."""
        self.state = "left"
        return [StaffLeft(self.id)]
