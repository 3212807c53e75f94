"""The modalities that scheduling has listed, and whether a referral's wishes are among them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from referral.domain.values import Flaw, Wishes


@dataclass(slots=True)
class Modality:
    """way_in: how people join, in the catalogue's words."""

    id: str
    hub: str
    code: str
    way_in: str
    variants: tuple[str, ...]
    topics: tuple[str, ...]
    version: int = 0


def identity(hub: str, code: str) -> str:
    """The id of a hub's own listing of a modality."""
    return f"{hub}|{code}"


def unanswered(wishes: Wishes, catalogue: Sequence[Modality]) -> tuple[Flaw, ...]:
    """Every wish that no modality of the catalogue matches."""
    wanted = [entry for entry in catalogue if entry.code in wishes.modalities] or catalogue
    return (
        *_unknown("wishes.modalities", "modality", wishes.modalities, (entry.code for entry in catalogue)),
        *_unknown("wishes.variants", "variant of these modalities", wishes.variants, (v for entry in wanted for v in entry.variants)),
        *_unknown("wishes.topics", "topic of these modalities", wishes.topics, (t for entry in wanted for t in entry.topics)),
    )


def _unknown(field: str, kind: str, wished: Iterable[str], known: Iterable[str]) -> Iterator[Flaw]:
    choices = sorted(set(known))
    for number, wish in enumerate(wished):
        if wish not in choices:
            cure = f"use {', '.join(choices)}" if choices else f"leave it empty: there is no {kind} to choose"
            yield Flaw(f"{field}.{number}", f"{wish!r} is not a known {kind}", cure)
