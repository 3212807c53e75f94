"""kill -9 of any service process at any moment: nothing is lost, nothing done twice."""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import combinations
from typing import Any

import httpx
import pytest

from embedded.doctors import link_in
from embedded.stack import Stack
from shared.store.mongo import connect
from support.hub import Hub, eventually, person

SITES = [f"Site {letter}" for letter in "ABCDEFGH"]
HOW_MANY = 48
KILLS_EVERY = 1.5  # seconds


@contextmanager
def killing(stack: Stack, seed: int) -> Iterator[list[str]]:
    """Kills a service process, chosen by `seed`, again and again; the names of the killed."""
    over, killed, chance = threading.Event(), list[str](), random.Random(seed)

    def kill() -> None:
        while not over.wait(KILLS_EVERY):
            pids = {
                name: pid for name, pid in stack.supervisor.pids().items() if name.startswith(("referral", "scheduling", "notifications"))
            }
            name = chance.choice(sorted(pids))
            with suppress(ProcessLookupError):
                os.kill(pids[name], signal.SIGKILL)
                killed.append(name)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def insist(hub: Hub, method: str, service: str, path: str, role: str, **options: Any) -> httpx.Response:
    """Ask again while the service is being started anew; an Idempotency-Key makes that safe."""

    def ask() -> httpx.Response | None:
        with suppress(httpx.HTTPError):
            answer = hub.ask(method, service, path, role, **options)
            return answer if answer.status_code < 500 else None
        return None

    return eventually(ask, 60)


def refer(hub: Hub, body: dict[str, Any]) -> dict[str, str]:
    key = {"Idempotency-Key": body["person"]["registration"]["number"]}
    referred: dict[str, str] = insist(hub, "POST", "referral", "/v1/referrals", "intake", json=body, headers=key).json()
    path = f"/v1/referrals/{referred['referral']}/accept"
    assert insist(hub, "POST", "referral", path, "clinician", headers=key).status_code in {200, 409}
    return referred


def answer_every_offer(hub: Hub, addresses: dict[str, str], answered: set[str]) -> None:
    for address, answer in addresses.items():
        for mail in hub.mails(address):
            link = link_in(mail)
            if link and link not in answered:
                with suppress(httpx.HTTPError):
                    if httpx.post(link, data={"answer": answer}, timeout=10).status_code < 500:
                        answered.add(link)


def is_settled(hub: Hub, referrals: list[str]) -> bool:
    with suppress(httpx.HTTPError, AssertionError):
        return all(hub.status(referral) in {"placed", "waiting"} for referral in referrals)
    return False


@pytest.mark.timeout(400)
def test_kills_lose_nothing_double_nothing_and_seat_no_colleagues_together(hub: Hub, stack: Stack) -> None:
    groups = [hub.group() for _ in range(4)]
    bodies = [person(ties__sites=[SITES[number % len(SITES)]]) for number in range(HOW_MANY)]
    addresses = {body["person"]["email"]: "decline" if number % 7 == 3 else "accept" for number, body in enumerate(bodies)}
    answered: set[str] = set()
    with killing(stack, seed=20261123) as killed:
        referred = [refer(hub, body) for body in bodies]
        for _ in range(10):
            answer_every_offer(hub, addresses, answered)
            threading.Event().wait(1)
    referrals = [each["referral"] for each in referred]

    def settled() -> bool:
        answer_every_offer(hub, addresses, answered)
        return is_settled(hub, referrals)

    eventually(settled, 120)
    assert len(killed) > 5
    assert len(set(referrals)) == HOW_MANY
    assert_nobody_meets_a_colleague(
        hub, groups, {each["participant"]: body["ties"]["sites"][0] for each, body in zip(referred, bodies, strict=True)}
    )
    assert_no_mail_twice(hub, addresses)
    assert_nothing_is_stuck(stack, hub)


def assert_nobody_meets_a_colleague(hub: Hub, groups: list[str], site_of: dict[str, str]) -> None:
    seated = 0
    for group in groups:
        seats = hub.get("scheduling", f"/v1/groups/{group}/seats")["items"]
        assert len(seats) <= 8
        assert all(seat["state"] == "taken" for seat in seats)
        pairs = combinations([site_of[seat["participant"]] for seat in seats], 2)
        assert all(one != other for one, other in pairs)
        seated += len(seats)
    assert seated == len(SITES) * len(groups), "every place that can be filled is filled"


def assert_no_mail_twice(hub: Hub, addresses: dict[str, str]) -> None:
    ids = Counter(mail["Message-ID"] for address in addresses for mail in hub.mails(address))
    assert [identity for identity, times in ids.items() if times > 1] == []


def assert_nothing_is_stuck(stack: Stack, hub: Hub) -> None:
    for service in ("referral", "scheduling", "notifications"):
        db = connect(stack.place.store(service))[service]
        eventually(lambda db=db: db["outbox"].count_documents({"unpublished": True}) == 0)
        assert db["parked_events"].count_documents({"hub": hub.code}) == 0
    messages = connect(stack.place.store("notifications"))["notifications"]["messages"]
    in_hand = {"hub": hub.code, "state": {"$in": ["claimed", "submitted"]}}
    eventually(lambda: messages.count_documents(in_hand) == 0, 45)
