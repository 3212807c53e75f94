"""Staff: registered here, because only this service can blind workplaces; and the operator's list of whom intake may register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from referral.domain.blinding import plain_registration
from referral.domain.ids import StaffId
from referral.domain.values import Registration, Tokens

EVERY_HUB = "*"

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


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody whom intake may register as running groups. code: their name in the operator's file.  hubs: those they work for, or
    EVERY_HUB."""

    code: str
    name: str
    registration: Registration
    hubs: tuple[str, ...]

    def works_at(self, hub: str) -> bool:
        return hub in self.hubs or EVERY_HUB in self.hubs


@dataclass(frozen=True, slots=True)
class StaffList:
    """The operator's list, by code. Nobody else can be registered: whoever could invent a facilitator, with a doctor's employer or
    "never with" a doctor, would be told by "why not" which pseudonym that doctor is (docs/adr/0021)."""

    entries: Mapping[str, Listed]

    def at(self, hub: str) -> Sequence[Listed]:
        """Those of a hub, by name."""
        return sorted((each for each in self.entries.values() if each.works_at(hub)), key=lambda each: (each.name, each.code))

    def find(self, hub: str, picked: str | Registration) -> Listed | None:
        """The one of this hub with this code, or with this registration however it is written."""
        if isinstance(picked, Registration):
            number = plain_registration(picked)
            return next((each for each in self.at(hub) if plain_registration(each.registration) == number), None)
        return next((each for each in self.at(hub) if each.code == picked), None)
