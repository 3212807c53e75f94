"""`make secrets`: the secrets of docker-compose.yml, made once, in deploy/secrets (never committed).

Each service gets a folder of its own, which is all that its containers see. Only the owner can open deploy/secrets; the files inside are
readable by the containers' users, whose user ids differ from the owner's.
"""

import json
import os
import secrets
import sys
import tomllib
from pathlib import Path
from typing import Any

from embedded.secrets import ROLES, SERVICES, api_key_rows, key_text, new_sealing_keys, public_keys, sealing_keys_of

DEPLOY = Path(__file__).parent.parent
FOLDER = DEPLOY / "secrets"
KEYS = {"vault-master": 96, "blind-index": 32, "conflict": 32, "link": 32}  # bytes
KEYS_OF = {"referral": ("vault-master", "blind-index", "conflict"), "scheduling": (), "notifications": ("vault-master", "link")}
# The role of each service in each store: the least that it needs.
USERS = {
    "referral": {"referral": "readWrite"},
    "scheduling": {"scheduling": "readWrite"},
    "notifications": {"notifications": "readWrite"},
    "vault": {"referral": "readWrite", "notifications": "read"},
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    FOLDER.chmod(0o700)  # also if Docker made the folder, for a container that was started earlier
    kept = _kept()
    for service, names in KEYS_OF.items():
        for name in names:
            _write(FOLDER / service / f"{name}.key", kept["keys"][name])
        _write(FOLDER / service / "api-keys.json", json.dumps(api_key_rows(kept["api"]), indent=1))
        _write(FOLDER / service / "sealing-keys.json", json.dumps(sealing_keys_of(service, kept["sealing"]), indent=1))
        _write(FOLDER / service / "signing.key", kept["signing"][service])
        _write(FOLDER / service / "public-keys.json", json.dumps(public_keys(kept["signing"]), indent=1))
    _write_kafka(kept["kafka"])
    for store, users in USERS.items():
        _write_store(store, users, kept["passwords"])
    _write(FOLDER / "api-keys.json", json.dumps(kept["api"], indent=1))
    print(f"Secrets are in {FOLDER}; the hubs' API keys in {FOLDER / 'api-keys.json'}.")  # noqa: T201 - what the command is for


def _write_kafka(passwords: dict[str, str]) -> None:
    """The operator may give TLS: kafka/tls.pem is the broker's key and certificates, kafka/ca.pem what checks them."""
    users = {service: passwords[service] for service in SERVICES}
    _write(FOLDER / "kafka" / "operator-password", passwords["operator"])
    _write(FOLDER / "kafka-access" / "operator-password", passwords["operator"])
    _write(FOLDER / "kafka-access" / "users.json", json.dumps(users))
    for service, password in users.items():
        _write(FOLDER / service / "kafka-password", password)
    if (authority := FOLDER / "kafka" / "ca.pem").exists():
        for reader in ("kafka-access", *SERVICES):
            _write(FOLDER / reader / "kafka-ca.pem", authority.read_text())


def _write_store(store: str, users: dict[str, str], passwords: dict[str, str]) -> None:
    folder = FOLDER / f"{store}-store"
    _write(folder / "root-password", passwords[f"{store}/root"])
    _write(folder / "replica-set.key", passwords[f"{store}/replica-set"])
    rows = [{"user": user, "pwd": passwords[f"{store}/{user}"], "role": role} for user, role in users.items()]
    _write(folder / "users.json", json.dumps(rows))
    for user in users:
        name = "vault-url" if store == "vault" else "mongo-url"
        url = f"mongodb://{user}:{passwords[f'{store}/{user}']}@{store}-store:27017/{store}?replicaSet=rs0&authSource={store}"
        _write(FOLDER / user / name, url)


def _kept() -> dict[str, Any]:
    """The secrets made earlier, with those that are missing added, as for a new hub or key."""
    path = FOLDER / "kept.json"
    kept = json.loads(path.read_text()) if path.exists() else {"keys": {}, "passwords": {}, "api": {}}
    for name, length in KEYS.items():
        kept["keys"].setdefault(name, key_text(length))
    for store, users in USERS.items():
        for user in ("root", "replica-set", *users):
            kept["passwords"].setdefault(f"{store}/{user}", secrets.token_hex(32))
    for hub in tomllib.loads((DEPLOY / "hubs.toml").read_text()):
        kept["api"].setdefault(hub, {role: f"ck_{hub}_{role}_{secrets.token_urlsafe(32)}" for role in ROLES})
    for user in ("operator", *SERVICES):
        kept.setdefault("kafka", {}).setdefault(user, secrets.token_hex(32))
    kept.setdefault("sealing", new_sealing_keys())
    kept.setdefault("signing", {service: key_text(32) for service in SERVICES})
    _write(path, json.dumps(kept, indent=1), mode=0o600)
    return kept


def _write(path: Path, text: str, mode: int = 0o444) -> None:
    path.parent.mkdir(mode=0o755, exist_ok=True)
    if path.exists():
        path.chmod(0o600)
    path.write_text(text)
    os.chmod(path, mode)  # noqa: PTH101


if __name__ == "__main__":
    try:
        main()
    except PermissionError as error:
        sys.exit(f"{error.filename} belongs to somebody else: Docker made it for containers without secrets. Remove {FOLDER}, then again.")
