"""A replica set of one member: without it, MongoDB has neither transactions nor change streams."""

from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from embedded import waiting

NAME = "rs0"
_NOT_YET_INITIALISED = 94

Client = MongoClient[dict[str, Any]]


def initiate(port: int, store: str, log: Path, seconds: float = 40) -> None:
    """Make the `mongod` at `port` the primary of a replica set of its own; no effect if it already is. Raises NotReady."""
    otherwise = f"{store} is up, but did not become the primary of its replica set within {seconds:.0f} s."
    waiting.until(lambda: is_primary(port), seconds, otherwise, log)


def is_primary(port: int) -> bool:
    """Whether it is the primary; if not, it is told to become it."""
    address = f"127.0.0.1:{port}"
    try:
        # a new client each time: one that was connected before the initiation has no sessions
        with MongoClient[dict[str, Any]](address, directConnection=True, timeoutMS=5000) as client:
            if client.admin.command("hello")["isWritablePrimary"]:
                return True
            _configure(client, address)
    except PyMongoError:
        return False  # it is starting, or was restarted meanwhile: the caller asks again
    return False


def _configure(client: Client, address: str) -> None:
    members = [{"_id": 0, "host": address}]
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALISED:
            raise
        client.admin.command("replSetInitiate", {"_id": NAME, "members": members})
        return
    if config["members"][0]["host"] != address:  # the data was last served on another PORT_BASE
        moved = {**config, "version": config["version"] + 1, "members": members}
        client.admin.command("replSetReconfig", moved, force=True)
