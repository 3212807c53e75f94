"""How this service handles events: a table of subscriptions. The catalogue may attach a message to any event about a person's
referral, booking, waiting or membership, so it subscribes to all of them; only this file reads these contracts."""

import base64
from typing import Any

from notifications.application import contacts, standings
from notifications.application.contacts import Delete, Keep
from notifications.application.standings import Erase, Replace
from notifications.domain.contacts import Contact
from notifications.domain.happenings import SUBJECTS, Happened, MembershipState
from notifications.domain.ids import EventId, MembershipId, PersonId
from notifications.domain.standings import Membership
from shared import contracts
from shared.contracts import parts, referral, scheduling
from shared.contracts.registry import Fact
from shared.errors import Poison
from shared.events.subscriptions import Heard, On, Subscriptions

# The state that an event gives the membership it is about; other events leave it unchanged.
_STATES: dict[type[Fact], MembershipState] = {
    scheduling.MembershipOffered: "held",
    scheduling.MembershipTaken: "taken",
    scheduling.MembershipPaused: "paused",
    scheduling.MembershipResumed: "taken",
    scheduling.MembershipEnded: "ended",
}

_HEARD = tuple(event.shape for event in contracts.EVENTS.values() if event.type.partition(".")[0] in SUBJECTS)


def _happened(heard: Heard[Any]) -> Happened:
    fact = heard.fact
    membership = getattr(fact, "membership", None)
    return Happened(
        type=heard.envelope.type,
        event=EventId(heard.envelope.id),
        person=PersonId(fact.person),
        at=heard.envelope.time,
        membership=MembershipId(membership) if membership else None,
        state=_STATES.get(type(fact)),
        place=getattr(fact, "place", None),
        reason=getattr(fact, "reason", None),
        source=getattr(fact, "source", None),
        is_repeat=heard.is_repeat,
    )


def _replace(heard: Heard[scheduling.PersonState]) -> Replace:
    person, event = PersonId(heard.fact.person), EventId(heard.envelope.id)
    return Replace(person, tuple(_membership(told, event) for told in heard.fact.memberships))


def _membership(told: parts.MembershipState, event: EventId) -> Membership:
    return Membership(MembershipId(told.membership), _state(told.state), told.place, event)


def _state(text: str) -> MembershipState:
    states: tuple[MembershipState, ...] = ("held", "taken", "paused", "ended")
    for state in states:
        if text == state:
            return state
    raise Poison(f"a membership is {text!r}; this release knows {', '.join(states)}")


def _erase(heard: Heard[referral.ParticipantErased]) -> Erase:
    return Erase(PersonId(heard.fact.person))


def _nothing(_heard: Heard[referral.ParticipantState]) -> None:
    """Referral's state of a person is consumed only to move the position; this service needs none of it."""


def _keep_contact(heard: Heard[referral.ContactChanged]) -> Keep:
    return Keep(Contact(PersonId(heard.fact.person), heard.envelope.hub, base64.b64decode(heard.fact.sealed)))


def _delete_contact(heard: Heard[referral.ContactErased]) -> Delete:
    return Delete(PersonId(heard.fact.person))


SUBSCRIPTIONS: Subscriptions = {
    **{shape: On(_happened, standings.hear) for shape in _HEARD},
    scheduling.PersonState: On(_replace, standings.replace),
    referral.ParticipantErased: On(_erase, standings.erase),
    referral.ParticipantState: On(_nothing, standings.hear),
    referral.ContactChanged: On(_keep_contact, contacts.keep),
    referral.ContactErased: On(_delete_contact, contacts.delete),
}
