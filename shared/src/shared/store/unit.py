"""One use case inside one transaction."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared.events.tracing import Cause
from shared.store.mongo import Doc


@dataclass(frozen=True, slots=True)
class Unit:
    """What a use case may touch, for which hub, when it is, and what caused it. Without a session it only reads.

    now: what the domain calls now.  is_catching_up: the store was restored, and the event is one that it had handled before.
    """

    db: Database[Doc]
    session: ClientSession | None
    hub: str
    now: datetime
    cause: Cause
    is_catching_up: bool = False
