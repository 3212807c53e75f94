"""Turns who somebody is and where they work into tokens that can be compared and tell nothing else.

HMAC-SHA-256 (RFC 2104) of the normalised value under a key that only this service holds; one purpose, one token space.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

from referral.domain.values import Conflicts, Identity, Registration, Ties

# What people write into a field that has nothing to say: no tie to others who wrote the same.
_NOWHERE = {"", "-", "n a", "na", "nil", "none", "not applicable", "unknown", "?"}


def normalised(text: str) -> str:
    """The same for every way people write one name: "St. Mary's & Co" and "st marys and co" are equal."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    unquoted = plain.casefold().replace("&", " and ").replace("'", "").replace("’", "").replace("ʼ", "")
    letters_and_digits = "".join(c if c.isalnum() else " " for c in unquoted)
    return " ".join(letters_and_digits.split()) or " ".join(text.casefold().split())


def token(key: bytes, purpose: str, value: str) -> str:
    return hmac.new(key, f"{purpose}\x1f{value}".encode(), hashlib.sha256).hexdigest()[:32]


def conflicts(key: bytes, identity: Identity) -> Conflicts:
    """The tokens by which scheduling keeps colleagues apart."""
    named = tuple(_registration(key, other) for other in identity.never_with)
    registration = identity.person.registration
    own = _registration(key, registration) if registration else ""
    return Conflicts(own=own, ties=tuple(sorted(_ties(key, identity.ties))), never_with=named)


def person_index(key: bytes, identity: Identity) -> str:
    """Finds the same person again: by registration where there is one, else by address."""
    registration = identity.person.registration
    if registration:
        return _registration(key, registration)
    return token(key, "address", identity.person.email.casefold())


def _ties(key: bytes, ties: Ties) -> Iterable[str]:
    # What one calls their employer is another's site: a practice is both. They share a token space, so that they meet.
    workplaces = {normalised(name) for name in (*ties.employers, *ties.sites)}
    yield from (token(key, "workplace", name) for name in workplaces - _NOWHERE)
    yield from (token(key, "programme", name) for name in {normalised(name) for name in ties.programmes} - _NOWHERE)
    if (household := normalised(ties.household)) not in _NOWHERE:
        yield token(key, "household", household)


def _registration(key: bytes, registration: Registration) -> str:
    number = normalised(registration.number).replace(" ", "")
    return token(key, "registration", f"{normalised(registration.body)} {number}")
