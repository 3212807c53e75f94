"""Sealed contacts as documents: the latest of each person."""

from notifications.adapters.mongo import CONTACTS
from notifications.domain.contacts import Contact
from notifications.domain.ids import PersonId
from shared.store.documents import read, write
from shared.store.unit import Unit


class Contacts:
    def __init__(self, unit: Unit) -> None:
        self._unit, self._collection = unit, unit.db[CONTACTS]

    def find(self, person: PersonId) -> Contact | None:
        found = self._collection.find_one({"_id": person, "hub": self._unit.hub}, session=self._unit.session)
        return read(Contact, found) if found else None

    def keep(self, contact: Contact) -> None:
        self._collection.replace_one({"_id": contact.id}, write(contact), upsert=True, session=self._unit.session)

    def delete(self, person: PersonId) -> None:
        self._collection.delete_one({"_id": person}, session=self._unit.session)
