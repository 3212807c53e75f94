"""Times as the API writes and reads them."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones


def local(instant: datetime, zone: str) -> str:
    """RFC 3339 on the wall clock of the zone."""
    return instant.astimezone(ZoneInfo(zone)).isoformat()


def is_zone(name: str) -> bool:
    """Whether it is an IANA time zone such as Europe/London."""
    return name in available_timezones()
