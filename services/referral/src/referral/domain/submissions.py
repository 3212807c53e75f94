"""Finds a date of birth or of consent that is in the future."""

from datetime import date, datetime, timedelta

from referral.domain.values import Consent, Flaw

_CLOCK_SKEW = timedelta(minutes=5)


def out_of_time(consent: Consent, birth_date: date | None, now: datetime) -> tuple[Flaw, ...]:
    """Every date that is in the future."""
    born_later = birth_date is not None and birth_date >= now.date()
    consented_later = consent.given_at > now + _CLOCK_SKEW
    born = Flaw("person.birth_date", "not a date of birth", "give a past date, after 1900")
    consented = Flaw("consent.given_at", "is in the future", "give the time at which the doctor consented")
    return (*([born] if born_later else []), *([consented] if consented_later else []))
