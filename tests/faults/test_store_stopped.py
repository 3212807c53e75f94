"""A store that hangs (SIGSTOP): each request is answered in time, liveness always; and what was asked can be asked again safely."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from embedded.stack import Stack
from support.hub import Body, Hub, eventually, person
from support.stuck import ANSWERED_WITHIN, stopped

WRITES = 40  # five for each thread of an API


def refer(hub: Hub, body: Body) -> httpx.Response:
    """Submit a referral under a key of its own: the same body is the same request."""
    headers = {"Authorization": f"Bearer {hub.stack.keys[hub.code]['intake']}", "Idempotency-Key": body["person"]["email"]}
    return httpx.post(f"{hub.stack.place.url('referral')}/v1/referrals", json=body, headers=headers, timeout=ANSWERED_WITHIN)


def is_alive(stack: Stack, service: str) -> bool:
    return httpx.get(f"{stack.place.url(service)}/livez", timeout=ANSWERED_WITHIN).status_code == 200


def says_try_again(response: httpx.Response) -> bool:
    return response.status_code == 503 and int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("store", ["store-referral", "store-vault"])
def test_writes_to_a_store_that_hangs_are_answered_in_time_and_done_once_when_they_are_repeated(hub: Hub, store: str) -> None:
    bodies = [person() for _ in range(WRITES)]
    with stopped(hub.stack, store), ThreadPoolExecutor(WRITES) as staff:
        asked = [staff.submit(refer, hub, body) for body in bodies]
        while not all(each.done() for each in asked):
            assert is_alive(hub.stack, "referral")
        answers = [each.result() for each in asked]
    assert all(map(says_try_again, answers)), {answer.status_code for answer in answers}
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert {answer.json()["type"].rpartition("/")[2] for answer in answers} == {"try-again"}
    for body in bodies:
        eventually(lambda body=body: refer(hub, body).status_code == 201)
    kept = hub.get("referral", "/v1/referrals?limit=200", "intake")["items"]
    assert len(kept) == WRITES


@pytest.mark.parametrize("service", ["referral", "scheduling", "notifications"])
def test_an_api_whose_store_hangs_says_that_it_is_alive_and_not_ready(stack: Stack, service: str) -> None:
    with stopped(stack, f"store-{service}"):
        ready = httpx.get(f"{stack.place.url(service)}/readyz", timeout=ANSWERED_WITHIN)
        assert is_alive(stack, service)
    assert (ready.status_code, ready.json()["checks"]["store"]) == (503, False)
    eventually(lambda: httpx.get(f"{stack.place.url(service)}/readyz", timeout=ANSWERED_WITHIN).status_code == 200)


def test_an_answer_to_an_offer_while_the_store_hangs_is_refused_in_words_and_taken_once_afterwards(hub: Hub) -> None:
    body = person()
    referral = hub.refer_and_accept(body)["referral"]
    hub.group()
    link = hub.link(body["person"]["email"])
    with stopped(hub.stack, "store-notifications"):
        page = httpx.post(link, data={"answer": "accept"}, timeout=ANSWERED_WITHIN)
        assert is_alive(hub.stack, "notifications")
    assert says_try_again(page)
    assert "Sorry, we cannot do this just now" in page.text

    def answered() -> bool:
        with suppress(httpx.TimeoutException):
            return hub.answer(body["person"]["email"], "accept").status_code == 200
        return False

    eventually(answered)
    hub.until(referral, "placed")
