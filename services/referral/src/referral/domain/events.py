"""What happens to referrals, participants and facilitators, in this service's own words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from referral.domain.values import Conflicts, Person

if TYPE_CHECKING:
    from referral.domain.referral import Referral


@dataclass(frozen=True, slots=True)
class Submitted:
    referral: "Referral"


@dataclass(frozen=True, slots=True)
class Returned:
    referral: "Referral"


@dataclass(frozen=True, slots=True)
class Accepted:
    referral: "Referral"
    conflicts: Conflicts


@dataclass(frozen=True, slots=True)
class Declined:
    referral: "Referral"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    referral: "Referral"


@dataclass(frozen=True, slots=True)
class ContactKnown:
    participant: str
    person: Person


@dataclass(frozen=True, slots=True)
class FacilitatorRegistered:
    facilitator: str
    display_name: str
    hubs: tuple[str, ...]
    conflicts: Conflicts
