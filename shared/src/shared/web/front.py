"""The front of a service's API: the ASGI app that gunicorn's worker calls on its event loop, and the threads behind it.

Headers and bodies are read on the loop, so a slow client takes no thread. The key is checked before the body is read. What
waits for nothing, such as /livez, is answered on the loop, whatever the threads do. docs/adr/0020 gives the reasons.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from flask import Flask
from werkzeug.wrappers import Response

from shared.store.mongo import until
from shared.web.limits import LARGEST_BODY, REFUSAL, Allowance, Environ, Limits, allowance
from shared.web.problems import Problem, late_body, late_response, too_large
from shared.web.wsgi import ARRIVED, Gone, Receive, Scope, Send, TooLarge, deliver, environ_of, whole_body, with_body

SPARE = 0.5  # seconds of a request's deadline that its store does not get, so that a thread can still answer
LINGER = 1.0  # seconds for the rest of a refused body: a client whose connection is closed while it sends may miss the response


class Front:
    """Answers every request by its deadline: with 408 if its body is late, with 503 if the service is."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        limits: Limits = app.extensions["limits"]
        self._threads = ThreadPoolExecutor(limits.threads, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        environ = environ_of(scope)
        if allowed := allowance(self._app, environ):
            await self._admit(scope, receive, send, environ, allowed)
        else:
            await self._answer_at_once(environ, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send, environ: Environ, allowed: Allowance) -> None:
        deadline = environ[ARRIVED] + allowed.seconds
        try:
            body = await _read(scope, receive, allowed, deadline)
        except Problem as problem:
            await self._answer_at_once(environ | {REFUSAL: problem}, receive, send)
        else:
            await deliver(await self._worked_on(with_body(environ, body), deadline), send)

    async def _answer_at_once(self, environ: Environ, receive: Receive, send: Send) -> None:
        """Respond without a thread, and without the body, or what is left of it."""
        await deliver(self._run(environ), send)
        await _discard(receive)

    async def _worked_on(self, environ: Environ, deadline: float) -> Response:
        """The response of a thread; 503 at the deadline if none was free in time, or the one that was is still at work."""
        working = asyncio.get_running_loop().run_in_executor(self._threads, self._run_until, environ, deadline)
        try:
            async with asyncio.timeout(_left(deadline)):
                return await working
        except TimeoutError:
            return self._run(environ | {REFUSAL: late_response()})

    def _run_until(self, environ: Environ, deadline: float) -> Response:
        with until(deadline - SPARE):
            return self._run(environ)

    def _run(self, environ: Environ) -> Response:
        return Response.from_app(self._app, environ, buffered=True)


async def _read(scope: Scope, receive: Receive, allowed: Allowance, deadline: float) -> bytes:
    """The whole body. Raises Problem if it is too large, or late: gunicorn reports silence of `timeout` seconds as Gone, too."""
    try:
        async with asyncio.timeout(_left(deadline)):
            return await whole_body(scope, receive, allowed.body)
    except TooLarge as error:
        raise too_large(allowed.body) from error
    except (TimeoutError, Gone) as error:
        raise late_body(allowed.seconds) from error


async def _discard(receive: Receive) -> None:
    """Read on for a moment, and only as much as a body may have."""
    left = LARGEST_BODY
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            message = await receive()
            while left > 0 and message.get("more_body"):
                left -= len(message["body"])
                message = await receive()


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0)
