"""Signed events: a consumer believes an event only if the service that owns its topic has signed it.

Ed25519 (RFC 8032). A signature covers the topic, the key, the value, and every header that a consumer reads, so that no record can be
altered, or moved to another topic or person. The id of a key is derived from the public key: it cannot name another.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.errors import Misconfigured
from shared.events.envelope import BadEnvelope, Record, read_headers
from shared.events.topics import SERVICES, owner_of

KEY_ID, SIGNATURE = "ce_keyid", "ce_signature"
SEED_BYTES = 32

_EXAMPLE = '{"referral": ["<32 bytes in base64>"], "scheduling": ["…"], "notifications": ["…"]}'


class NotSigned(BadEnvelope):
    """A record without a valid signature of the service that owns its topic."""


@dataclass(frozen=True)
class Signer:
    """Signs what one service publishes. seed: 32 bytes, the private key of RFC 8032."""

    seed: bytes

    @cached_property
    def public_key(self) -> str:
        """In base64, as PUBLIC_KEYS_FILE lists it."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def signed(self, topic: str, record: Record) -> Record:
        """The record with its signature, for this topic only."""
        headers = (*record.headers, (KEY_ID, key_id(base64.b64decode(self.public_key)).encode()))
        signature = self._key.sign(_signed_bytes(topic, Record(record.key, record.value, headers)))
        return Record(record.key, record.value, (*headers, (SIGNATURE, base64.b64encode(signature))))

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True)
class Publishers:
    """The public keys of each service, by id. A service has several while its key is being rotated."""

    keys: Mapping[str, Mapping[str, Ed25519PublicKey]]

    def expect(self, service: str, signer: Signer) -> None:
        """Raises Misconfigured unless others can check what the service signs with this key."""
        if key_id(base64.b64decode(signer.public_key)) not in self.keys.get(service, {}):
            cure = f"add {signer.public_key!r} to them in each PUBLIC_KEYS_FILE, and restart the consumers, before it signs"
            raise Misconfigured(f"SIGNING_KEY_FILE: its public key is none of {service}'s: {cure}")

    def check(self, topic: str, record: Record) -> None:
        """Raises NotSigned, with the reason, unless the owner of the topic has signed the record for this topic."""
        headers, owner = read_headers(record.headers), owner_of(topic)
        if not headers.get(KEY_ID) or not headers.get(SIGNATURE):
            raise NotSigned("it is not signed")
        named = headers[KEY_ID].decode(errors="replace")[:40]
        key = self.keys.get(owner, {}).get(named)
        if key is None:
            raise NotSigned(f"signed with the key {named!r}, which is none of {owner}'s in PUBLIC_KEYS_FILE")
        try:
            key.verify(base64.b64decode(headers[SIGNATURE], validate=True), _signed_bytes(topic, record))
        except (InvalidSignature, ValueError) as error:
            raise NotSigned(f"its signature is not {owner}'s: it was altered, or copied from another topic") from error


def read_publishers(path: Path) -> Publishers:
    """The public keys in a file: a JSON object from each service to a list of keys in base64. Raises Misconfigured."""
    try:
        rows: Mapping[str, Iterable[str]] = json.loads(path.read_text())
        return publishers(rows)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Misconfigured(f"PUBLIC_KEYS_FILE {path}: {error!r}. Expected {_EXAMPLE}") from error


def publishers(rows: Mapping[str, Iterable[str]]) -> Publishers:
    """rows: the public keys of each service, in base64. Raises ValueError for a service without one, and for what is no key."""
    if missing := [service for service in SERVICES if not rows.get(service)]:
        raise ValueError(f"no key of {', '.join(missing)}")
    return Publishers({service: dict(map(_public_key, rows[service])) for service in SERVICES})


def key_id(public_key: bytes) -> str:
    """The first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def _public_key(text: str) -> tuple[str, Ed25519PublicKey]:
    raw = base64.b64decode(text, validate=True)
    return key_id(raw), Ed25519PublicKey.from_public_bytes(raw)


def _signed_bytes(topic: str, record: Record) -> bytes:
    """Each part behind its length, so that no two records have the same bytes; a missing value has none."""
    headers = {name: value for name, value in read_headers(record.headers).items() if name != SIGNATURE}
    parts = [topic.encode(), record.key, record.value]
    for name in sorted(headers):
        parts += [name.encode(), headers[name]]
    return b"".join(b"-" if part is None else b"%d:%b" % (len(part), part) for part in parts)
