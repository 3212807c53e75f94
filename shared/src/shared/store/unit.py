"""One use case at one hub inside one transaction."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared.events.tracing import Cause
from shared.store.mongo import Doc


@dataclass(slots=True)
class Unit:
    """What a use case may touch, when it is, and what caused it. Without a session it only reads."""

    db: Database[Doc]
    session: ClientSession | None
    hub: str
    now: datetime
    cause: Cause
