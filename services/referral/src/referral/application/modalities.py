"""What scheduling lists of its catalogue, and what referrals may therefore wish for."""

from collections.abc import Sequence
from dataclasses import dataclass

from referral.application.ports import ModalityWork
from referral.domain.modalities import Modality, identity, unanswered
from referral.domain.values import Flaw, Wishes
from shared.validation.problems import FieldProblem, Refused


class UnknownWish(Refused):
    """A wish that no modality of the catalogue answers; `problems` names each."""


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
    """What was listed last is true."""
    name = identity(work.hub, command.code)
    listed = work.modalities.get(name) or Modality(name, work.hub, command.code, "", (), ())
    listed.way_in, listed.variants, listed.topics = command.way_in, command.variants, command.topics
    work.modalities.save(listed)


def check_wishes(wishes: Wishes, catalogue: Sequence[Modality]) -> None:
    """Raises UnknownWish; CatalogueNotHere when there is no catalogue to look in."""
    if not catalogue:
        raise CatalogueNotHere("the catalogue has not arrived yet; send the same request again in a few seconds")
    if flaws := unanswered(wishes, catalogue):
        raise UnknownWish(as_problems(flaws))


def as_problems(flaws: Sequence[Flaw]) -> list[FieldProblem]:
    """What the domain found wrong, as a caller is told of it."""
    return [FieldProblem(flaw.field, flaw.reason, flaw.cure) for flaw in flaws]
