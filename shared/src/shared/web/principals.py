"""API keys: each belongs to one hub and one role. Only hashes are kept.

A key is 256 random bits, so a fast hash is enough: there is nothing to guess (NIST SP 800-63B-4, 3.1.2, look-up secrets).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Misconfigured

ROLES = ("intake", "clinician", "coordinator", "facilitator", "operator", "auditor")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the key's id (never the key), its hub, its role."""

    id: str
    hub: str
    role: str


class Keyring:
    """Finds the caller of a key among the hashes in a file: a JSON list of {id, sha256, hub, role}."""

    def __init__(self, callers: Mapping[str, Caller]) -> None:
        self._callers = callers

    @classmethod
    def read(cls, path: Path) -> "Keyring":
        try:
            rows = json.loads(path.read_text())
            return cls({row["sha256"]: Caller(row["id"], row["hub"], row["role"]) for row in rows})
        except (OSError, ValueError, KeyError, TypeError) as error:
            example = '[{"id": "london-intake", "sha256": "…", "hub": "london", "role": "intake"}]'
            raise Misconfigured(f"API_KEYS_FILE {path}: {error!r}. Expected {example}") from error

    def caller(self, key: str) -> Caller | None:
        digest = hashlib.sha256(key.encode()).hexdigest()
        return self._callers.get(digest)
