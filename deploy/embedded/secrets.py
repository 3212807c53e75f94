"""Secrets of an embedded stack: made once, kept in its data folder, readable by their owner only."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from shared.events.signing import SEED_BYTES, Signer
from shared.events.topics import SERVICES

ROLES = ("intake", "clinician", "coordinator", "operator")
PAIRS = (("referral", "scheduling"), ("referral", "notifications"), ("scheduling", "notifications"))  # writer and reader
KEY_FILES = {"vault-master": 96, "blind-index": 32, "conflict": 32, "link": 32}  # bytes

ApiKeys = dict[str, dict[str, str]]  # hub -> role -> key
SealingKeys = dict[str, list[dict[str, str]]]  # writer>reader -> keys, the newest first


def make(folder: Path, hubs: Iterable[str]) -> ApiKeys:
    """Make the secrets that are missing; returns the API keys, by hub and role."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, length in KEY_FILES.items():
        _write_once(folder / f"{name}.key", key_text(length))
    pairs = _pairs(folder / "sealing-keys.json")
    for service in SERVICES:
        _write(folder / f"sealing-keys-of-{service}.json", json.dumps(sealing_keys_of(service, pairs), indent=1))
    for user in ("operator", *SERVICES):
        _write_once(folder / kafka_file(user), secrets.token_hex(32))
    signing = {service: _write_once(folder / f"signing-of-{service}.key", key_text(SEED_BYTES)) for service in SERVICES}
    _write(folder / "public-keys.json", json.dumps(public_keys(signing), indent=1))
    keys = _keys(folder / "plain-api-keys.json", hubs)
    _write(folder / "api-keys.json", json.dumps(api_key_rows(keys), indent=1))
    return keys


def kafka_file(user: str) -> str:
    """The name of the file with the password of a user of Kafka."""
    return f"kafka-{user}.password"


def key_text(length: int) -> str:
    """A new key of `length` bytes, in base64."""
    return base64.b64encode(os.urandom(length)).decode()


def new_sealing_keys() -> SealingKeys:
    """A key for each ordered pair of services of which one seals fields for the other."""
    return {f"{writer}>{reader}": [{"id": "1", "key": key_text(32)}] for writer, reader in PAIRS}


def public_keys(signing: Mapping[str, str]) -> dict[str, list[str]]:
    """The public keys by service, as every service may see them. signing: each service's private key, in base64."""
    return {service: [Signer(base64.b64decode(text)).public_key] for service, text in signing.items()}


def sealing_keys_of(service: str, pairs: SealingKeys) -> SealingKeys:
    """The keys that a service needs: of the pairs in which it writes or reads."""
    return {pair: keys for pair, keys in pairs.items() if service in pair.split(">")}


def api_key_rows(keys: ApiKeys) -> list[dict[str, str]]:
    """The API keys as a service may see them: their hashes."""
    return [_row(hub, role, key) for hub, by_role in keys.items() for role, key in by_role.items()]


def _pairs(path: Path) -> SealingKeys:
    if not path.exists():
        _write(path, json.dumps(new_sealing_keys(), indent=1))
    known: SealingKeys = json.loads(path.read_text())
    return known


def _keys(path: Path, hubs: Iterable[str]) -> ApiKeys:
    known: ApiKeys = json.loads(path.read_text()) if path.exists() else {}
    keys = {hub: known.get(hub) or {role: f"ck_{hub}_{role}_{secrets.token_urlsafe(32)}" for role in ROLES} for hub in hubs}
    _write(path, json.dumps(keys, indent=1))
    return keys


def _row(hub: str, role: str, key: str) -> dict[str, str]:
    return {"id": f"{hub}-{role}", "sha256": hashlib.sha256(key.encode()).hexdigest(), "hub": hub, "role": role}


def _write_once(path: Path, text: str) -> str:
    """The text in the file: `text` if there was none."""
    if not path.exists():
        _write(path, text)
    return path.read_text()


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
