"""What the referral service says. No name, address, employer or clinical word is ever in here."""

from datetime import datetime

from shared.contracts.parts import Conflicts, Facts, Window, Wishes
from shared.contracts.registry import event


@event("referral.submitted.v1", aggregate="referral")
class Submitted:
    referral: str
    participant: str
    source: str
    urgency: str


@event("referral.returned.v1", aggregate="referral")
class Returned:
    referral: str
    participant: str
    source: str
    urgency: str


@event("referral.declined.v1", aggregate="referral")
class Declined:
    referral: str
    participant: str
    source: str
    urgency: str
    reason: str
    signposts: tuple[str, ...] = ()


@event("referral.withdrawn.v1", aggregate="referral")
class Withdrawn:
    referral: str
    participant: str
    source: str
    urgency: str


@event("referral.accepted.v1", aggregate="referral")
class Accepted:
    referral: str
    participant: str
    wishes: Wishes
    facts: Facts
    availability: tuple[Window, ...]
    conflicts: Conflicts
    urgency: str
    clock_start: datetime


@event("facilitator.registered.v1", aggregate="facilitator")
class FacilitatorRegistered:
    facilitator: str
    display_name: str
    hubs: tuple[str, ...]
    conflicts: Conflicts


@event("contact.changed.v1", aggregate="participant", topic="contacts")
class ContactChanged:
    """How to reach a participant: base64 of the vault's ciphertext; opens to a JSON object of
    known_as, email, language, quiet_hours, discreet."""

    participant: str
    sealed: str
