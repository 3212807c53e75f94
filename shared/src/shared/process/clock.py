"""Where "now" comes from. Rules take time as an argument; only bootstrap supplies a clock.

There are two: the real one for leases, timeouts and the time stamps of the wire, and the domain's, which CLOCK_FILE can move.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The instant, aware, in UTC, to the millisecond: what the store keeps, so that what is read equals what was written."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def domain_clock(file: Path | None) -> Clock:
    """What the domain calls now: the real time, moved by the seconds in `file` where there is one. For tests and the embedded stack.

    The file is read anew each time, so that one write moves every process; while it is absent or empty nothing is moved.
    """
    return utc_now if file is None else lambda: _moved(utc_now(), file)


def _moved(now: datetime, file: Path) -> datetime:
    try:
        return now + timedelta(seconds=float(file.read_text() or 0))
    except (FileNotFoundError, ValueError, OverflowError):
        return now
