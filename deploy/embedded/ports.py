"""The port of each part: all are derived from PORT_BASE, so that two stacks can run side by side."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

SERVICES = ("referral", "scheduling", "notifications")
STORES = (*SERVICES, "vault")


_LOWEST, _HIGHEST = 1024, 65_000


class PortInUse(RuntimeError):
    """A port of the stack is in use, or is not a valid port."""


@dataclass(frozen=True, slots=True)
class Ports:
    base: int = 8000

    @classmethod
    def from_environment(cls, otherwise: int = 8000) -> "Ports":
        """The ports from PORT_BASE, or else from `otherwise`. Raises PortInUse when it leaves no room for the ports."""
        said = os.environ.get("PORT_BASE", str(otherwise))
        if not said.isdigit() or not _LOWEST <= int(said) <= _HIGHEST:
            raise PortInUse(f"PORT_BASE={said} is not valid; choose {_LOWEST} to {_HIGHEST}, for example PORT_BASE=18000")
        return cls(int(said))

    @classmethod
    def of_kafka(cls, address: str) -> "Ports":
        """The ports of the stack whose broker is at `address`."""
        return cls(int(address.rpartition(":")[2]) - cls(0).kafka)

    def service(self, name: str) -> int:
        return self.base + 1 + SERVICES.index(name)

    def store(self, name: str) -> int:
        return self.base + 11 + STORES.index(name)

    @property
    def smtp(self) -> int:
        return self.base + 25

    @property
    def kafka(self) -> int:
        return self.base + 92

    @property
    def controller(self) -> int:
        return self.base + 93

    def of_services(self) -> dict[str, int]:
        return {f"{name} service": self.service(name) for name in SERVICES} | {"SMTP sink": self.smtp}

    def all(self) -> dict[str, int]:
        stores = {f"{name} store": self.store(name) for name in STORES}
        return self.of_services() | stores | {"Kafka": self.kafka, "Kafka controller": self.controller}

    def check_free(self, parts: Mapping[str, int]) -> None:
        """Raises PortInUse, naming each port of `parts` that is taken and what to do."""
        taken = [f"{port} ({part})" for part, port in parts.items() if is_listening(port)]
        if taken:
            other = (self.base + 10_000) % 50_000 or 20_000
            raise PortInUse(f"in use: port {', '.join(taken)}. Stop what listens there, or choose other ports: PORT_BASE={other} make run")


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
