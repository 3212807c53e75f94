"""The published state of a place before its store was restored from a backup, and the recovery of that place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scheduling.domain.memberships import Placement, Reason
from scheduling.domain.placement import Candidate


@dataclass(frozen=True, slots=True)
class Said:
    """The last published state of a membership."""

    state: Literal["held", "taken", "ended"]
    at: datetime
    deadline: datetime | None = None
    reason: Reason | None = None


def recover(placement: Placement, said: Said, candidate: Candidate | None) -> None:
    """Bring a membership into line with its published state.

    candidate: the person, for a membership that the store does not contain; None when they no longer wait. Raises NoRoom.
    """
    is_new = not placement.membership.history
    if said.state == "ended" or (is_new and candidate is None):
        _recover_end(placement, said, is_new=is_new)
        return
    if is_new and candidate:
        _recover_place(placement, said, candidate)
    if said.state == "taken" and placement.membership.state == "held":
        placement.take(said.at)


def _recover_place(placement: Placement, said: Said, candidate: Candidate) -> None:
    if placement.membership.kind == "pass":
        placement.give_pass(said.at)
    else:
        placement.offer(candidate, said.at)
        placement.membership.deadline = said.deadline


def _recover_end(placement: Placement, said: Said, *, is_new: bool) -> None:
    reason, membership = said.reason or "withdrawn", placement.membership
    if not is_new:
        placement.end(reason, said.at)
        return
    membership.deadline = said.deadline
    membership.become("ended", said.at, reason)
    if placement.entry and (reason == "declined" or reason == "lapsed"):  # noqa: PLR1714 - so that the type is narrowed
        placement.entry.refuse(placement.group.id, said.at, reason)
