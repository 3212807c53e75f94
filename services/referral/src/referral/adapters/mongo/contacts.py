"""Contacts as documents."""

from collections.abc import Callable

from referral.domain.contacts import Contact
from referral.domain.events import Event
from referral.domain.ids import PersonId
from shared.contracts import Fact
from shared.store.documents import Subjects
from shared.store.unit import Unit


class Contacts(Subjects[Contact, Event]):
    def __init__(self, unit: Unit, publish: Callable[[Event], Fact]) -> None:
        super().__init__(unit, "contacts", Contact, publish)

    def of(self, participant: PersonId) -> Contact | None:
        return self.get(participant)
