"""What this service does when it hears something: a table. Whatever is said of a participant's referral may have a
message hung on it by the notifications' catalogue, so all of it is told on."""

import base64
from typing import Any

from notifications.application.ports import Work
from notifications.application.telling import Told, tell
from notifications.domain.contact import Contact
from shared import contracts
from shared.contracts import referral
from shared.events.inbox import Subscriptions


def keep_contact(fact: referral.ContactChanged, work: Work) -> None:
    work.contacts.keep(Contact(fact.participant, work.hub.code, base64.b64decode(fact.sealed)))


def tell_on(fact: Any, work: Work) -> None:
    told = Told(contracts.described(fact).type, fact.referral, fact.participant, contracts.serialised(fact))
    tell(told, work)


SUBSCRIPTIONS: Subscriptions = {
    referral.ContactChanged: keep_contact,
    **{event.shape: tell_on for event in contracts.EVENTS.values() if event.aggregate in {"referral", "place"}},
}
