"""Sealed fields: parts of an event that only one reader may see, sealed for that reader and bound to the subject.

AES-256-GCM (NIST SP 800-38D) with a fresh nonce of 96 bits, under a key for each ordered pair of writer and reader. The associated data
are subject, purpose, writer and reader, so that one person's sealed field cannot be passed off as another's. On the wire it is text:
`<key id>.<base64url of nonce and ciphertext>`.
"""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.contracts import EVENTS, Sealing, schema_of
from shared.errors import Misconfigured, Poison

T = TypeVar("T")

KEY_BYTES = 32
_NONCE_BYTES = 12
_SERVICES = ("referral", "scheduling", "notifications")
_EXAMPLE = '{"referral>scheduling": [{"id": "2026-11", "key": "<32 bytes in base64>"}]}'


class UnknownSealingKey(Poison):
    """A field was sealed under a key that this service does not have."""


class BadSeal(Poison):
    """A sealed field was altered, or moved from another subject, purpose or pair of services."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """id: without a dot; it travels with the ciphertext.  key: 32 bytes, never shown."""

    id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seals:
    """The keys of one service, by writer and reader: the first key of a pair seals, each one opens, so that keys can be rotated."""

    service: str
    keys: Mapping[tuple[str, str], Sequence[SealingKey]]

    def seal(self, sealing: Sealing, subject: str, what: object) -> str:
        """The text of `what`, an instance of the sealing's shape, that its reader alone can open. Raises Misconfigured without a key."""
        pair = (self.service, sealing.reader)
        if not self.keys.get(pair):
            raise Misconfigured(f"SEALING_KEYS_FILE has no key for {pair[0]}>{pair[1]}; expected {_EXAMPLE}")
        key, nonce = self.keys[pair][0], os.urandom(_NONCE_BYTES)
        plain = json.dumps(schema_of(sealing.shape).dump(what), separators=(",", ":")).encode()
        sealed = AESGCM(key.key).encrypt(nonce, plain, _bound_to(subject, sealing.purpose, *pair))
        return f"{key.id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealing: Sealing, writer: str, subject: str, text: str) -> Any:
        """The content of a field sealed for this service, in the sealing's shape. Raises UnknownSealingKey, BadSeal."""
        return self._open((writer, self.service), sealing, subject, text)

    def open_own(self, sealing: Sealing, subject: str, text: str) -> Any:
        """The same for a field that this service has sealed for another."""
        return self._open((self.service, sealing.reader), sealing, subject, text)

    def _open(self, pair: tuple[str, str], sealing: Sealing, subject: str, text: str) -> Any:
        key_id, _, body = text.partition(".")
        key = next((key for key in self.keys.get(pair, ()) if key.id == key_id), None)
        if key is None:
            cure = "add that key to SEALING_KEYS_FILE, restart, then redrive the event"
            raise UnknownSealingKey(f"sealed under the key {key_id[:40]!r} of {pair[0]}>{pair[1]}, which is not here: {cure}")
        try:
            raw = base64.urlsafe_b64decode(body.encode())
            plain = AESGCM(key.key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(subject, sealing.purpose, *pair))
        except (InvalidTag, ValueError) as error:
            raise BadSeal(f"{sealing.purpose} of {subject} cannot be opened: it was altered, or sealed for something else") from error
        return schema_of(sealing.shape).load(json.loads(plain))


def read_seals(service: str, path: Path) -> Seals:
    """The keys in a file: a JSON object from `writer>reader` to a list of keys, the newest first. Raises Misconfigured."""
    try:
        rows: dict[str, list[dict[str, str]]] = json.loads(path.read_text())
        keys = {_pair(name): tuple(map(_key, listed)) for name, listed in rows.items()}
        _check_complete(service, keys)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Misconfigured(f"SEALING_KEYS_FILE {path}: {error!r}. Expected {_EXAMPLE}") from error
    return Seals(service, keys)


def _check_complete(service: str, keys: Mapping[tuple[str, str], Sequence[SealingKey]]) -> None:
    """Raises ValueError now, not at the first event, if a pair that includes this service and seals fields has no key."""
    sealed = {(event.service, sealing.reader) for event in EVENTS.values() for sealing in event.sealed.values()}
    missing = [">".join(pair) for pair in sorted(sealed) if service in pair and not keys.get(pair)]
    if missing:
        raise ValueError(f"no key for {', '.join(missing)}")


def _pair(name: str) -> tuple[str, str]:
    writer, _, reader = name.partition(">")
    if writer not in _SERVICES or reader not in _SERVICES:
        raise ValueError(f"{name!r} is not writer>reader, each one of {', '.join(_SERVICES)}")
    return writer, reader


def _key(row: dict[str, str]) -> SealingKey:
    key = base64.b64decode(row["key"])
    if len(key) != KEY_BYTES or not row["id"] or "." in row["id"]:
        raise ValueError(f"the key {row['id']!r} needs an id without a dot, and {KEY_BYTES} bytes in base64")
    return SealingKey(row["id"], key)


def _bound_to(subject: str, purpose: str, writer: str, reader: str) -> bytes:
    return f"{subject}\x1f{purpose}\x1f{writer}\x1f{reader}".encode()
