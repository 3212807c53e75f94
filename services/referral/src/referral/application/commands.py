"""What can be asked of this service."""

from dataclasses import dataclass

from referral.domain.values import Consent, Facts, Person, Registration, Ties, Window, Wishes


@dataclass(frozen=True, slots=True)
class Submit:
    source: str
    person: Person
    facts: Facts
    consent: Consent
    ties: Ties = Ties()
    never_with: tuple[Registration, ...] = ()
    wishes: Wishes = Wishes()
    availability: tuple[Window, ...] = ()
    urgency: str = "routine"


@dataclass(frozen=True, slots=True)
class Decide:
    """A decision about a referral. by: the id of the caller's key.  text: a question, a reason code or a reason."""

    referral: str
    by: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class RegisterFacilitator:
    display_name: str
    registration: Registration
    hubs: tuple[str, ...]
    ties: Ties = Ties()
    never_with: tuple[Registration, ...] = ()
