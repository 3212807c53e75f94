"""Who caused what: the ids that travel with a request or event through all three services."""

import re
import secrets
from dataclasses import dataclass

# W3C Trace Context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class Cause:
    """correlation: the request or event that began it all; causation: the event right before; traceparent: W3C."""

    correlation: str
    causation: str
    traceparent: str


def new_cause(correlation: str, traceparent: str | None = None) -> Cause:
    """The cause of a request that nothing of ours caused. A malformed traceparent is replaced, as W3C requires."""
    if not traceparent or not _TRACEPARENT.fullmatch(traceparent):
        traceparent = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    return Cause(correlation, correlation, traceparent)
