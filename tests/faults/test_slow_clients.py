"""Clients that send half a request, or one without end: they are refused in time, and nobody else notices them."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from embedded.stack import Stack
from support.hub import Hub, eventually, fresh_hub, person
from support.stuck import ANSWERED_WITHIN, connected, received

MANY = 50
SERVICES = ("referral", "scheduling", "notifications")
CHUNKED = "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
HALF_A_BODY = 'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"source": '

ONE_ROW = (
    "source,person.name,person.email,facts.profession,consent.given_at,consent.to\n"
    "hub,Ida Ficta,ida@post.example,doctor,2026-11-01T09:00:00+00:00,referral"
)


@pytest.fixture(scope="module")
def a_hub(stack: Stack) -> Hub:
    return fresh_hub(stack)


def post(path: str, rest: str, *headers: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: here", *headers, rest]).encode()


def authorization(hub: Hub) -> str:
    return f"Authorization: Bearer {hub.stack.keys[hub.code]['intake']}"


def is_alive(url: str) -> bool:
    return httpx.get(f"{url}/livez", timeout=ANSWERED_WITHIN).status_code == 200


def works(hub: Hub) -> bool:
    """A referral is taken, and a page is shown."""
    body = person()
    headers = {"Authorization": f"Bearer {hub.stack.keys[hub.code]['intake']}"}
    url, page = (f"{hub.stack.place.url(service)}" for service in ("referral", "notifications"))
    taken = httpx.post(f"{url}/v1/referrals", json=body, headers=headers, timeout=ANSWERED_WITHIN)
    return (taken.status_code, httpx.get(f"{page}/answer/none", timeout=ANSWERED_WITHIN).status_code) == (201, 410)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("sent", [b"", b"GET /v1/referrals HTTP/1.1\r\nHost: here\r\nX-Half: "], ids=["nothing", "half a header"])
def test_fifty_clients_that_do_not_finish_their_headers_leave_others_served_and_are_closed(a_hub: Hub, service: str, sent: bytes) -> None:
    url = a_hub.stack.place.url(service)
    with connected(url, sent, MANY) as stuck:
        assert is_alive(url)
        assert works(a_hub)
        assert {received(each) for each in stuck} == {""}


def test_fifty_half_bodies_without_a_key_are_refused_at_once_and_leave_others_served(a_hub: Hub) -> None:
    url = a_hub.stack.place.url("referral")
    with connected(url, post("/v1/referrals", HALF_A_BODY), MANY) as stuck:
        assert is_alive(url)
        assert works(a_hub)
        assert {received(each).split()[1] for each in stuck} == {"401"}


def test_fifty_half_bodies_with_a_key_are_refused_at_the_deadline_and_leave_others_served(a_hub: Hub) -> None:
    url = a_hub.stack.place.url("referral")
    with connected(url, post("/v1/referrals", HALF_A_BODY, authorization(a_hub)), MANY) as stuck:
        assert is_alive(url)
        assert works(a_hub)
        answers = [received(each) for each in stuck]
    assert {answer.split()[1] for answer in answers} == {"408"}
    assert all("application/problem+json" in answer for answer in answers)


def test_fifty_half_forms_to_the_page_of_a_link_leave_others_served(a_hub: Hub) -> None:
    url = a_hub.stack.place.url("notifications")
    half = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 13\r\n\r\nanswer="
    with connected(url, post("/answer/none", half), MANY) as stuck:
        assert is_alive(url)
        assert works(a_hub)
        answers = [received(each) for each in stuck]
    assert {answer.split()[1] for answer in answers} == {"408"}
    assert all("Sorry, we cannot do this just now" in answer for answer in answers)


def endless(url: str, head: bytes) -> str:
    """The response to chunks that go on until the service closes the connection."""

    def chunks() -> Iterator[bytes]:
        for _ in range(400):  # 26 MB
            yield b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    with connected(url, head) as (client,):
        with suppress(OSError):
            for chunk in chunks():
                client.sendall(chunk)
        with suppress(ConnectionResetError):
            return received(client)
    return ""


def test_chunks_without_end_are_refused_once_they_are_too_many(a_hub: Hub) -> None:
    url = a_hub.stack.place.url("referral")
    answer = endless(url, post("/v1/referrals", CHUNKED, authorization(a_hub)))
    assert answer == "" or answer.split()[1] == "413", answer[:300]
    assert works(a_hub)
    response = httpx.post(f"{url}/v1/referrals", content=iter([b" " * 0x10000] * 81), headers=bearer(a_hub), timeout=ANSWERED_WITHIN)
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (413, "content-too-large")


def bearer(hub: Hub) -> dict[str, str]:
    return {"Authorization": f"Bearer {hub.stack.keys[hub.code]['intake']}", "Content-Type": "application/json"}


def test_a_key_that_is_none_is_told_so_whatever_the_size_of_the_body(a_hub: Hub) -> None:
    url = a_hub.stack.place.url("referral")
    for body in (b" " * 4_000_000, b" " * 6_000_000):
        response = httpx.post(f"{url}/v1/referrals", content=body, headers={"Authorization": "Bearer none"}, timeout=ANSWERED_WITHIN)
        assert response.status_code == 401


def test_a_body_in_chunks_is_taken_like_any_other(a_hub: Hub) -> None:
    whole = httpx.Request("POST", "http://here", json=person()).content
    url = a_hub.stack.place.url("referral")
    chunks = (whole[at : at + 100] for at in range(0, len(whole), 100))
    assert httpx.post(f"{url}/v1/referrals", content=chunks, headers=bearer(a_hub), timeout=20).status_code == 201


def test_an_import_may_arrive_more_slowly_than_others(a_hub: Hub) -> None:
    url = a_hub.stack.place.url("referral")
    half = f"Content-Type: text/csv\r\nConnection: close\r\nContent-Length: {len(ONE_ROW)}\r\n\r\n{ONE_ROW[:20]}"
    slow = post("/v1/referrals/import", half, authorization(a_hub))
    with connected(url, slow) as (import_,), connected(url, post("/v1/referrals", HALF_A_BODY, authorization(a_hub))) as (other,):
        assert received(other).split()[1] == "408"
        import_.sendall(ONE_ROW[20:].encode())
        assert received(import_).split()[1] == "200"


def test_a_stopping_api_closes_idle_connections_at_once(a_hub: Hub) -> None:
    """gunicorn by itself would wait for them as long as for requests: `graceful_timeout`, 6 s."""
    stack, url = a_hub.stack, a_hub.stack.place.url("scheduling")
    pid = stack.supervisor.pids()["scheduling-api"]
    with connected(url, b"GET /livez HTTP/1.1\r\nHost: here\r\n\r\n") as (idle,):
        assert b" 200 " in idle.recv(65536)
        os.kill(pid, signal.SIGTERM)
        idle.settimeout(4)
        assert idle.recv(65536) == b""
    eventually(lambda: stack.supervisor.pids().get("scheduling-api", pid) != pid)
    eventually(lambda: responds(url))


def responds(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/readyz", timeout=ANSWERED_WITHIN).status_code == 200
    return False
