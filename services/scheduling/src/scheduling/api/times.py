"""Times as the API writes them."""

from datetime import datetime
from zoneinfo import ZoneInfo


def local(instant: datetime, zone: str) -> str:
    """RFC 3339 on the wall clock of the zone."""
    return instant.astimezone(ZoneInfo(zone)).isoformat()
