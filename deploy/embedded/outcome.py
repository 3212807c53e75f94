"""The outcome of each example referral, as the services report it, compared with its story's expectation."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from embedded import examples
from embedded.client import Client, Refused
from embedded.deployment import Deployment
from embedded.feed import Fed

_IN_HAND = {"claimed", "submitted"}

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """participant: empty when no referral was accepted.  messages: theirs, oldest first."""

    fed: Fed
    status: str
    participant: str
    messages: list[Body]

    @property
    def is_as_expected(self) -> bool:
        return self.status == self.fed.row.step.expected and not self.mails_to_come

    @property
    def mails_to_come(self) -> list[Body]:
        now = datetime.now(UTC).isoformat()
        return [m for m in self.messages if m["state"] in _IN_HAND or (m["state"] == "planned" and m["due"] <= now)]


class Outcomes:
    """Reads whole lists, so that frequent calls are cheap."""

    def __init__(self, deployment: Deployment) -> None:
        self._clients = {hub: Client(deployment, hub) for hub in examples.hubs()}

    def of(self, all_fed: list[Fed]) -> list[Outcome]:
        referrals = {item["referral"]: item for item in self._everything("referral", "/v1/referrals")}
        messages = defaultdict(list)
        for message in sorted(self._everything("notifications", "/v1/messages"), key=lambda m: str(m["planned_at"])):
            messages[message["participant"]].append(message)
        return [_outcome(fed, referrals, messages) for fed in all_fed]

    def group_or_reasons(self, outcome: Outcome) -> str:
        """The group they are placed in, or the reasons why they are not."""
        if not outcome.participant:
            return "; ".join(f"{p['column']}: {p['reason']}" for p in outcome.fed.problems)
        client = self._clients[outcome.fed.row.hub]
        try:
            entry = client.get("scheduling", f"/v1/waiting/{outcome.participant}")
        except Refused:
            return ""  # it never reached the waiting list
        if entry["group"]:
            group = client.get("scheduling", f"/v1/groups/{entry['group']}")
            return " ".join(filter(None, (group["modality"], group["variant"], group["topic"])))
        reasons = {rejection["reason"] for why in entry["why_not"] for rejection in why["rejections"]}
        return "; ".join(sorted(reasons)) if entry["state"] == "waiting" else ""

    def _everything(self, service: str, path: str) -> list[Body]:
        return [item for client in self._clients.values() for item in client.every(service, path)]


def table(outcomes: list[Outcome], whole: Outcomes) -> Table:
    drawn = Table(title="Outcome of each example referral", show_lines=False)
    for column in ("line", "hub", "referral", "outcome", "group or reasons", "messages"):
        drawn.add_column(column, overflow="fold")
    for outcome in outcomes:
        row, mark = outcome.fed.row, "" if outcome.is_as_expected else f" (expected {outcome.fed.row.step.expected})"
        told = ", ".join(f"{m['template']}: {m['state']}" for m in outcome.messages)
        referral = outcome.fed.referral or "-"
        drawn.add_row(str(row.line), row.hub, referral, outcome.status + mark, whole.group_or_reasons(outcome), told)
    return drawn


def _outcome(fed: Fed, referrals: dict[str, Body], messages: dict[str, list[Body]]) -> Outcome:
    if not fed.stands or fed.referral is None:
        return Outcome(fed, fed.outcome, "", [])
    found = referrals.get(fed.referral)
    if found is None:
        return Outcome(fed, "lost", "", [])
    return Outcome(fed, found["status"], found["participant"], messages[found["participant"]])
