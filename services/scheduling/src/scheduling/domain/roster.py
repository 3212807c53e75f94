"""The people on a group's roster, and pairs of them who must not meet."""

from dataclasses import dataclass

from scheduling.domain.ids import HubCode, MembershipId, PersonId
from scheduling.domain.people import Kind, Live
from scheduling.domain.tokens import Tokens


@dataclass(frozen=True, slots=True)
class OnRoster:
    """A member or facilitator of a group, with the data that placement compares. sealed_name: of a facilitator.

    People with a pass are on no roster: an open-access group keeps no register."""

    membership: MembershipId
    person: PersonId
    hub: HubCode
    kind: Kind
    state: Live
    tokens: Tokens
    grade: str = "none"
    sealed_name: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two on the roster who must not meet, found after both had their places."""

    one: MembershipId
    other: MembershipId

    @property
    def sides(self) -> frozenset[MembershipId]:
        return frozenset({self.one, self.other})
