"""Every query on the way from a referral to a seat is served by an index: the real store says so of each query that it ran."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo.database import Database

from embedded.ports import SERVICES
from embedded.stack import Stack
from shared.store.mongo import connect
from support.hub import Hub, eventually, person

# These have a handful of rows at most, whatever the load.
TINY = {"processes", "leases", "consumer_halts", "readiness", "offsets", "counters", "modalities", "listings", "system.profile"}


@contextmanager
def profiled(stack: Stack) -> Iterator[list[dict[str, Any]]]:
    """What the services' stores did inside the `with`, once it is over."""
    stores = [connect(stack.place.store(service), timeout_ms=20_000)[service] for service in SERVICES]
    done: list[dict[str, Any]] = []
    for db in stores:
        _forget(db)
        db.command("profile", 2)
    try:
        yield done
        done += [row for db in stores for row in db["system.profile"].find({"ns": {"$not": {"$regex": r"\$cmd|system\.profile"}}})]
    finally:
        for db in stores:
            db.command("profile", 0)
            db.client.close()


def _forget(db: "Database[dict[str, Any]]") -> None:
    db.command("profile", 0)
    db["system.profile"].drop()
    db.create_collection("system.profile", capped=True, size=32 * 1024 * 1024)


def scans(done: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """The collections that were read from end to end, with what asked for it."""
    read = [row for row in done if row["ns"].partition(".")[2] not in TINY and "COLLSCAN" in row.get("planSummary", "")]
    return {(row["ns"], str(row["command"].get("filter") or row["command"].get("pipeline") or row["command"])[:200]) for row in read}


@pytest.fixture
def story(hub: Hub, stack: Stack) -> list[dict[str, Any]]:
    """Two colleagues are referred, one is seated, the other declines and withdraws; the lists are read."""
    with profiled(stack) as done:
        group = hub.group(capacity=6)
        one, two = person(ties__sites=["Site One"]), person(ties__sites=["Site Two"])
        first, second = hub.refer_and_accept(one), hub.refer_and_accept(two)
        hub.answer(one["person"]["email"], "accept")
        hub.answer(two["person"]["email"], "decline")
        hub.until(first["referral"], "placed")
        hub.until(second["referral"], "waiting")
        for service, path in (
            ("referral", "/v1/referrals?status=waiting"),
            ("scheduling", "/v1/waiting"),
            ("scheduling", f"/v1/waiting/{second['participant']}"),
            ("scheduling", f"/v1/groups/{group}/sessions"),
            ("scheduling", f"/v1/offers?participant={second['participant']}"),
            ("notifications", f"/v1/messages?participant={first['participant']}"),
            ("notifications", "/v1/messages?state=accepted"),
        ):
            hub.get(service, path)
        hub.post("referral", f"/v1/referrals/{second['referral']}/withdraw", "intake", {"reason": "moved away"})
        eventually(lambda: hub.message_states(first["participant"]).get("seat-confirmed") == "accepted")
    return done


def test_no_query_on_the_way_from_a_referral_to_a_seat_reads_a_collection_from_end_to_end(story: list[dict[str, Any]]) -> None:
    assert len(story) > 100
    assert {row["ns"].partition(".")[0] for row in story} == set(SERVICES)
    assert scans(story) == set()


def test_a_scan_would_be_found(stack: Stack) -> None:
    with profiled(stack) as done:
        db = connect(stack.place.store("scheduling"))["scheduling"]
        list(db["people"].find({"facts.grade": "nobody has this"}))
        db.client.close()
    assert ("scheduling.people", "{'facts.grade': 'nobody has this'}") in scans(done)
