"""What happens to a person beside their referral: erased, told of anew, or left to time."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from pymongo.database import Database

from embedded.stack import Stack
from shared.store.mongo import connect
from support.hub import Hub, eventually, person
from support.operating import operate


def test_who_is_erased_leaves_nothing_but_the_pseudonym_and_their_place_goes_to_the_next(hub: Hub, stack: Stack) -> None:
    group = hub.group()
    first, second = person(ties__sites=["One Site"]), person(ties__sites=["One Site"])
    gone = hub.refer_and_accept(first)
    hub.until(gone["referral"], "offered")
    waits = hub.refer_and_accept(second)
    hub.until(waits["referral"], "waiting")

    operate(stack, "referral", "erase", gone["participant"], "--yes")

    hub.until(waits["referral"], "offered")
    seats = hub.get("scheduling", f"/v1/groups/{group}/seats")["items"]
    assert [seat["participant"] for seat in seats] == [waits["participant"]]
    for service in ("referral", "scheduling", "notifications", "vault"):
        with closing(connect(stack.place.store(service), timeout_ms=20_000)) as client:
            eventually(lambda s=service, c=client: left_of(c[s], gone["participant"]) <= {"inbox", "outbox"} | TOMBSTONES[s])
    anew = hub.refer(first)
    assert anew["participant"] != gone["participant"]


# Where the bare pseudonym may stay, so that whatever comes later about it is ignored; and ids in what was done.
TOMBSTONES = {
    "referral": {"participants", "referrals", "contacts", "idempotency"},
    "scheduling": {"people", "entries"},
    "notifications": {"standings", "messages"},
    "vault": {"destroyed"},
}


def left_of(db: "Database[dict[str, Any]]", participant: str) -> set[str]:
    return {name for name in db.list_collection_names() if any(participant in str(row) for row in db[name].find())}


def test_what_scheduling_says_anew_sets_referral_right_and_mails_nobody(hub: Hub, stack: Stack) -> None:
    hub.group()
    body = person()
    referred = hub.refer_and_accept(body)
    hub.answer(body["person"]["email"], "accept")
    hub.until(referred["referral"], "placed")
    eventually(lambda: hub.message_states(referred["participant"]).get("seat-confirmed") == "accepted")
    with closing(connect(stack.place.store("referral"), timeout_ms=20_000)) as client:
        lost = {"$set": {"status": "waiting", "shown_status": "waiting"}, "$inc": {"version": 1}}
        assert client["referral"]["referrals"].update_one({"_id": referred["referral"]}, lost).matched_count
    mails = len(hub.mails(body["person"]["email"]))
    assert "1" in operate(stack, "scheduling", "resay", "--subject", referred["participant"])
    hub.until(referred["referral"], "placed")
    assert len(hub.mails(body["person"]["email"])) == mails
    assert set(hub.message_states(referred["participant"])) == {"offer", "seat-confirmed", "session-reminder"}


@pytest.fixture
def moved(stack: Stack) -> Iterator[None]:
    """Time goes on by four days for the domain, and comes back."""
    stack.place.clock_file.touch(0o600)
    stack.place.clock_file.write_text(str(4 * 24 * 3600))
    yield
    stack.place.clock_file.write_text("0")


def test_the_clock_of_the_domain_can_be_moved_and_an_offer_lapses(hub: Hub, request: pytest.FixtureRequest) -> None:
    hub.group()
    referred = hub.refer_and_accept(person())
    # Not the status: it says "offered" before the mail has gone, and who was never told of an offer is not told of its end.
    eventually(lambda: hub.message_states(referred["participant"]).get("offer") == "accepted")
    request.getfixturevalue("moved")
    hub.until(referred["referral"], "waiting")
    eventually(lambda: hub.message_states(referred["participant"]).get("offer-expired") == "accepted")
