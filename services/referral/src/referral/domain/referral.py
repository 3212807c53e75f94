"""A referral: the request that a person be considered, and how far it has come."""

from dataclasses import dataclass, field
from datetime import datetime

from referral.domain import events
from referral.domain.values import Conflicts, Consent, Facts, Window, Wishes

UNDECIDED = ("submitted", "returned")
UNDER_WAY = ("accepted", "waiting", "offered", "placed")
STATUSES = (*UNDECIDED, *UNDER_WAY, "ended", "declined", "withdrawn")

# What only scheduling knows is told to the referrer if the doctor consented to it, and stops at "accepted" if not.
_BEYOND_ACCEPTED = ("waiting", "offered", "placed", "ended")


class NoSuchReferral(LookupError):
    """This hub has no such referral."""


class NotNow(ValueError):
    """The referral's status does not allow it."""


class AlreadyReferred(ValueError):
    """The person has an open referral at this hub: `referral`."""

    def __init__(self, referral: str) -> None:
        super().__init__(f"{referral} is open for the same person; read it, or withdraw it before you submit another")
        self.referral = referral


@dataclass(slots=True)
class Referral:
    """`index` finds the same person again; `is_open` lets the store hold one open referral a person and hub.

    `note` is sealed: the question it was returned with, or why it was withdrawn.
    """

    id: str
    hub: str
    participant: str
    index: str
    source: str
    facts: Facts
    wishes: Wishes
    availability: tuple[Window, ...]
    urgency: str
    consent: Consent
    submitted_at: datetime
    status: str = "submitted"
    shown_status: str = "submitted"
    is_open: bool = True
    changed_at: datetime | None = None
    accepted_at: datetime | None = None
    reason: str = ""
    signposts: tuple[str, ...] = ()
    note: bytes | None = None
    version: int = 0
    said: int = 0
    decided_by: str = field(default="")

    def submit(self) -> list[events.Submitted]:
        return [events.Submitted(self)]

    def accept(self, by: str, at: datetime, conflicts: Conflicts) -> list[events.Accepted]:
        """Its clock starts now. Raises NotNow unless it is undecided."""
        self._decide("accepted", by, at)
        self.accepted_at = at
        return [events.Accepted(self, conflicts)]

    def give_back(self, by: str, at: datetime, question: bytes) -> list[events.Returned]:
        """Return it with a sealed question. Raises NotNow unless it is undecided."""
        self._decide("returned", by, at)
        self.note = question
        return [events.Returned(self)]

    def decline(self, by: str, at: datetime, reason: str, signposts: tuple[str, ...]) -> list[events.Declined]:
        """Never without signposts. Raises NotNow unless it is undecided."""
        self._decide("declined", by, at)
        self.reason, self.signposts = reason, signposts
        return [events.Declined(self)]

    def withdraw(self, by: str, at: datetime, reason: bytes) -> list[events.Withdrawn]:
        """Possible until it has come to an end. Raises NotNow afterwards."""
        if not self.is_open:
            raise NotNow(f"it is {self.status}; only an open referral can be withdrawn")
        self.decided_by, self.note = by, reason
        self._become("withdrawn", at)
        return [events.Withdrawn(self)]

    def progress(self, status: str, at: datetime) -> None:
        """What scheduling reports; too late to matter once the referral has come to an end."""
        if self.is_open:
            self._become(status, at)

    def _decide(self, status: str, by: str, at: datetime) -> None:
        if self.status not in UNDECIDED:
            raise NotNow(f"it is {self.shown_status}; only a referral that is {' or '.join(UNDECIDED)} can be {status}")
        self.decided_by = by
        self._become(status, at)

    def _become(self, status: str, at: datetime) -> None:
        self.status, self.changed_at = status, at
        self.is_open = status in (*UNDECIDED, *UNDER_WAY)
        silent = "status_to_referrer" not in self.consent.to and status in _BEYOND_ACCEPTED
        self.shown_status = "accepted" if silent else status
