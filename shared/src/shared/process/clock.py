"""Where "now" comes from. Rules take time as an argument; only bootstrap supplies a clock.

There are two: the real one for leases, timeouts and timestamps on the wire, and the domain's, which CLOCK_FILE can shift.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The current time, aware, in UTC, to the millisecond: the store's precision, so that it is read back unchanged."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def domain_clock(file: Path | None) -> Clock:
    """The domain's clock: real time, shifted by the number of seconds in `file` if given. For tests and the embedded stack.

    The file is read on every call, so that one write shifts every process; an absent, empty or malformed file shifts nothing.
    """
    return utc_now if file is None else lambda: _moved(utc_now(), file)


def _moved(now: datetime, file: Path) -> datetime:
    try:
        return now + timedelta(seconds=float(file.read_text() or 0))
    except (FileNotFoundError, ValueError, OverflowError):
        return now
