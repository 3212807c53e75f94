"""The person behind a pseudonym: sealed, and known to rules only by blinded tokens."""

from dataclasses import dataclass

from referral.domain import events
from referral.domain.values import Conflicts, Person


@dataclass(slots=True)
class Participant:
    """`id` is the pseudonym; `sealed` an Identity under the participant's own key in the vault."""

    id: str
    hub: str
    index: str
    sealed: bytes
    conflicts: Conflicts
    version: int = 0
    said: int = 0

    def know(self, sealed: bytes, conflicts: Conflicts, person: Person) -> list[events.ContactKnown]:
        """Take what was last said of the person as true."""
        self.sealed, self.conflicts = sealed, conflicts
        return [events.ContactKnown(self.id, person)]
