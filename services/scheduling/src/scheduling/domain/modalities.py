"""The listing of one modality last published for a hub's referral service."""

from dataclasses import dataclass

from scheduling.domain.catalogue import Modality
from scheduling.domain.ids import HubCode


@dataclass(frozen=True, slots=True)
class ModalityListed:
    """listing: the event's subject, `hub/code`."""

    listing: str
    code: str
    way_in: str
    variants: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(slots=True)
class Listing:
    """`id` is `hub/code`. Published again only when it has changed, or on request (`is_again`)."""

    id: str
    hub: HubCode
    code: str
    listed: ModalityListed | None = None
    version: int = 0
    last_sequence: int = 0

    def list(self, modality: Modality, *, is_again: bool = False) -> tuple[ModalityListed, ...]:
        variants = tuple(variant.code for variant in modality.variants)
        now = ModalityListed(self.id, modality.code, modality.way_in, variants, modality.topics)
        if now == self.listed and not is_again:
            return ()
        self.listed = now
        return (now,)
