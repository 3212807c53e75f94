"""Turns a person's identity and workplaces into tokens that can be compared and reveal nothing else.

HMAC-SHA-256 (RFC 2104) of the normalised value under a key that only this service has; one purpose, one token space.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

from referral.domain.values import Identity, Registration, Tie, Tokens, Workplaces

# Entries that mean "nothing": they must not tie people who happen to write the same.
_NOWHERE = {"", "-", "n a", "na", "nil", "none", "not applicable", "unknown", "?"}


def normalised(text: str) -> str:
    """The same text for every spelling of a name: "St. Mary's & Co" and "st marys and co" are equal."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    unquoted = plain.casefold().replace("&", " and ").replace("'", "").replace("’", "").replace("ʼ", "")
    letters_and_digits = "".join(c if c.isalnum() else " " for c in unquoted)
    return " ".join(letters_and_digits.split()) or " ".join(text.casefold().split())


def plain_registration(registration: Registration) -> str:
    """The same text however it is written: "gmc 000 0003" and "GMC 0000003"."""
    return f"{normalised(registration.body)} {normalised(registration.number).replace(' ', '')}"


def token(key: bytes, purpose: str, value: str) -> str:
    """32 hexadecimal digits. `value` must already be normalised."""
    return hmac.new(key, f"{purpose}\x1f{value}".encode(), hashlib.sha256).hexdigest()[:32]


def tokens_of(key: bytes, identity: Identity) -> Tokens:
    """The tokens by which scheduling keeps colleagues apart and recognises the same person at another hub."""
    person = identity.person
    return Tokens(
        own=tuple(own_tokens(key, person.registration, person.email)),
        ties=ties_of(key, identity.ties),
        never_with=registrations(key, identity.never_with),
    )


def own_tokens(key: bytes, registration: Registration | None, email: str | None) -> Iterable[str]:
    """The tokens that identify one person: of their registration and their address."""
    if registration:
        yield _registration(key, registration)
    if email:
        yield _address(key, email)


def ties_of(key: bytes, ties: Workplaces) -> tuple[Tie, ...]:
    """Sorted by token, so that the order does not reveal which is which. Without days: none are asked for yet."""
    return tuple(Tie(token) for token in sorted(_ties(key, ties)))


def registrations(key: bytes, named: Iterable[Registration]) -> tuple[str, ...]:
    """The tokens of people named by their registrations, comparable with these people's own tokens."""
    return tuple(_registration(key, other) for other in named)


def person_index(key: bytes, registration: Registration | None, email: str) -> str:
    """The token by which a person is recognised: of their registration if there is one, else of their address."""
    return _registration(key, registration) if registration else _address(key, email)


def _ties(key: bytes, ties: Workplaces) -> Iterable[str]:
    # One person's employer is another's site: a practice is both. They share a token space, so that they match.
    workplaces = {normalised(name) for name in (*ties.employers, *ties.sites)}
    yield from (token(key, "workplace", name) for name in workplaces - _NOWHERE)
    yield from (token(key, "programme", name) for name in {normalised(name) for name in ties.programmes} - _NOWHERE)
    if (household := normalised(ties.household or "")) not in _NOWHERE:
        yield token(key, "household", household)


def _registration(key: bytes, registration: Registration) -> str:
    return token(key, "registration", plain_registration(registration))


def _address(key: bytes, email: str) -> str:
    return token(key, "address", email.casefold())
