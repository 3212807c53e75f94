"""What the front of an API does before a thread takes a request, and when none does: asked by ASGI, with clients that stop half-way."""

import asyncio
import json
import threading
import time

import pymongo
import pytest
from flask import jsonify, request
from flask_smorest import Blueprint
from pymongo import _csot

from shared.store.mongo import until
from shared.web.access import ANYBODY, roles
from shared.web.front import Front
from shared.web.limits import LARGEST_BODY, LARGEST_FORM, Limits
from shared.web.problems import Problem
from support.small_app import key, small_app

INTAKE = [(b"authorization", key("intake")["Authorization"].encode())]
JSON = [(b"content-type", b"application/json")]
SECONDS = 0.6


class Client:
    """One request, in chunks. ends: whether it sends the last one; otherwise it stays connected and sends nothing."""

    def __init__(self, *chunks, ends=True, leaves=False):
        self.chunks, self.ends, self.leaves, self.reads = list(chunks) or [b""], ends, leaves, 0
        self.status, self.headers, self.body = None, {}, b""

    async def receive(self):
        self.reads += 1
        if self.chunks:
            chunk = self.chunks.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(self.chunks) or not self.ends}
        if self.leaves:
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        self.body += message.get("body", b"")

    @property
    def slug(self):
        return json.loads(self.body)["type"].rpartition("/")[2]


class Service:
    def __init__(self):
        self.go_on, self.begun, self.given = threading.Event(), threading.Semaphore(0), []
        blueprint, pages = Blueprint("notes", __name__), Blueprint("pages", __name__)

        @blueprint.post("/notes")
        def write():
            self.given.append((request.get_data(), request.query_string, _csot.remaining()))
            return jsonify(path=request.path)

        @blueprint.post("/slow")
        def slow():
            self.begun.release()
            assert self.go_on.wait(20)
            return jsonify(done=True)

        @pages.post("/form/<token>")
        def form(token):
            return jsonify(token=token, text=request.form["text"])

        @pages.errorhandler(Problem)
        def in_words(problem):
            return f"<p>{problem.status}", problem.status

        access = {("POST", rule): roles("intake") for rule in ("/notes", "/slow")} | {("POST", "/form/<token>"): ANYBODY}
        limits = Limits(SECONDS, {("POST", "/slow"): 1.5}, threads=2)
        self.front = Front(small_app([blueprint, pages], access, limits=limits))

    async def ask(self, path, client, *, method="POST", headers=(), query=b""):
        scope = {
            "type": "http",
            "method": method,
            "http_version": "1.1",
            "scheme": "http",
            "raw_path": path.encode(),
            "query_string": query,
            "headers": [*headers],
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50000),
        }
        await self.front(scope, client.receive, client.send)
        return client

    def answer(self, path, client, **options):
        return asyncio.run(self.ask(path, client, **options))


@pytest.fixture
def service():
    made = Service()
    yield made
    made.go_on.set()


def test_a_request_reaches_its_route_with_its_body_and_query(service):
    client = service.answer("/notes", Client(b'{"a":', b" 1}"), headers=INTAKE + JSON, query=b"q=%C3%A9")
    assert (client.status, client.headers[b"content-type"]) == (200, b"application/json")
    assert service.given[0][:2] == (b'{"a": 1}', b"q=%C3%A9")


def test_an_escaped_path_is_read_as_it_was_meant(service):
    client = service.answer("/form/caf%C3%A9", Client(b"text=x"), headers=[(b"content-type", b"application/x-www-form-urlencoded")])
    assert json.loads(client.body) == {"token": "café", "text": "x"}


@pytest.mark.parametrize("target", ["/notes", "http://here:8000/notes"])
def test_a_target_may_be_a_path_or_a_whole_url(service, target):
    assert json.loads(service.answer(target, Client(b"{}"), headers=INTAKE).body) == {"path": "/notes"}


@pytest.mark.parametrize(("headers", "status"), [([], 401), ([(b"authorization", key("operator")["Authorization"].encode())], 403)])
def test_who_may_not_ask_is_refused_before_any_of_the_body_is_read(service, headers, status):
    client = Client(b"{", ends=False)
    reads = []
    send = client.send

    async def sending(message):
        reads.append(client.reads)
        await send(message)

    client.send = sending
    service.answer("/notes", client, headers=[*headers, *JSON])
    assert client.status == status
    assert reads == [0, 0]


