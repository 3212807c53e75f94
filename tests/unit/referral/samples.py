"""A person, a referral of theirs, and how far it can come."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from unit.referral.fakes import Hub

from referral.application import referrals
from referral.application.referrals import Accept, Return, Withdraw
from referral.application.submissions import Submit, submit
from referral.domain.values import Consent, Facts, Person, Registration, Window, Wishes, Workplaces
from shared.contracts import parts, scheduling

CONSENT = Consent(datetime(2026, 11, 20, 9, tzinfo=UTC), ("referral", "status_to_referrer"))
SILENT = replace(CONSENT, to=("referral",))
SAM = Person("Samira Ficta", "sam@home.example", "Sammy", "07700 900000", date(1980, 2, 29), Registration("GMC", "7654321"))
SUBMIT = Submit(
    source="hub",
    person=SAM,
    facts=Facts("doctor", "consultant", "anaesthetics", "woman", "suspended"),
    consent=CONSENT,
    ties=Workplaces(("Northern Trust",), ("St Marys",), ("Core North",), "1 Home Road"),
    never_with=(Registration("GMC", "1122334"),),
    wishes=Wishes(("analytic",), (), ("women",)),
    free=(Window("tuesday", "18:00", "21:00"),),
    urgency="soon",
)
# What must be read nowhere but in the vault.
TELLING = ("samira", "ficta", "sammy", "home.example", "07700", "1980", "gmc", "7654321")
TELLING += ("northern", "marys", "core north", "home road", "1122334", "which grade", "moved away")


def submitted(hub: Hub, **changes: Any) -> Any:
    return hub.do(submit, replace(SUBMIT, **changes)).referral.id


def accepted(hub: Hub, **changes: Any) -> Any:
    referral = submitted(hub, **changes)
    hub.do(referrals.accept, Accept(referral, "clinician-1"))
    return referral


def returned(hub: Hub, **changes: Any) -> Any:
    referral = submitted(hub, **changes)
    hub.do(referrals.give_back, Return(referral, "clinician-1", "Which grade?"))
    return referral


def withdrawn(hub: Hub, **changes: Any) -> Any:
    referral = submitted(hub, **changes)
    hub.do(referrals.withdraw, Withdraw(referral, "intake-1", "moved away"))
    return referral


def person_of(hub: Hub, referral: str) -> Any:
    return hub.participants.rows[hub.referrals.rows[referral].participant]


def scheduling_says(hub: Hub, referral: str, stands: str, reason: str = "series_ended") -> None:
    """The event that brings a referral there."""
    about: Any = {"person": hub.referrals.rows[referral].participant, "referral": referral, "stands": stands}
    if stands == "waiting":
        hub.hears(scheduling.WaitingStarted(entry="W-1", clock=hub.now, **about))
    elif stands == "offered":
        hub.hears(scheduling.MembershipOffered(membership="S-1", place="k1.x", **about))
    elif stands == "placed":
        hub.hears(scheduling.MembershipTaken(membership="S-1", place="k1.x", **about))
    else:
        hub.hears(scheduling.MembershipEnded(membership="S-1", reason=reason, **about))


def entry_state(referral: str | None, stands: str) -> parts.EntryState:
    return parts.EntryState(entry="W-1", state="waiting", clock=CONSENT.given_at, stands=stands, referral=referral)


def membership_state(referral: str | None, stands: str) -> parts.MembershipState:
    return parts.MembershipState(membership="S-1", state="taken", stands=stands, place="k1.x", referral=referral)
