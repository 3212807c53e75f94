"""How to reach a participant: sealed; opened only while a message to them is built."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """`id` is the pseudonym."""

    id: str
    hub: str
    sealed: bytes