def test_a_path_that_is_none_is_answered_without_its_body(service):
    assert service.answer("/nowhere", Client(b"{", ends=False), headers=INTAKE).status == 404


def test_a_body_that_is_declared_too_large_is_not_read(service):
    client = Client(b"{", leaves=True, ends=False)
    service.answer("/notes", client, headers=[*INTAKE, (b"content-length", str(LARGEST_BODY + 1).encode())])
    assert (client.status, client.slug, client.headers[b"connection"]) == (413, "content-too-large", b"close")
    assert service.given == []


@pytest.mark.parametrize(("path", "headers", "most"), [("/notes", INTAKE, LARGEST_BODY), ("/form/x", [], LARGEST_FORM)])
def test_chunks_without_end_are_read_as_far_as_a_body_may_go(service, path, headers, most):
    chunks = [b"x" * 65536] * (2 * LARGEST_BODY // 65536 + 10)
    client = Client(*chunks, ends=False)
    service.answer(path, client, headers=headers)
    assert client.status == 413
    assert client.reads * 65536 <= most + LARGEST_BODY + 3 * 65536, "what is discarded afterwards is bounded too"
    assert service.given == []


def test_a_body_that_stops_half_way_is_refused_at_the_deadline(service):
    client = service.answer("/notes", Client(b'{"a":', ends=False), headers=INTAKE + JSON)
    assert (client.status, client.slug, client.headers[b"connection"]) == (408, "request-timeout", b"close")


def test_a_page_is_refused_in_its_own_form(service):
    assert service.answer("/form/x", Client(b"text=", ends=False)).body == b"<p>408"


def test_who_leaves_half_way_changes_nothing(service):
    """The response reaches nobody then, unless it is gunicorn that waited no longer."""
    client = service.answer("/notes", Client(b'{"a":', ends=False, leaves=True), headers=INTAKE)
    assert (client.status, service.given) == (408, [])


def test_a_websocket_is_refused(service):
    sent = []

    async def send(message):
        sent.append(message["type"])

    asyncio.run(service.front({"type": "websocket"}, Client().receive, send))
    assert sent == ["websocket.close"]


def test_while_every_thread_is_busy_liveness_is_answered_and_others_get_503_at_their_deadline(service):
    async def attack():
        stuck = [asyncio.create_task(service.ask("/slow", Client(), headers=INTAKE)) for _ in range(2)]
        for _ in stuck:
            await asyncio.to_thread(service.begun.acquire, timeout=10)
        live = await service.ask("/livez", Client(), method="GET")
        late = await service.ask("/notes", Client(b"{}"), headers=INTAKE)
        assert not any(task.done() for task in stuck), "a longer deadline is a route's own"
        return live, late, [await task for task in stuck]

    live, late, stuck = asyncio.run(attack())
    assert (live.status, json.loads(live.body)) == (200, {"status": "alive"})
    for client in (late, *stuck):
        assert (client.status, client.slug, client.headers[b"retry-after"]) == (503, "try-again", b"2")
    service.go_on.set()
    metrics = service.answer("/metrics", Client(), method="GET").body.decode()
    (waited,) = [line.split()[-1] for line in metrics.splitlines() if "_sum{" in line and 'route="/notes"' in line]
    assert float(waited) >= SECONDS, "the time in which it waited for a thread is measured"
    assert service.answer("/notes", Client(b"{}"), headers=INTAKE).status == 200
    assert len(service.given) == 1, "what was answered with 503 before a thread took it is not carried out afterwards"


def test_the_store_gets_what_is_left_of_the_deadline(service):
    service.answer("/notes", Client(b"{}"), headers=INTAKE)
    assert 0 < service.given[0][2] < SECONDS


def test_of_deadlines_inside_each_other_the_earliest_counts_and_one_that_has_passed_is_no_endless_one():
    with until(time.monotonic() + 1), pymongo.timeout(60):
        assert 0 < _csot.remaining() <= 1
    with until(time.monotonic() - 1):
        assert _csot.remaining() < 0.01
