"""ETag and If-Match: a change is refused when what it was decided on has changed since (RFC 9110, 13.1.1)."""

from flask import request

from shared.web.problems import Problem


def etag(version: int) -> str:
    return f'"{version}"'


def check(version: int) -> None:
    """Raises Problem 412 when the caller read another version; a caller who sends no If-Match is not checked."""
    wanted = request.headers.get("If-Match")
    if wanted is not None and wanted not in {"*", etag(version)}:
        raise Problem(412, "stale", "It has changed since you read it", "read it again, look at what changed, then send its new ETag")
