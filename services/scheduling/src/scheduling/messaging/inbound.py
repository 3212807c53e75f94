"""How this service handles events: a table of subscriptions, and how each event becomes a command."""

from scheduling.application import memberships, people, waiting
from scheduling.application.memberships import TakeAnswer
from scheduling.application.people import Erase, KnowParticipant, KnowStaff, SetRight
from scheduling.application.waiting import StartWaiting, Withdraw
from scheduling.domain.ids import HubCode, MembershipId, PersonId, ReferralId
from scheduling.domain.memberships import Answer
from scheduling.domain.people import Facts, Window
from scheduling.domain.placement import Urgency, Wishes
from scheduling.domain.tokens import Tie, Tokens
from shared.contracts import notifications, parts, referral
from shared.errors import Poison
from shared.events.subscriptions import Heard, On, Subscriptions

_URGENCIES: dict[str, Urgency] = {"urgent": "urgent", "soon": "soon", "routine": "routine"}
_ANSWERS: dict[str, Answer] = {"accept": "accept", "decline": "decline"}


class UnknownValue(Poison):
    """A field has a value that this release does not know."""


def know_participant(heard: Heard[referral.ParticipantChanged]) -> KnowParticipant:
    fact = heard.fact
    return KnowParticipant(PersonId(fact.person), _facts(fact.facts), _tokens(fact.tokens), _windows(fact.free), _windows(fact.busy))


def know_staff(heard: Heard[referral.StaffChanged]) -> KnowStaff:
    """Their name stays sealed; opening it here refuses an unreadable one now, not when somebody needs it."""
    fact = heard.fact
    heard.opened("name_for_scheduling")
    return KnowStaff(PersonId(fact.person), tuple(map(HubCode, fact.hubs)), _tokens(fact.tokens), fact.name_for_scheduling)


def start_waiting(heard: Heard[referral.Accepted]) -> StartWaiting:
    fact = heard.fact
    return StartWaiting(
        person=PersonId(fact.person),
        referral=ReferralId(fact.referral),
        wishes=_wishes(heard.opened("wishes")),
        urgency=_urgency(fact.urgency),
        received=fact.received,
        accepted=fact.accepted,
    )


def withdraw(heard: Heard[referral.Withdrawn]) -> Withdraw:
    return Withdraw(PersonId(heard.fact.person), ReferralId(heard.fact.referral))


def erase(heard: Heard[referral.ParticipantErased]) -> Erase:
    return Erase(PersonId(heard.fact.person))


def set_right(heard: Heard[referral.ParticipantState]) -> SetRight:
    fact, person = heard.fact, PersonId(heard.fact.person)
    known = (
        KnowParticipant(person, _facts(fact.facts), _tokens(fact.tokens), _windows(fact.free), _windows(fact.busy))
        if fact.facts and fact.tokens
        else None
    )
    accepted = (_accepted(person, each, heard) for each in fact.referrals)
    return SetRight(person, known, tuple(each for each in accepted if each))


def _accepted(person: PersonId, state: parts.ReferralState, heard: Heard[referral.ParticipantState]) -> StartWaiting | None:
    if state.accepted is None or state.wishes is None:
        return None
    wishes = _wishes(heard.unsealed(referral.Accepted, "wishes", state.wishes))
    return StartWaiting(person, ReferralId(state.referral), wishes, _urgency(state.urgency), state.received, state.accepted)


def take_answer(heard: Heard[notifications.Answered]) -> TakeAnswer:
    fact = heard.fact
    return TakeAnswer(PersonId(fact.person), MembershipId(fact.to), _answer(fact.answer), fact.answered_at)


def take_answers(heard: Heard[notifications.StandingState]) -> tuple[TakeAnswer, ...]:
    """The answers about memberships that may still be open; one that was handled before changes nothing."""
    person = PersonId(heard.fact.person)
    return tuple(TakeAnswer(person, MembershipId(given.to), _answer(given.answer), given.answered_at) for given in heard.fact.answers)


SUBSCRIPTIONS: Subscriptions = {
    referral.ParticipantChanged: On(know_participant, people.know_participant),
    referral.StaffChanged: On(know_staff, people.know_staff),
    referral.Accepted: On(start_waiting, waiting.start),
    referral.Withdrawn: On(withdraw, waiting.withdraw),
    referral.ParticipantErased: On(erase, people.erase),
    referral.ParticipantState: On(set_right, people.set_right),
    notifications.Answered: On(take_answer, memberships.answer),
    notifications.StandingState: On(take_answers, memberships.answer_all),
}


def _facts(facts: parts.Facts) -> Facts:
    return Facts(facts.profession, facts.grade, facts.gender, facts.work_status)


def _tokens(tokens: parts.Tokens) -> Tokens:
    ties = None if tokens.ties is None else tuple(Tie(tie.token, tie.since, tie.until, tie.sure) for tie in tokens.ties)
    return Tokens(tokens.own, ties, tokens.never_with)


def _windows(windows: tuple[parts.Window, ...]) -> tuple[Window, ...]:
    return tuple(Window(window.weekday, window.start, window.end, window.since, window.until) for window in windows)


def _wishes(wishes: parts.Wishes) -> Wishes:
    return Wishes(wishes.modalities, wishes.topics, wishes.variants)


def _urgency(word: str) -> Urgency:
    if word not in _URGENCIES:
        raise UnknownValue(f"urgency {word!r}: this release knows {', '.join(_URGENCIES)}; upgrade scheduling, then redrive the event")
    return _URGENCIES[word]


def _answer(word: str) -> Answer:
    if word not in _ANSWERS:
        raise UnknownValue(f"answer {word!r}: this release knows {', '.join(_ANSWERS)}; upgrade scheduling, then redrive the event")
    return _ANSWERS[word]
