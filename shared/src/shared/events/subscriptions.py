"""How a service handles an event: contract -> command -> use case."""

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
    """A fact that arrived, with its envelope. is_repeat: the store had handled it before it was restored."""

    fact: F_co
    envelope: Envelope
    seals: Seals
    is_repeat: bool = False

    def opened(self, field: str) -> Any:
        """The content of a sealed field, in the shape that its contract names. Raises UnknownSealingKey, BadSeal."""
        return self.unsealed(type(self.fact), field, getattr(self.fact, field))

    def unsealed(self, shape: type[Fact], field: str, text: str) -> Any:
        """The same for text in another event of the subject, sealed like that field of `shape`."""
        return self.seals.open(contracts.described(shape).sealed[field], self.envelope.service, self.envelope.subject, text)


@dataclass(frozen=True, slots=True)
class On(Generic[C, W]):
    """command: the fact as a command of this service; None when there is nothing to do."""

    command: Callable[[Heard[Any]], C | None]
    use_case: Callable[[C, W], object]


Subscriptions = Mapping[type[Fact], "On[Any, Any]"]
