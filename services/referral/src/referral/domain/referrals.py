"""A referral: the request that a person be considered, and its status."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from referral.domain.ids import PersonId, ReferralId
from referral.domain.participants import OpenReferral
from referral.domain.values import Consent, Wishes

Status = Literal["submitted", "returned", "accepted", "waiting", "offered", "placed", "ended", "declined", "withdrawn"]
Stands = Literal["waiting", "offered", "placed", "nothing"]  # the status of a referral in scheduling

STATUSES: tuple[Status, ...] = get_args(Status)
UNDECIDED: tuple[Status, ...] = ("submitted", "returned")
OVER: tuple[Status, ...] = ("ended", "declined", "withdrawn")

# A status that comes from scheduling is shown to the referrer if the doctor consented; if not, they see no more than "accepted".
_BEYOND_ACCEPTED: tuple[Status, ...] = ("waiting", "offered", "placed", "ended")


@dataclass(frozen=True, slots=True)
class Submitted:
    """received: when this service received it."""

    person: PersonId
    referral: ReferralId
    source: str
    urgency: str
    received: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """The submitter is asked a question, which is not published."""

    person: PersonId
    referral: ReferralId
    source: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """received: the clock of the report.  accepted: the clock of the queue."""

    person: PersonId
    referral: ReferralId
    source: str
    urgency: str
    received: datetime
    accepted: datetime
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Declined:
    """reason, signposts: codes from the service's data."""

    person: PersonId
    referral: ReferralId
    source: str
    reason: str
    signposts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Everything that followed from it is released."""

    person: PersonId
    referral: ReferralId
    source: str


@dataclass(frozen=True, slots=True)
class Ended:
    """reason: as scheduling gave it."""

    person: PersonId
    referral: ReferralId
    source: str
    reason: str


class NoSuchReferral(LookupError):
    """This hub has no such referral."""


class NotNow(ValueError):
    """The referral's status does not allow it."""


class AlreadyReferred(ValueError):
    """The person has an open referral at this hub: `referral`."""

    def __init__(self, referral: ReferralId) -> None:
        super().__init__(f"{referral} is already open for this person; read it, or withdraw it before submitting another")
        self.referral = referral


@dataclass(slots=True)
class Referral:
    """index: with is_open, limits the store to one open referral per person and hub.  note: sealed; the question it was returned
    with, or why it was withdrawn.

    shown_…: what readers see, and the version in their ETag: a change that consent hides must not affect them.
    """

    id: ReferralId
    hub: str
    participant: PersonId
    index: str | None
    source: str
    wishes: Wishes
    urgency: str
    consent: Consent
    received: datetime
    shown_at: datetime
    accepted: datetime | None = None
    status: Status = "submitted"
    shown_status: Status = "submitted"
    shown_version: int = 1
    is_open: bool = True
    reason: str | None = None
    signposts: tuple[str, ...] = ()
    note: bytes | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    version: int = 0

    def submit(self) -> list[Submitted]:
        """Publish the new referral."""
        return [Submitted(self.participant, self.id, self.source, self.urgency, self.received)]

    def accept(self, by: str, at: datetime) -> list[Accepted]:
        """Accept it: the clock of the queue starts. Raises NotNow unless it is undecided."""
        self._decide("accepted", by, at)
        self.accepted = at
        return [Accepted(self.participant, self.id, self.source, self.urgency, self.received, at, self.wishes)]

    def give_back(self, by: str, at: datetime, question: bytes) -> list[Returned]:
        """Return it with a sealed question. Raises NotNow unless it is undecided."""
        self._decide("returned", by, at)
        self.note = question
        return [Returned(self.participant, self.id, self.source)]

    def decline(self, by: str, at: datetime, reason: str, signposts: tuple[str, ...]) -> list[Declined]:
        """Decline it, always with signposts. Raises NotNow unless it is undecided."""
        self._decide("declined", by, at)
        self.reason, self.signposts = reason, signposts
        return [Declined(self.participant, self.id, self.source, reason, signposts)]

    def withdraw(self, by: str, at: datetime, reason: bytes | None) -> list[Withdrawn]:
        """Possible until readers see that it has ended; one whose end is hidden from them is withdrawn without any effect.

        Raises NotNow afterwards.
        """
        if self.shown_status in OVER:
            raise NotNow(f"the referral is {self.shown_status}; only an open one can be withdrawn")
        was_open = self.is_open
        self.decided_by, self.decided_at, self.note, self.reason = by, at, reason, None
        self._show(self._become("withdrawn"), at)
        return [Withdrawn(self.participant, self.id, self.source)] if was_open else []

    def stand(self, stands: Stands, reason: str | None, at: datetime) -> list[Ended]:
        """Copy its status in scheduling; no effect once the referral is no longer open."""
        if not self.is_open:
            return []
        shown = self._become("ended" if stands == "nothing" else stands)
        if shown != self.shown_status:
            self._show(shown, at)
        if stands != "nothing":
            return []
        self.reason = reason or "ended"
        return [Ended(self.participant, self.id, self.source, self.reason)]

    def erase(self, at: datetime) -> None:
        """Keep what reports count, and nothing that the person or a clinician wrote. An open referral is withdrawn."""
        self.index, self.note, self.wishes, self.signposts, self.reason = None, None, Wishes(), (), "erased"
        looks_over = self.shown_status in OVER  # a hidden end must look as if it came only now
        self._show(self.shown_status if looks_over else self._become("withdrawn"), at)

    @property
    def shown_reason(self) -> str | None:
        """Why it ended, if readers may see that it did."""
        return self.reason if self.shown_status in OVER else None

    def as_open(self) -> OpenReferral:
        """The referral as a state event contains it."""
        return OpenReferral(self.id, self.source, self.urgency, self.received, self.accepted, self.wishes)

    def _decide(self, status: Status, by: str, at: datetime) -> None:
        if self.status not in UNDECIDED:
            raise NotNow(f"the referral is {self.shown_status}; only one that is {' or '.join(UNDECIDED)} can be {status}")
        self.decided_by, self.decided_at = by, at
        self._show(self._become(status), at)

    def _become(self, status: Status) -> Status:
        """Change to the status; returns the status that readers may see."""
        self.status, self.is_open = status, status not in OVER
        is_hidden = "status_to_referrer" not in self.consent.to and status in _BEYOND_ACCEPTED
        return "accepted" if is_hidden else status

    def _show(self, status: Status, at: datetime) -> None:
        self.shown_status, self.shown_at, self.shown_version = status, at, self.shown_version + 1
