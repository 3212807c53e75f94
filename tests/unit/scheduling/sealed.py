"""The keys of the three services, and names as they are sealed for this one."""

from dataclasses import replace

from shared import contracts
from shared.contracts import parts, referral
from shared.contracts import scheduling as published
from shared.events.sealing import SealingKey, Seals

NAMES, PLACES = SealingKey("names-1", b"n" * 32), SealingKey("places-1", b"p" * 32)
SCHEDULING = Seals("scheduling", {("referral", "scheduling"): (NAMES,), ("scheduling", "notifications"): (PLACES,)})
NOTIFICATIONS = Seals("notifications", {("scheduling", "notifications"): (PLACES,)})
REFERRAL = Seals("referral", {("referral", "scheduling"): (NAMES,)})

NAME = contracts.described(referral.StaffChanged).sealed["name_for_scheduling"]
PLACE = contracts.described(published.MembershipTaken).sealed["place"]


def named(row, name):
    """The row of somebody who runs a group, with their name as referral sealed it."""
    return replace(row, sealed_name=REFERRAL.seal(NAME, row.person, parts.StaffName(display_name=name)))
