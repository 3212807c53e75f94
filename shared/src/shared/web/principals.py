"""The caller: a principal, found by an API key of which only the hash is kept.

A key is 256 random bits, so a fast hash is enough: there is nothing to guess (NIST SP 800-63B-4, 3.1.2, look-up secrets).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Misconfigured

ROLES = ("intake", "clinician", "coordinator", "facilitator", "operator", "auditor")
KNOWS_WHO = frozenset({"intake", "clinician"})
KNOWS_WHERE = frozenset({"coordinator"})

_EXAMPLE = '[{"id": "london-intake", "sha256": "…", "hub": "london", "role": "intake", "person": "who holds it"}]'


@dataclass(frozen=True, slots=True)
class Principal:
    """key: the id of the key (never the key).  person: its holder, for the audit.  hubs, roles: those that they may act for and as."""

    key: str
    person: str
    hubs: frozenset[str]
    roles: frozenset[str]

    @property
    def hub(self) -> str:
        """The hub that they act for; a key has one."""
        (only,) = self.hubs
        return only


class Keyring:
    """Finds the principal of a key among the hashes in a file: a JSON list of {id, sha256, hub, role}, and person where one is named."""

    def __init__(self, principals: Mapping[str, Principal]) -> None:
        self._principals = principals

    @classmethod
    def read(cls, path: Path, may_combine: frozenset[str] = frozenset()) -> "Keyring":
        """may_combine: the hubs at which one person may know both who a participant is and where they are placed.

        Raises Misconfigured, also for a person who holds coordinator together with intake or clinician at another hub.
        """
        try:
            rows = json.loads(path.read_text())
            principals = {row["sha256"]: _principal(row) for row in rows}
            _check_keys_differ(rows, principals)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Misconfigured(f"API_KEYS_FILE {path}: {error!r}. Expected {_EXAMPLE}") from error
        _keep_roles_apart(path, principals, may_combine)
        return cls(principals)

    def principal(self, key: str) -> Principal | None:
        return self._principals.get(hashlib.sha256(key.encode()).hexdigest())


def _check_keys_differ(rows: list[dict[str, str]], principals: Mapping[str, Principal]) -> None:
    if len(principals) < len(rows):
        raise ValueError("two entries have the same sha256; give each entry a key of its own")


def _principal(row: dict[str, str]) -> Principal:
    return Principal(row["id"], row.get("person", row["id"]), frozenset({row["hub"]}), frozenset({row["role"]}))


def _keep_roles_apart(path: Path, principals: Mapping[str, Principal], may_combine: frozenset[str]) -> None:
    held: dict[tuple[str, str], set[str]] = defaultdict(set)
    for principal in principals.values():
        held[principal.person, principal.hub] |= principal.roles
    for (person, hub), roles in held.items():
        if roles & KNOWS_WHO and roles & KNOWS_WHERE and hub not in may_combine:
            raise Misconfigured(
                f"API_KEYS_FILE {path}: {person} holds {', '.join(sorted(roles))} at {hub}, and so could learn who is in which group. "
                f"Give the roles to two people, or set may_combine_roles = true for {hub} in HUBS_FILE, which is shown and logged."
            )
