"""The modalities that scheduling lists, and so the wishes that a referral may contain."""

from collections.abc import Sequence
from dataclasses import dataclass

from referral.application.ports import ModalityWork
from referral.domain.modalities import Modality, identity, unanswered
from referral.domain.values import Flaw, Wishes
from shared.validation.problems import FieldProblem, Refused


class UnknownWish(Refused):
    """A wish that no modality of the catalogue matches; `problems` names each."""


class CatalogueNotHere(RuntimeError):
    """Scheduling has not listed this hub's catalogue yet; it does within seconds of its start."""


@dataclass(frozen=True, slots=True)
class ListModality:
    """An entry of the catalogue, as scheduling lists it."""

    code: str
    way_in: str
    variants: tuple[str, ...]
    topics: tuple[str, ...]


def list_modality(command: ListModality, work: ModalityWork) -> None:
    """Store a modality as it was last listed."""
    name = identity(work.hub, command.code)
    listed = work.modalities.get(name) or Modality(name, work.hub, command.code, "", (), ())
    listed.way_in, listed.variants, listed.topics = command.way_in, command.variants, command.topics
    work.modalities.save(listed)


def check_wishes(wishes: Wishes, catalogue: Sequence[Modality]) -> None:
    """Raises UnknownWish; CatalogueNotHere when the catalogue has not arrived yet."""
    if not catalogue:
        raise CatalogueNotHere("the catalogue has not arrived yet; send the same request again in a few seconds")
    if flaws := unanswered(wishes, catalogue):
        raise UnknownWish(as_problems(flaws))


def as_problems(flaws: Sequence[Flaw]) -> list[FieldProblem]:
    """The domain's flaws, as a caller is shown them."""
    return [FieldProblem(flaw.field, flaw.reason, flaw.cure) for flaw in flaws]
