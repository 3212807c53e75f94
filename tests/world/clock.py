"""Time in the world: each look at the clock is a millisecond later, so that no two things are at once; a test moves it on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BEGAN = datetime(2027, 1, 4, 9, tzinfo=UTC)
TICK = timedelta(milliseconds=1)


@dataclass
class WorldClock:
    """real: what leases and the wire go by.  ahead: by how much the domain's clock is moved."""

    real: datetime = BEGAN
    ahead: timedelta = timedelta()

    def utc_now(self) -> datetime:
        self.real += TICK
        return self.real

    def domain(self) -> datetime:
        return self.utc_now() + self.ahead

    def wait(self, by: timedelta) -> None:
        """Real time passes, as while everybody is idle."""
        self.real += by

    def move(self, by: timedelta) -> None:
        """The domain's time passes, as CLOCK_FILE moves it."""
        self.ahead += by
