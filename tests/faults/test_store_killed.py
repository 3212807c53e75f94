"""kill -9 of a store: its supervisor starts it anew, and it comes back with what it had acknowledged."""

import os
import signal
from contextlib import suppress

from pymongo.errors import PyMongoError

from embedded.stack import Stack
from shared.errors import Retryable
from shared.events.tracing import Cause
from shared.store.mongo import MAJORITY, connect
from shared.store.transactions import Store
from shared.store.unit import Unit
from support.hub import eventually


def test_a_killed_store_is_started_anew_with_what_it_had_acknowledged(stack: Stack, store: Store) -> None:
    kept = store.db.get_collection("kept", write_concern=MAJORITY)
    kept.insert_many([{"_id": number} for number in range(50)])
    killed = stack.supervisor.pids()["store-referral"]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: stack.supervisor.pids().get("store-referral", killed) != killed)

    def found() -> int | None:
        with suppress(PyMongoError), connect(stack.place.store("referral")) as client:
            return client[store.db.name]["kept"].count_documents({})
        return None

    assert eventually(found) == 50
    assert eventually(lambda: is_writable(stack, store))


def is_writable(stack: Stack, store: Store) -> bool:
    def write(unit: Unit) -> bool:
        return unit.db["kept"].insert_one({}, session=unit.session).acknowledged

    with suppress(Retryable), connect(stack.place.store("referral")) as client:
        return Store(client, store.db.name).run("london", Cause("c", "c", "t"), write)
    return False
