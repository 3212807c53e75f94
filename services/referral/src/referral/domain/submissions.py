"""Finds what contradicts itself in a submission: a date in the future, a number or an address that is somebody else's."""

from datetime import date, datetime, timedelta

from referral.domain.blinding import normalised
from referral.domain.names import addressed
from referral.domain.values import Consent, Flaw, Person

_CLOCK_SKEW = timedelta(minutes=5)


def out_of_time(consent: Consent, birth_date: date | None, now: datetime) -> tuple[Flaw, ...]:
    """Every date that is in the future."""
    born_later = birth_date is not None and birth_date >= now.date()
    consented_later = consent.given_at > now + _CLOCK_SKEW
    born = Flaw("person.birth_date", "not a date of birth", "give a past date, after 1900")
    consented = Flaw("consent.given_at", "is in the future", "give the time at which the doctor consented")
    return (*([born] if born_later else []), *([consented] if consented_later else []))


def somebody_elses(known: Person, submitted: Person) -> tuple[Flaw, ...]:
    """The field by which the two would be taken for one, though neither their names nor their dates of birth agree.

    Who has changed a name has kept their date of birth, or, where that is not known, one word of it. Otherwise a number was mistyped, or
    two people share an address: whichever it is, a person must look, and nobody is dropped.
    """
    if _is_one(known, submitted):
        return ()
    cure = "check it; if it is the same person under a new name, give their date of birth, and correct the name afterwards"
    if submitted.registration:
        return (Flaw("person.registration.number", "belongs to somebody else, by name and date of birth", cure),)
    return (Flaw("person.email", "belongs to somebody else, by name and date of birth", f"{cure}; or give the registration of each"),)


def _is_one(known: Person, submitted: Person) -> bool:
    if known.birth_date and submitted.birth_date:
        return known.birth_date == submitted.birth_date or _words(known.name) == _words(submitted.name)
    return bool(_words(known.name) & _words(submitted.name))


def _words(name: str) -> set[str]:
    return set(normalised(addressed(name)).split())
