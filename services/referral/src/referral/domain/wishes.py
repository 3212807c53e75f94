"""Whether what a referral wishes for exists."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from referral.domain.values import Wishes


@dataclass(frozen=True, slots=True)
class Listed:
    """A modality that scheduling has told of."""

    code: str
    variants: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WishProblem:
    field: str
    reason: str
    cure: str


class UnknownWish(ValueError):
    """A wish that no entry of the catalogue answers; `problems` names each field."""

    def __init__(self, problems: Sequence[WishProblem]) -> None:
        super().__init__("; ".join(f"{p.field}: {p.reason}" for p in problems))
        self.problems = tuple(problems)


class CatalogueNotHere(RuntimeError):
    """Scheduling has not told this hub's catalogue yet; it does within seconds of its start."""


def check(wishes: Wishes, catalogue: Sequence[Listed]) -> None:
    """Raises UnknownWish, naming every wish that is none; CatalogueNotHere when there is no catalogue to look in."""
    if not catalogue:
        raise CatalogueNotHere("the catalogue has not arrived yet; send the same again in a few seconds")
    wanted = [entry for entry in catalogue if entry.code in wishes.modalities] or catalogue
    problems = [
        *_unknown("wishes.modalities", "modality", wishes.modalities, (entry.code for entry in catalogue)),
        *_unknown("wishes.variants", "variant of these modalities", wishes.variants, (v for entry in wanted for v in entry.variants)),
        *_unknown("wishes.topics", "topic of these modalities", wishes.topics, (t for entry in wanted for t in entry.topics)),
    ]
    if problems:
        raise UnknownWish(problems)


def _unknown(field: str, kind: str, wished: Iterable[str], known: Iterable[str]) -> Iterator[WishProblem]:
    choices = sorted(set(known))
    for number, wish in enumerate(wished):
        if wish not in choices:
            cure = f"use {', '.join(choices)}" if choices else "leave it empty: these have none"
            yield WishProblem(f"{field}.{number}", f"{wish!r} is no {kind}", cure)
