"""One use case inside one transaction."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared.events.tracing import Cause
from shared.store.mongo import Doc


@dataclass(frozen=True, slots=True)
class Unit:
    """The store, hub, time and cause of a use case. Without a session it only reads.

    now: by the domain's clock.  is_catching_up: the store had handled the event before it was restored.
    """

    db: Database[Doc]
    session: ClientSession | None
    hub: str
    now: datetime
    cause: Cause
    is_catching_up: bool = False
