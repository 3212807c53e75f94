"""The modalities that scheduling has listed, as documents: one for each hub and code."""

from pymongo import ASCENDING

from referral.domain.modalities import Modality
from shared.store.documents import Repository
from shared.store.unit import Unit


class Modalities(Repository[Modality]):
    def __init__(self, unit: Unit) -> None:
        super().__init__(unit, "modalities", Modality)

    def catalogue(self) -> list[Modality]:
        return self.here({}, [("code", ASCENDING)])
