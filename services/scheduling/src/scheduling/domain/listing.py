"""What a hub's referral service has been told of one modality."""

from dataclasses import dataclass

from scheduling.domain import events
from scheduling.domain.catalogue import Modality


@dataclass(slots=True)
class Listing:
    """`id` is hub/code. Told again only when it has changed."""

    id: str
    hub: str
    variants: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    version: int = 0
    said: int = 0

    def tell(self, modality: Modality) -> list[events.ModalityListed]:
        variants, topics = tuple(variant.code for variant in modality.variants), modality.topics
        if self.said and (variants, topics) == (self.variants, self.topics):
            return []
        self.variants, self.topics = variants, topics
        return [events.ModalityListed(modality.code, variants, topics)]
