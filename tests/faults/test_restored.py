"""A service's store is restored from a backup: what it has missed is set right, and nobody is mailed for it."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from pymongo.database import Database

from embedded.stack import Stack
from embedded.waiting import until_ready, until_workers_are_alive
from shared.store.mongo import connect
from support.hub import Hub, eventually, person
from support.operating import operate

Collections = dict[str, list[dict[str, Any]]]


class Backup:
    """Of one service's store, as it is now."""

    def __init__(self, stack: Stack, service: str) -> None:
        self._stack, self._service = stack, service
        with connect(stack.place.store(service)) as client:
            self._kept: Collections = {name: list(client[service][name].find()) for name in names(client[service])}

    def restore(self) -> None:
        """As an operator does: every process of the service stopped, the store put back, `indexes`, every process started again."""
        eventually(self._has_committed)  # a consumer that is stopped in an orderly way commits what it owes
        with stopped(self._stack, self._service):
            self._put_back()
            operate(self._stack, self._service, "indexes")
        until_ready(self._stack.place.url(self._service), self._service, self._stack.place.logs)
        until_workers_are_alive(self._stack.place.url(self._service), self._service, self._stack.place.logs)
        eventually(self._is_set_right)

    def _has_committed(self) -> bool:
        """Whether Kafka knows how far the service has read."""
        with connect(self._stack.place.store(self._service)) as client:
            read = {row["_id"]: row["next"] for row in client[self._service]["offsets"].find()}
        with closing(KafkaAdminClient(**self._stack.place.operator.options)) as admin:
            (committed,) = admin.list_group_offsets(f"{self._service}.all").values()
        offsets = {f"{at.topic}/{at.partition}": kept.offset for at, kept in committed.items()}
        return all(offsets.get(partition, 0) >= following for partition, following in read.items())

    def _put_back(self) -> None:
        with connect(self._stack.place.store(self._service)) as client:
            for name in names(client[self._service]):
                client[self._service][name].delete_many({})
                if rows := self._kept.get(name):
                    client[self._service][name].insert_many(rows)

    def _is_set_right(self) -> bool:
        with connect(self._stack.place.store(self._service)) as client:
            return client[self._service]["offsets"].count_documents({"until": {"$exists": True}}) == 0


def names(db: "Database[dict[str, Any]]") -> list[str]:
    """Its own collections: another test may have left a profile."""
    return [name for name in db.list_collection_names() if not name.startswith("system.")]


@contextmanager
def stopped(stack: Stack, *names: str) -> Iterator[None]:
    """The processes of these names do nothing meanwhile; then they are killed, and supervisord starts them anew."""
    pids = [pid for program, pid in stack.supervisor.pids().items() if program.startswith(names)]
    assert pids
    for pid in pids:
        os.killpg(pid, signal.SIGSTOP)  # with gunicorn's workers
    try:
        yield
    finally:
        for pid in pids:
            os.killpg(pid, signal.SIGKILL)


@pytest.fixture
def doctor(hub: Hub) -> dict[str, Any]:
    """Somebody who waits; there is no group yet that they could be offered."""
    body = person()
    return hub.refer_and_accept(body) | {"email": body["person"]["email"]}


def is_mailed(hub: Hub, doctor: dict[str, Any], *templates: str) -> None:
    eventually(lambda: [hub.message_states(doctor["participant"]).get(template) for template in templates] == ["accepted"] * len(templates))


def test_who_was_confirmed_after_the_backup_has_their_place_and_hears_nothing_more(hub: Hub, stack: Stack) -> None:
    group = hub.group()
    backup = Backup(stack, "scheduling")
    confirmed, offered = person(), person()
    seated, asked = hub.refer_and_accept(confirmed), hub.refer_and_accept(offered)
    is_mailed(hub, asked, "offer")
    hub.answer(confirmed["person"]["email"], "accept")
    is_mailed(hub, seated, "offer", "seat-confirmed")
    before = {each["person"]["email"]: len(hub.mails(each["person"]["email"])) for each in (confirmed, offered)}
    backup.restore()
    seats = {each["participant"]: each["state"] for each in hub.get("scheduling", f"/v1/groups/{group}/seats")["items"]}
    assert seats == {seated["participant"]: "taken", asked["participant"]: "held"}
    later = hub.refer_and_accept(person())
    is_mailed(hub, later, "offer")
    hub.answer(offered["person"]["email"], "accept")
    hub.until(asked["referral"], "placed")
    is_mailed(hub, asked, "seat-confirmed")
    assert hub.status(seated["referral"]) == "placed"
    assert {address: len(hub.mails(address)) - mails for address, mails in before.items()} == {
        confirmed["person"]["email"]: 0,
        offered["person"]["email"]: 1,
    }
    parked = operate(stack, "scheduling", "parked", "list")
    assert not [each for each in (seated, asked) if each["participant"] in parked]


def test_what_was_mailed_after_the_backup_is_not_mailed_again_and_its_link_is_good(hub: Hub, stack: Stack, doctor: dict[str, Any]) -> None:
    with stopped(stack, "notifications-sender"):
        referred = hub.refer(body := person(source="self"))
        eventually(lambda: hub.message_states(referred["participant"]).get("referral-received") == "planned")
        backup = Backup(stack, "notifications")
    is_mailed(hub, referred, "referral-received")
    hub.group()
    is_mailed(hub, doctor, "offer")
    before = {address: len(hub.mails(address)) for address in (doctor["email"], body["person"]["email"])}
    backup.restore()
    assert hub.message_states(referred["participant"]) == {"referral-received": "suppressed"}, "it may have been sent, and was"
    eventually(lambda: hub.message_states(doctor["participant"]).get("offer") == "suppressed")
    assert {address: len(hub.mails(address)) for address in before} == before
    hub.answer(doctor["email"], "accept")
    hub.until(doctor["referral"], "placed")
    is_mailed(hub, doctor, "seat-confirmed")


def test_who_was_erased_after_the_backup_is_erased_again(hub: Hub, stack: Stack, doctor: dict[str, Any]) -> None:
    backup = Backup(stack, "referral")
    operate(stack, "referral", "erase", doctor["participant"], "--yes")
    assert participant(stack, doctor)["state"] == "erased"
    backup.restore()  # which referral's own offsets may not show: it need not have heard anything since
    eventually(lambda: participant(stack, doctor)["state"] == "erased")
    assert participant(stack, doctor)["sealed"] is None
    assert hub.refer_and_accept(person())["participant"] != doctor["participant"]


def participant(stack: Stack, doctor: dict[str, Any]) -> dict[str, Any]:
    with connect(stack.place.store("referral")) as client:
        found = client["referral"]["participants"].find_one({"_id": doctor["participant"]})
    assert found
    return dict(found)
