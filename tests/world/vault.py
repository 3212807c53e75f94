"""The vault in memory: what it seals opens while its person has a key. Every call is remote, so another's turn may come."""

from typing import Any

import bson

from shared.store.vault import Erased, Purpose, Vault, what_belongs
from world.documents import CODEC
from world.runtime import World


class MemoryVault(Vault):
    def __init__(self, world: World) -> None:
        self._world = world

    def ensure_indexes(self) -> None:
        """There are none."""

    def create_key(self, participant: str) -> None:
        self._world.scheduler.point("vault create")
        self._world.vault_keys.add(participant)

    def destroy_key(self, participant: str) -> None:
        self._world.scheduler.point("vault destroy")
        self._world.destroyed_keys.add(participant)
        self._world.vault_keys.discard(participant)

    def destroyed(self) -> frozenset[str]:
        self._world.scheduler.point("vault look")
        return frozenset(self._world.destroyed_keys)

    def seal(self, participant: str, purpose: Purpose, what: dict[str, Any]) -> bytes:
        self._world.scheduler.point("vault seal")
        self._check(participant)
        return bson.encode({"of": participant, "for": purpose, "what": what})

    def open(self, participant: str, purpose: Purpose, sealed: bytes) -> dict[str, Any]:
        self._world.scheduler.point("vault open")
        found = bson.decode(sealed, CODEC)
        self._check(found["of"])
        return what_belongs(participant, purpose, found)

    def _check(self, participant: str) -> None:
        if participant not in self._world.vault_keys:
            raise Erased("no such key in the vault")
