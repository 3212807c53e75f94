"""The load of the benchmarks: hubs with room for everybody, and referrals ready to be accepted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from embedded.deployment import mails, parsed
from embedded.stack import Stack
from embedded.waiting import until

SEATS = 16  # the most that the catalogue allows a group of the modality used here
_numbers = count(1)
_slots = count()


class Desk:
    """One hub's staff, over one persistent connection to each service."""

    def __init__(self, stack: Stack, hub: str) -> None:
        self._stack, self.hub = stack, hub
        self._http = httpx.Client(timeout=30)

    def ask(self, method: str, service: str, path: str, role: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._stack.keys[self.hub][role]}"}
        return self._http.request(method, f"{self._stack.place.url(service)}{path}", headers=headers, json=body)

    def done(self, service: str, path: str, role: str, body: Any = None) -> dict[str, Any]:
        answer = self.ask("POST", service, path, role, body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def open_groups(self, seats: int) -> None:
        facilitator = self.done("referral", "/v1/facilitators", "intake", {"staff": "ada"})["facilitator"]
        for _ in range(-(-seats // SEATS)):
            first = datetime.now(UTC) + timedelta(days=28 + next(_slots) % 5)
            body = {
                "modality": "time-limited",
                "topic": "mindfulness",
                "cadence": "weekly",
                "minutes": 60,
                "sessions": 8,
                "capacity": SEATS,
                "facilitators": [facilitator],
                "place": "Room 3, Larch House",
                "first_session": f"{first:%Y-%m-%d}T18:30",
            }
            until(partial(self._opened, body), 30, "scheduling has not heard of the facilitator")

    def _opened(self, body: dict[str, Any]) -> bool:
        return self.ask("POST", "scheduling", "/v1/groups", "coordinator", body).status_code == 201

    def refer(self) -> tuple[str, str]:
        """Refer a new person; returns (referral, address)."""
        number = next(_numbers)
        body = {
            "source": "hub",
            "person": {"name": f"Benita Ficta{number}", "email": f"benita{number}@post.example", "registration": _registration(number)},
            "facts": {"profession": "doctor", "grade": "gp", "gender": "woman"},
            "ties": {"employers": [f"Employer {number}"]},
            "wishes": {"modalities": ["time-limited"], "topics": ["mindfulness"]},
            "consent": {"given_at": "2026-11-01T09:00:00+00:00", "to": ["referral", "status_to_referrer"]},
        }
        return self.done("referral", "/v1/referrals", "intake", body)["referral"], f"benita{number}@post.example"

    def accept(self, referral: str) -> None:
        self.done("referral", f"/v1/referrals/{referral}/accept", "clinician")


def refer_many(desks: list[Desk], how_many: int) -> list[tuple[Desk, str, str]]:
    """Submit new referrals, spread over the hubs; returns (desk, referral, address) of each."""

    def one(number: int) -> tuple[Desk, str, str]:
        desk = desks[number % len(desks)]
        return desk, *desk.refer()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, range(how_many)))


def delivered(maildir: Path) -> Iterator[tuple[str, float]]:
    """(address, when the server answered 250, in Unix seconds) of each mail: the sink writes the file just before."""
    for path in mails(maildir):
        yield str(parsed(path)["To"]), path.stat().st_mtime_ns / 1e9


def wait_for_mails(maildir: Path, addresses: set[str], seconds: float) -> dict[str, float]:
    until(lambda: addresses <= {address for address, _ in delivered(maildir)}, seconds, "not every mail came")
    return {address: at for address, at in delivered(maildir) if address in addresses}


def _registration(number: int) -> dict[str, str]:
    return {"body": "GMC", "number": f"1{number:06d}"}  # not one of those who run the groups
