"""Referrals as documents."""

from dataclasses import asdict

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from referral.application.ports import ReferralFilter
from referral.domain.ids import PersonId
from referral.domain.referrals import Referral
from shared.errors import Stale
from shared.store.documents import Repository
from shared.store.unit import Unit


class Referrals(Repository[Referral]):
    def __init__(self, unit: Unit) -> None:
        super().__init__(unit, "referrals", Referral)

    def open_for(self, participant: PersonId) -> Referral | None:
        return next(iter(self.here({"participant": participant, "is_open": True}, limit=1)), None)

    def of(self, participant: PersonId) -> list[Referral]:
        return self.here({"participant": participant}, [("_id", ASCENDING)])

    def listed(self, wanted: ReferralFilter, after: str, limit: int) -> list[Referral]:
        """In the order in which they were made, which is the order of their ids."""
        chosen = {name: value for name, value in asdict(wanted).items() if value is not None}
        if status := chosen.pop("status", None):
            chosen["shown_status"] = status
        return self.here({**chosen, "_id": {"$gt": after}}, [("_id", ASCENDING)], limit)

    def save(self, aggregate: Referral) -> None:
        """Raises Stale if it changed since it was read, or the same person was submitted at the same moment."""
        try:
            super().save(aggregate)
        except DuplicateKeyError as error:
            raise Stale("somebody else has just submitted this person") from error
