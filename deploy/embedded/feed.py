"""Plays a hub's staff: registers facilitators, opens groups, uploads the referrals, decides on each."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from embedded import examples
from embedded.client import Client, Refused
from embedded.deployment import Deployment
from embedded.examples import Row

Tick = Callable[[], None]
CLINICIANS = 4
KNOWN_WITHIN = 30.0  # seconds for a facilitator's registration to reach scheduling


@dataclass(frozen=True, slots=True)
class Fed:
    """A row and the outcome of its upload. referral: None when it was refused."""

    row: Row
    outcome: str
    referral: str | None
    problems: list[dict[str, str]]

    @property
    def stands(self) -> bool:
        """Whether there is a referral to follow: accepted by this upload, or by an earlier run on the same data."""
        return self.outcome == "taken" or (self.outcome == "already" and self.row.step.expected != "already")


class Feed:
    """Most requests carry an Idempotency-Key of their own, so that feeding again after a crash does nothing twice."""

    def __init__(self, deployment: Deployment) -> None:
        self._clients = {hub: Client(deployment, hub) for hub in examples.hubs()}
        self._names: dict[str, str] = {}

    @property
    def to_open(self) -> int:
        """The number of times that `open_groups` ticks."""
        return len(examples.facilitators()) + len(examples.groups(datetime.now(UTC).date()))

    def open_groups(self, tick: Tick) -> None:
        for facilitator in examples.facilitators():
            hub, handle = facilitator.pop("hub"), facilitator.pop("handle")
            answer = self._clients[hub].post("referral", "/v1/facilitators", "intake", facilitator, f"example-{handle}")
            self._names[handle] = answer["facilitator"]
            tick()
        for group in examples.groups(datetime.now(UTC).date()):
            hub, handle = group.pop("hub"), group.pop("handle")
            group["facilitators"] = [self._names[name] for name in group["facilitators"]]
            self._open(self._clients[hub], group, f"example-{handle}")
            tick()

    def upload(self) -> list[Fed]:
        found = []
        for hub, client in self._clients.items():
            of_hub = [row for row in examples.rows() if row.hub == hub]
            if of_hub:
                report = client.upload("/v1/referrals/import", examples.as_csv(of_hub))
                found += [_fed(row, told) for row, told in zip(of_hub, report["rows"], strict=True)]
        return found

    def decide(self, all_fed: list[Fed], tick: Tick) -> None:
        """Make the story's decision on each referral that is still undecided; several clinicians at once."""
        undecided = {
            item["referral"] for client in self._clients.values() for item in client.every("referral", "/v1/referrals", status="submitted")
        }

        def one(fed: Fed) -> None:
            if fed.stands and fed.referral in undecided:
                self._decide(fed)
            tick()

        with ThreadPoolExecutor(CLINICIANS) as clinicians:
            list(clinicians.map(one, all_fed))

    def _decide(self, fed: Fed) -> None:
        step = fed.row.step
        body = {"return": {"question": step.text}, "decline": {"reason": step.text}, "withdraw": {"reason": step.text}}.get(step.then)
        path = f"/v1/referrals/{fed.referral}/{step.then}"
        self._clients[fed.row.hub].post("referral", path, "clinician", body, f"example-{fed.referral}")

    @staticmethod
    def _open(client: Client, group: dict[str, Any], key: str) -> None:
        """Try until the event that registers its facilitators has reached scheduling."""
        deadline = time.monotonic() + KNOWN_WITHIN
        while True:
            try:
                client.post("scheduling", "/v1/groups", "coordinator", group, key)
                return
            except Refused as refused:
                if "is not registered at this hub" not in str(refused) or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def _fed(row: Row, told: dict[str, Any]) -> Fed:
    return Fed(row, told["outcome"], told["referral"], told["problems"])
