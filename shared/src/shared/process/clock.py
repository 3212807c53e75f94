"""Where "now" comes from. Rules take time as an argument; only bootstrap hands out a clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The instant, aware, in UTC, to the millisecond: what the store keeps, so that what is read equals what was written."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
