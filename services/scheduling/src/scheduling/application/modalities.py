"""The catalogue, and the modalities published for each hub's referral service."""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduling.application.ports import ModalityWork
from scheduling.domain.catalogue import Modality


@dataclass(frozen=True, slots=True)
class ReadModality:
    code: str


@dataclass(frozen=True, slots=True)
class ListModalities:
    """All modalities. is_again: also those that have not changed since they were listed."""

    is_again: bool = False


def list_anew(command: ListModalities, work: ModalityWork) -> None:
    """Publish the modalities that may be wished for at a hub, if they have changed."""
    for modality in work.catalogue.all():
        listing = work.listings.of(modality.code)
        if listed := listing.list(modality, is_again=command.is_again):
            work.listings.save(listing, listed)


def all_of_them(_query: ListModalities, work: ModalityWork) -> Sequence[Modality]:
    return work.catalogue.all()


def read(query: ReadModality, work: ModalityWork) -> Modality:
    """Raises NoSuchModality."""
    return work.catalogue.get(query.code)
