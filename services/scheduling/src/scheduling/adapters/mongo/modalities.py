"""The listings last published for each hub, as documents."""

from collections.abc import Callable

from scheduling.domain.ids import HubCode
from scheduling.domain.modalities import Listing, ModalityListed
from shared.contracts import Fact
from shared.store.documents import Subjects
from shared.store.unit import Unit


class MongoListings(Subjects[Listing, ModalityListed]):
    def __init__(self, unit: Unit, publish: Callable[[ModalityListed], Fact]) -> None:
        super().__init__(unit, "listings", Listing, publish)

    def of(self, code: str) -> Listing:
        """The hub's listing of a modality; a new one if none was published."""
        identity = f"{self.hub}/{code}"
        return self.get(identity) or Listing(identity, HubCode(self.hub), code)
