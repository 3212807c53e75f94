"""What the use cases need of the outside."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from scheduling.domain.catalogue import Catalogue
from scheduling.domain.entry import Entry
from scheduling.domain.group import Group
from scheduling.domain.people import Facilitator, Wishes
from scheduling.domain.sessions import Session
from scheduling.domain.timetable import Timetable


class Entries(Protocol):
    def get(self, referral: str) -> Entry:
        """Raises NoSuchEntry."""
        ...

    def find(self, referral: str) -> Entry | None: ...

    def of_participant(self, participant: str) -> Sequence[Entry]: ...

    def waiting_for(self, group: Group) -> Sequence[Entry]:
        """Who waits and may want this group: by urgency, then by clock."""
        ...

    def listed(self, after: str, limit: int) -> Sequence[Entry]: ...

    def save(self, entry: Entry, events: Iterable[Any] = ()) -> None: ...


class Groups(Protocol):
    def get(self, group: str) -> Group:
        """Raises NoSuchGroup, also for another hub's."""
        ...

    def wished_for(self, wishes: Wishes) -> Sequence[Group]:
        """The groups of these modalities; of every modality when none is named."""
        ...

    def run_by(self, facilitator: str) -> Sequence[Group]: ...

    def listed(self, after: str, limit: int) -> Sequence[Group]: ...

    def save(self, group: Group, events: Iterable[Any] = ()) -> None: ...


class Facilitators(Protocol):
    def known(self, ids: Sequence[str]) -> Sequence[Facilitator]:
        """Those of the ids that may run groups at this hub."""
        ...

    def keep(self, facilitator: Facilitator) -> None: ...


LayOut = Callable[[str, Timetable], tuple[Session, ...]]  # (group, its timetable) -> its sessions


@dataclass(slots=True)
class Work:
    """One use case at one hub: all it may touch.

    take_turn: whoever seats people or opens groups takes it first, so that of two at once at a hub one decides anew on what the
    other has done. Without it one could put somebody on the waiting list while the other opens the group they wait for.
    """

    hub: str
    now: datetime
    entries: Entries
    groups: Groups
    facilitators: Facilitators
    catalogue: Catalogue
    lay_out: LayOut
    is_discreet: Callable[[str], bool]
    take_turn: Callable[[], None]
    new_id: Callable[[str], str]
