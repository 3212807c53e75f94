"""ETag and If-Match: a change is refused when the resource has changed since it was read (RFC 9110, 13.1.1)."""

import re

from flask import request

_ETAG = re.compile(r'"(0|[1-9][0-9]{0,17})"')  # as `etag` writes it, and within 64 bits
_NEVER = -1  # a version that nothing has


def etag(version: int) -> str:
    return f'"{version}"'


def if_match() -> int | None:
    """The version that the caller read, for the use case to compare; None when they do not ask for the comparison."""
    asked = request.headers.get("If-Match", "*").strip()
    if asked == "*":
        return None
    found = _ETAG.fullmatch(asked)
    return int(found[1]) if found else _NEVER
