"""The sessions of a group."""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduling.application.ports import GroupWork
from scheduling.domain.ids import GroupId
from scheduling.domain.sessions import Session


@dataclass(frozen=True, slots=True)
class SessionsOf:
    group: GroupId


def listed(query: SessionsOf, work: GroupWork) -> Sequence[Session]:
    """In order. Raises NoSuchGroup, also for another hub's."""
    return work.sessions.of_group(work.groups.get(query.group).id)
