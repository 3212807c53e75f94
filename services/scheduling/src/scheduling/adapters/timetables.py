"""Lays out sessions for a hub: with the bank holidays of its nation."""

from collections.abc import Callable, Mapping
from datetime import date

import holidays

from scheduling.adapters.recurrence import lay_out
from scheduling.domain.sessions import Session
from scheduling.domain.timetable import Timetable
from shared.process.hubs import Hubs


class Timetables:
    """One calendar of bank holidays per nation; the `holidays` package works out each year as it is asked for."""

    def __init__(self, hubs: Hubs) -> None:
        nations = {hub.nation for hub in hubs.values()}
        calendars = {nation: bank_holidays(nation) for nation in nations}
        self._calendars: Mapping[str, Callable[[date], bool]] = {code: calendars[hub.nation] for code, hub in hubs.items()}

    def for_hub(self, hub: str) -> Callable[[str, Timetable], tuple[Session, ...]]:
        return lambda group, timetable: lay_out(group, timetable, self._calendars[hub])


def bank_holidays(nation: str) -> Callable[[date], bool]:
    """Whether a date is a bank holiday in ENG, WLS, SCT or NIR."""
    calendar = holidays.country_holidays("GB", subdiv=nation)
    return lambda day: day in calendar
