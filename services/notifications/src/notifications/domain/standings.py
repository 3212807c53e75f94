"""One person's memberships, answers and messages as they are now. Every event about the person is numbered here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notifications.domain.answers import Answer, Answered, AnswerWord, LinkGone
from notifications.domain.happenings import Happened, MembershipState
from notifications.domain.ids import EventId, MembershipId, MessageId, PersonId
from notifications.domain.messages import Message, MessageState

UNANSWERED_OR_DECLINED = ("declined", "lapsed")  # why an offer ends other than by being withdrawn


@dataclass(frozen=True, slots=True)
class Membership:
    """A membership as of the last event. sealed: its place, as the text received.  cause: the event that offered it or, once it is
    taken, the event of that.  reason: why it ended, if known."""

    id: MembershipId
    state: MembershipState
    sealed: str
    cause: EventId
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Newest:
    """The message that was planned last, apart from reminders, and its state."""

    message: MessageId
    state: MessageState


@dataclass(frozen=True, slots=True)
class Restated:
    """All that this service publishes about a person: the answers about memberships held or taken."""

    person: PersonId
    answers: tuple[Answer, ...]


@dataclass(slots=True)
class Standing:
    """`id` is the person.

    told: the offers whose mail a server has accepted.  remind_from: when the next reminder is to be planned; None while none is to
    come.  newest: of the messages; roles which know the person learn only that it did not arrive.
    """

    id: PersonId
    hub: str
    state: Literal["known", "erased"] = "known"
    memberships: tuple[Membership, ...] = ()
    told: tuple[MembershipId, ...] = ()
    answers: tuple[Answer, ...] = ()
    remind_from: datetime | None = None
    newest: Newest | None = None
    version: int = 0
    last_sequence: int = 0

    @property
    def is_erased(self) -> bool:
        return self.state == "erased"

    def membership(self, identity: MembershipId | None) -> Membership | None:
        """The membership with this id, or None."""
        return next((each for each in self.memberships if each.id == identity), None)

    def taken(self) -> tuple[Membership, ...]:
        """The taken memberships: not held, paused or ended ones."""
        return tuple(each for each in self.memberships if each.state == "taken")

    def note(self, happened: Happened) -> bool:
        """Update a membership from an event; returns whether the event changed it. An unknown one is added once an event has both its
        state and its place."""
        known = self.membership(happened.membership)
        state = happened.state or (known.state if known else None)
        sealed = happened.place or (known.sealed if known else None)
        if happened.membership is None or state is None or sealed is None or not (happened.state or happened.place):
            return False
        was_taken = known is not None and known.state in {"taken", "paused"}
        cause = known.cause if known and (was_taken or state == "ended") else happened.event
        reason = happened.reason if state == "ended" else None
        self._keep(Membership(happened.membership, state, sealed, cause, reason))
        return True

    def _keep(self, changed: Membership) -> None:
        others = tuple(each for each in self.memberships if each.id != changed.id)
        self.memberships = (*others, changed)

    def replace(self, memberships: tuple[Membership, ...]) -> None:
        """Replace all memberships by scheduling's. Known ones keep their cause."""
        known = {each.id: each.cause for each in self.memberships}
        self.memberships = tuple(
            Membership(each.id, each.state, each.sealed, known.get(each.id, each.cause), each.reason) for each in memberships
        )

    def note_planned(self, message: Message) -> None:
        """Note the newest message. Reminders are left out: their times would reveal when a group meets."""
        if message.session is None:
            self.newest = Newest(message.id, message.state)

    def note_settled(self, message: Message) -> None:
        """Note the state of a message, if it is the newest."""
        if self.newest and self.newest.message == message.id:
            self.newest = Newest(message.id, message.state)

    def note_told(self, offer: MembershipId) -> None:
        """A server has accepted the mail of this offer."""
        if offer not in self.told:
            self.told = (*self.told, offer)

    def answer_to(self, offer: MembershipId) -> Answer | None:
        return next((given for given in self.answers if given.to == offer), None)

    def asked(self, offer: Membership, deadline: datetime | None, at: datetime) -> Answer | None:
        """The answer, or None while the offer is open. Raises LinkGone when the offer can no longer be answered."""
        given = self.answer_to(offer.id)
        if offer.state == "ended" and offer.reason not in UNANSWERED_OR_DECLINED:
            raise LinkGone("the place is no longer being held")
        if given is None and (offer.state != "held" or (deadline is not None and deadline <= at)):
            raise LinkGone("the time to answer this offer has passed")
        return given

    def answer(self, offer: MembershipId, word: AnswerWord, at: datetime) -> list[Answered]:
        """Take the answer once; later answers change nothing."""
        if self.answer_to(offer):
            return []
        given = Answer(offer, word, at)
        self.answers = (*self.answers, given)
        return [Answered(self.id, given)]

    def restate(self) -> list[Restated]:
        """The state to publish again; nothing for a person who was erased."""
        open_now = {each.id for each in self.memberships if each.state in {"held", "taken"}}
        return [] if self.is_erased else [Restated(self.id, tuple(given for given in self.answers if given.to in open_now))]

    def erase(self) -> None:
        """Keep only the bare id, so that later events about the person are recognised and ignored."""
        self.state, self.memberships, self.told, self.answers = "erased", (), (), ()
        self.remind_from = self.newest = None
