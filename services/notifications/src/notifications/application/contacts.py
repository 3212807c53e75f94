"""Keeps a person's sealed contact until they are erased."""

from dataclasses import dataclass

from notifications.application.ports import ContactWork
from notifications.domain.contacts import Contact
from notifications.domain.ids import PersonId


@dataclass(frozen=True, slots=True)
class Keep:
    contact: Contact


@dataclass(frozen=True, slots=True)
class Delete:
    person: PersonId


def keep(command: Keep, work: ContactWork) -> None:
    """Store the latest contact; none is stored after the person was erased."""
    standing = work.standings.get_anywhere(command.contact.id)
    if standing is None or not standing.is_erased:
        work.contacts.keep(command.contact)


def delete(command: Delete, work: ContactWork) -> None:
    """Delete a person's contact."""
    work.contacts.delete(command.person)
