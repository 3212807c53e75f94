"""From ASGI, in which gunicorn's worker reads requests, to WSGI, in which Flask answers them, and back.

Our own, because a2wsgi reads the body from the thread that needs it, and asgiref runs one request at a time.
"""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from sys import stderr
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.wrappers import Response

from shared.web.limits import Environ

Message = MutableMapping[str, Any]
Scope = Message
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


ARRIVED = "circlework.arrived"  # in an environ: when the headers were read, of `time.monotonic`

_FIXED: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


class TooLarge(Exception):
    """The body has more bytes than it may have."""


class Gone(Exception):
    """The client left before it had sent the whole body."""


def environ_of(scope: Scope) -> Environ:
    """The WSGI environ (PEP 3333) of a request whose body is still to be read."""
    host, port = scope["server"] or ("localhost", 80)
    return with_body(
        _FIXED
        | _headers(scope)
        | {
            "REQUEST_METHOD": scope["method"],
            "PATH_INFO": _path(scope["raw_path"]),
            "QUERY_STRING": scope["query_string"].decode("latin-1"),
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
            "REMOTE_ADDR": (scope["client"] or ("",))[0],
            "wsgi.url_scheme": scope["scheme"],
            ARRIVED: time.monotonic(),
        },
        b"",
    )


def _headers(scope: Scope) -> Environ:
    """The headers by their names in WSGI; the values of one that is repeated are joined."""
    found: Environ = {}
    for name, value in scope["headers"]:
        key, text = _key(name.decode("latin-1")), value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _path(target: bytes) -> str:
    """The path of a request's target, which may be a whole URL (RFC 9112, 3.2.2)."""
    path = target if target.startswith(b"/") else urlsplit(target).path
    return unquote_to_bytes(path).decode("latin-1")


def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


def with_body(environ: Environ, body: bytes) -> Environ:
    """The environ with its whole body, whether it came with a length or in chunks."""
    framing = {"CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"}
    rest = {name: value for name, value in environ.items() if name not in framing}
    return rest | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}


def declared_length(scope: Scope) -> int:
    """The length that the headers declare, which gunicorn has checked; 0 for a body in chunks."""
    return max((int(value) for name, value in scope["headers"] if name == b"content-length"), default=0)


async def whole_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """Read the body. Raises TooLarge as soon as it is known to have more than `most` bytes, or Gone."""
    if declared_length(scope) > most:
        raise TooLarge
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > most:
            raise TooLarge
        more = message.get("more_body", False)
    return bytes(body)


async def deliver(response: Response, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.get_data()})
