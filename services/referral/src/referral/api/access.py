"""Which roles may use each route, and how much of a referral each needs to know (ADR 14: a coordinator never sees the person)."""

from collections.abc import Set as AbstractSet

from referral.application.reading import Need
from shared.web.access import AccessTable, roles
from shared.web.principals import KNOWS_WHERE, KNOWS_WHO

ACCESS: AccessTable = {
    ("POST", "/v1/referrals"): roles("intake", "clinician"),
    ("POST", "/v1/referrals/import"): roles("intake", "clinician"),
    ("GET", "/v1/referrals/import/template"): roles("intake", "clinician"),
    ("GET", "/v1/referrals/imports/<report>"): roles("intake", "clinician"),
    ("GET", "/v1/referrals"): roles("intake", "clinician", "coordinator", "operator"),
    ("GET", "/v1/referrals/<referral>"): roles("intake", "clinician", "coordinator", "operator"),
    ("POST", "/v1/referrals/<referral>/accept"): roles("clinician"),
    ("POST", "/v1/referrals/<referral>/return"): roles("clinician"),
    ("POST", "/v1/referrals/<referral>/decline"): roles("clinician"),
    ("POST", "/v1/referrals/<referral>/withdraw"): roles("intake", "clinician", "coordinator"),
    ("GET", "/v1/decline-reasons"): roles("intake", "clinician", "coordinator"),
    ("GET", "/v1/staff"): roles("intake"),
    ("POST", "/v1/facilitators"): roles("intake"),
}


def need_of(held: AbstractSet[str]) -> Need:
    """How much of a referral these roles need to know."""
    if held & KNOWS_WHO:
        return "person"
    return "matter" if held & KNOWS_WHERE else "outline"
