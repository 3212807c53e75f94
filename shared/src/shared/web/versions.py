"""ETag and If-Match: a change is refused when the resource has changed since it was read (RFC 9110, 13.1.1)."""

import re

from flask import request

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'  # RFC 9110, 8.8.3
_LIST = re.compile(rf"[\s,]*{_TAG}(?:\s*,\s*(?:{_TAG})?)*\s*")
_OURS = re.compile(r'(?<!W/)"(0|[1-9][0-9]{0,17})"')  # as `etag` writes it, and within 64 bits; a weak one never matches


def etag(version: int) -> str:
    return f'"{version}"'


def if_match() -> frozenset[int] | None:
    """The versions that the caller read, for the use case to compare; None when they do not ask for the comparison.

    A header that lists no ETag of ours, or is malformed, gives no version: then nothing matches.
    """
    asked = request.headers.get("If-Match", "*").strip()
    if asked == "*":
        return None
    return frozenset(int(found) for found in _OURS.findall(asked)) if _LIST.fullmatch(asked) else frozenset()
