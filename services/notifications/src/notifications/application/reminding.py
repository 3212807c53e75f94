"""What time causes in this service: the next reminder of each series."""

from notifications.application.ports import Work
from notifications.application.telling import plan_reminder


def remind(referral: str, work: Work) -> None:
    """Plan the next reminder of a seat whose last one is behind it."""
    standing = work.standings.find(referral)
    if standing and standing.remind_from and standing.remind_from <= work.now:
        plan_reminder(standing, work)
        work.standings.save(standing)
