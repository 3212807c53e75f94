"""Mistakes in data that people write: every one is named, all at once, before anything of it is used."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Mistake:
    file: str
    entry: str
    field: str
    reason: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}: {self.entry}: {self.field}: {self.reason}; {self.cure}"


class BadData(Misconfigured):
    """The data is refused as a whole; `mistakes` names every one."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)
