"""What a service does when it hears something: contract -> command -> use case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared import contracts
from shared.contracts import Fact
from shared.events.envelope import Envelope
from shared.events.sealing import Seals

F_co = TypeVar("F_co", bound=Fact, covariant=True)
C = TypeVar("C")
W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Heard(Generic[F_co]):
    """A fact and what travelled beside it. is_repeat: the store was restored, and had handled it before."""

    fact: F_co
    envelope: Envelope
    seals: Seals
    is_repeat: bool = False

    def opened(self, field: str) -> Any:
        """What a sealed field of the fact holds, in the shape that its contract names. Raises UnknownSealingKey, BadSeal."""
        return self.unsealed(type(self.fact), field, getattr(self.fact, field))

    def unsealed(self, shape: type[Fact], field: str, text: str) -> Any:
        """The same for text that another event of the subject carries, sealed as that field of `shape` is."""
        return self.seals.open(contracts.described(shape).sealed[field], self.envelope.service, self.envelope.subject, text)


@dataclass(frozen=True, slots=True)
class On(Generic[C, W]):
    """command: the fact as a command of this service; None when it asks nothing of it."""

    command: Callable[[Heard[Any]], C | None]
    use_case: Callable[[C, W], object]


Subscriptions = Mapping[type[Fact], "On[Any, Any]"]
