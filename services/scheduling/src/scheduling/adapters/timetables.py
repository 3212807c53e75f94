"""Lays out sessions for a hub, around the bank holidays of its nation."""

from collections.abc import Callable, Mapping
from datetime import date

import holidays

from scheduling.adapters.recurrence import Day, lay_out
from scheduling.domain.groups import Group
from scheduling.domain.ids import SessionId
from scheduling.domain.sessions import Session
from scheduling.domain.timetable import Timetable
from shared.ids import new_id
from shared.process.hubs import Hubs


class Timetables:
    """One calendar of bank holidays per nation; the `holidays` package computes each year when it is first needed."""

    def __init__(self, hubs: Hubs) -> None:
        nations = {hub.nation for hub in hubs.values()}
        calendars = {nation: bank_holidays(nation) for nation in nations}
        self._calendars: Mapping[str, Callable[[date], bool]] = {code: calendars[hub.nation] for code, hub in hubs.items()}

    def lay_out(self, group: Group, timetable: Timetable) -> tuple[Session, ...]:
        """The sessions of a group, in order, on the wall clock of its zone and around the bank holidays of its hub."""
        days = lay_out(timetable, self._calendars[group.hub])
        return tuple(_session(group, number, day) for number, day in enumerate(days, 1))


def _session(group: Group, number: int, day: Day) -> Session:
    return Session(
        id=SessionId(new_id("X")),
        hub=group.hub,
        group=group.id,
        number=number,
        start=day.start,
        end=day.end,
        zone=group.zone,
        venue=group.venue,
        parts=day.parts,
    )


def bank_holidays(nation: str) -> Callable[[date], bool]:
    """Whether a date is a bank holiday in ENG, WLS, SCT or NIR."""
    calendar = holidays.country_holidays("GB", subdiv=nation)
    return lambda day: day in calendar
