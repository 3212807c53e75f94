"""A hub of its own for each test, on the one stack of the run: its staff's requests, and its doctors' mails."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from embedded.deployment import mails, parsed
from embedded.doctors import link_in
from embedded.programs import HUBS_FILE, STAFF_FILE
from embedded.stack import Stack

T = TypeVar("T")
Body = dict[str, Any]

_numbers = count(1)
_staff = count(1)
_slots = count()


def eventually(look: Callable[[], T], seconds: float = 25) -> T:
    """What `look` returns once it returns something true; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"still {found!r} after {seconds} s"
        time.sleep(0.05)


def person(**changes: Any) -> Body:
    """A referral of somebody who has no tie to anybody."""
    number = next(_numbers)
    body: Body = {
        "source": "hub",
        "person": {
            "name": f"Testina Ficta{number}",
            "known_as": f"Testi{number}",
            "email": f"testina{number}@post.example",
            "phone": f"07700 9{number:05d}",
            "birth_date": "1980-02-29",
            "registration": {"body": "GMC", "number": f"1{number:06d}"},  # unlike those of staff
        },
        "facts": {"profession": "doctor", "grade": "gp", "specialty": "", "gender": "man", "work_status": "working"},
        "ties": {"employers": [f"Employer {number}"], "sites": [], "programmes": [], "household": ""},
        "wishes": {"modalities": ["men-only"], "topics": []},
        "availability": [],
        "urgency": "routine",
        "consent": {"given_at": "2026-11-01T09:00:00+00:00", "to": ["referral", "status_to_referrer"]},
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        inside = body
        for step in parents:
            inside = inside[step]
        inside[last] = value
    return body


@dataclass
class Hub:
    """The staff of one hub."""

    stack: Stack
    code: str

    def ask(self, method: str, service: str, path: str, role: str = "coordinator", **options: Any) -> httpx.Response:
        key = self.stack.keys[self.code][role]
        headers = {"Authorization": f"Bearer {key}"} | options.pop("headers", {})
        return httpx.request(method, f"{self.stack.place.url(service)}{path}", headers=headers, timeout=30, **options)

    def get(self, service: str, path: str, role: str = "coordinator") -> Body:
        answer = self.ask("GET", service, path, role)
        assert answer.status_code == 200, answer.text
        found: Body = answer.json()
        return found

    def post(self, service: str, path: str, role: str, body: Body | None = None) -> Body:
        answer = self.ask("POST", service, path, role, json=body or {})
        assert answer.status_code < 300, answer.text
        found: Body = answer.json()
        return found

    def refer(self, body: Body) -> Body:
        return self.post("referral", "/v1/referrals", "intake", body)

    def accept(self, referral: str) -> Body:
        return self.post("referral", f"/v1/referrals/{referral}/accept", "clinician")

    def refer_and_accept(self, body: Body) -> Body:
        referred = self.refer(body)
        self.accept(referred["referral"])
        return referred

    def status(self, referral: str) -> str:
        found: str = self.get("referral", f"/v1/referrals/{referral}", "intake")["status"]
        return found

    def until(self, referral: str, status: str, seconds: float = 25) -> None:
        eventually(lambda: self.status(referral) == status, seconds)

    def facilitator(self, **ties: Any) -> str:
        body = {"staff": f"staff-{next(_staff)}", "ties": ties, "hubs": [self.code]}
        found: str = self.post("referral", "/v1/facilitators", "intake", body)["facilitator"]
        return found

    def group(self, facilitator: str | None = None, **changes: Any) -> str:
        """A group; None leaves a field out; a facilitator whom scheduling has not heard of yet is waited for."""
        first = datetime.now(UTC) + timedelta(days=28 + next(_slots) % 5)
        body = {
            "modality": "men-only",
            "facilitators": [facilitator or self.facilitator()],
            "place": "Room 3, Larch House",
            "first_session": f"{first:%Y-%m-%d}T18:30",
            "zone": "Europe/London",
            **changes,
        }
        body = {name: value for name, value in body.items() if value is not None}

        def opened() -> str | None:
            answer = self.ask("POST", "scheduling", "/v1/groups", json=body)
            assert answer.status_code == 201 or "is not registered at this hub" in answer.text, answer.text
            return answer.json().get("group")

        return eventually(opened)

    def mails(self, address: str) -> list[EmailMessage]:
        return [mail for mail in map(_read, mails(self.stack.place.maildir)) if mail["X-RcptTo"] == address]

    def link(self, address: str) -> str:
        """The link of the newest offer to an address, once it is there."""

        def newest() -> str | None:
            links = [link for mail in self.mails(address) if (link := link_in(mail))]
            return links[-1] if links else None

        return eventually(newest)

    def answer(self, address: str, answer: str) -> httpx.Response:
        return httpx.post(self.link(address), data={"answer": answer}, timeout=20)

    def messages(self, participant: str) -> list[Body]:
        found: list[Body] = self.get("notifications", f"/v1/messages?participant={participant}")["items"]
        return found

    def message_states(self, participant: str) -> dict[str, str]:
        return {message["template"]: message["state"] for message in self.messages(participant)}

    def why_not(self, participant: str) -> set[str]:
        """The policies that speak against some group."""
        entry = self.get("scheduling", f"/v1/waiting/{participant}")
        return {rejection["policy"] for why in entry["why_not"] for rejection in why["rejections"]}


@cache
def _read(path: Path) -> EmailMessage:
    """A mail, read once: a maildir's files never change."""
    return parsed(path)


class NoHubLeft(RuntimeError):
    """More tests ask for a hub of their own than there are."""


RUN = uuid4().hex[:6]  # so that a broker that outlives the run gives the next one fresh hubs
MOST = 84  # hubs of a run: one for each test that asks for one
CODES = [f"hub-{RUN}-{number:02d}" for number in range(MOST)]
_unused = iter(CODES)


def fresh_hub(stack: Stack) -> Hub:
    """A hub that nobody has touched. Raises NoHubLeft."""
    code = next(_unused, None)
    if code is None:
        raise NoHubLeft(f"the tests of this run have used all {MOST} hubs; raise MOST in tests/support/hub.py")
    return Hub(stack, code)


def hubs_file() -> str:
    """The hubs.toml of a test run: the examples' hubs, and one for each test."""
    return HUBS_FILE.read_text() + "".join(_entry(code) for code in CODES)


MOST_STAFF = 600  # facilitators of a run: more than its tests register


def staff_file() -> str:
    """The staff.toml of a test run: the examples' staff, and people whom every hub may register."""
    return STAFF_FILE.read_text() + "".join(map(_staff_entry, range(1, MOST_STAFF + 1)))


def _staff_entry(number: int) -> str:
    registration = f'{{ body = "GMC", number = "{9_000_000 + number}" }}'
    return f'\n[staff-{number}]\nname = "Facilitator {number}"\nregistration = {registration}\nhubs = ["*"]\n'


def _entry(code: str) -> str:
    address = f"hello@{code}.example"
    fields = f'nation = "ENG"\nzone = "Europe/London"\npartitions = 2\nphone = "020 7946 0000"\nemail = "{address}"'
    return f'[{code}]\nname = "{code.title()}"\n{fields}\n\n'
