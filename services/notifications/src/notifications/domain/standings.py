"""What is true now for one person, and what they were last told. Every event about the person is numbered here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notifications.domain.answers import Answer, Answered, AnswerWord, LinkGone
from notifications.domain.happenings import Happened, MembershipState
from notifications.domain.ids import EventId, MembershipId, MessageId, PersonId
from notifications.domain.messages import Message, MessageState

UNANSWERED_OR_DECLINED = ("declined", "lapsed")  # why an offer ends that was not taken back


@dataclass(frozen=True, slots=True)
class Membership:
    """A membership as the last event told of it. sealed: its place, as the text that came.  cause: the event that offered it or,
    once it is taken, told of that.  reason: why it ended, where somebody said."""

    id: MembershipId
    state: MembershipState
    sealed: str
    cause: EventId
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Newest:
    """The message that was planned last, reminders apart, and what became of it."""

    message: MessageId
    state: MessageState


@dataclass(frozen=True, slots=True)
class Restated:
    """All that this service says of a person: the answers to what is still open."""

    person: PersonId
    answers: tuple[Answer, ...]


@dataclass(slots=True)
class Standing:
    """`id` is the person.

    told: the offers whose mail a server has taken.  remind_from: when the next reminder is to be planned; None while there is nothing to
    come.  newest: all that whoever knows the person may learn of their messages.
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
        """What is known of one of them; None for one that was never heard of."""
        return next((each for each in self.memberships if each.id == identity), None)

    def taken(self) -> tuple[Membership, ...]:
        """Those that meet now: neither only held, nor paused, nor ended."""
        return tuple(each for each in self.memberships if each.state == "taken")

    def note(self, happened: Happened) -> bool:
        """Keep what an event says of a membership, if it says anything; one of which nothing is known yet is kept from its offer or
        acceptance on."""
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
        """What scheduling says is all there is. The cause of what was known already stays."""
        known = {each.id: each.cause for each in self.memberships}
        self.memberships = tuple(
            Membership(each.id, each.state, each.sealed, known.get(each.id, each.cause), each.reason) for each in memberships
        )

    def note_planned(self, message: Message) -> None:
        """Reminders are left out: when they go would tell when a group meets."""
        if message.session is None:
            self.newest = Newest(message.id, message.state)

    def note_settled(self, message: Message) -> None:
        """Keep what became of a message, if it is the newest."""
        if self.newest and self.newest.message == message.id:
            self.newest = Newest(message.id, message.state)

    def note_told(self, offer: MembershipId) -> None:
        """A server has taken the mail of this offer."""
        if offer not in self.told:
            self.told = (*self.told, offer)

    def answer_to(self, offer: MembershipId) -> Answer | None:
        return next((given for given in self.answers if given.to == offer), None)

    def asked(self, offer: Membership, deadline: datetime | None, at: datetime) -> Answer | None:
        """What was answered, or None while the question is open. Raises LinkGone when there is nothing left to answer."""
        given = self.answer_to(offer.id)
        if offer.state == "ended" and offer.reason not in UNANSWERED_OR_DECLINED:
            raise LinkGone("the place is no longer being held")
        if given is None and (offer.state != "held" or (deadline is not None and deadline <= at)):
            raise LinkGone("the time to answer this offer has passed")
        return given

    def answer(self, offer: MembershipId, word: AnswerWord, at: datetime) -> list[Answered]:
        """Take the answer once; whatever comes after the first changes nothing."""
        if self.answer_to(offer):
            return []
        given = Answer(offer, word, at)
        self.answers = (*self.answers, given)
        return [Answered(self.id, given)]

    def restate(self) -> list[Restated]:
        """All that is to be said again; nothing of somebody who was erased."""
        open_now = {each.id for each in self.memberships if each.state in {"held", "taken"}}
        return [] if self.is_erased else [Restated(self.id, tuple(given for given in self.answers if given.to in open_now))]

    def erase(self) -> None:
        """Nothing stays but the bare id, so that whatever comes later about the person is known to be too late."""
        self.state, self.memberships, self.told, self.answers = "erased", (), (), ()
        self.remind_from = self.newest = None
