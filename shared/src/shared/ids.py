"""Identifiers: opaque, random, never derived from a person."""

import secrets

from ulid import ULID

# Douglas Crockford's base32: no I, L, O or U, so that an id survives being read out on the phone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8
_CHECK_MODULUS = 37  # his check symbol is the number modulo 37


def new_id(kind: str) -> str:
    """An id such as `R-01JD…`: a letter for the kind, then a ULID, so that ids sort by when they were made."""
    return f"{kind}-{ULID()}"


def new_pseudonym() -> str:
    """`P-`, eight random Crockford base32 characters and their check character.

    Five of the 37 check symbols are punctuation; a number that would need one is drawn again.
    """
    while True:
        body = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        check = _check_value(body)
        if check < len(_ALPHABET):
            return f"P-{body}{_ALPHABET[check]}"


def is_pseudonym(text: str) -> bool:
    """Whether `text` is a well-formed pseudonym whose check character is right."""
    body, check = text[2:-1], text[-1:]
    well_formed = text.startswith("P-") and len(body) == _LENGTH and all(c in _ALPHABET for c in body + check)
    return well_formed and _check_value(body) == _ALPHABET.index(check)


def _check_value(body: str) -> int:
    number = 0
    for character in body:
        number = number * 32 + _ALPHABET.index(character)
    return number % _CHECK_MODULUS
