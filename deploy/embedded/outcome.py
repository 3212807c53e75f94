"""What became of each example referral, asked of the services, and held against what its story expects."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from embedded.client import Client, Refused
from embedded.feed import Fed
from embedded.stack import Stack

_IN_HAND = {"claimed", "submitted"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """group_or_reasons: where they are placed, or why not.  messages: template and state of each."""

    fed: Fed
    status: str
    group_or_reasons: str
    messages: list[dict[str, Any]]

    @property
    def is_as_expected(self) -> bool:
        return self.status == self.fed.row.step.expected and not self.mails_to_come

    @property
    def mails_to_come(self) -> list[dict[str, Any]]:
        now = datetime.now(UTC).isoformat()
        return [m for m in self.messages if m["state"] in _IN_HAND or (m["state"] == "planned" and m["due"] <= now)]


class Outcomes:
    def __init__(self, stack: Stack) -> None:
        self._clients = {hub: Client(stack, hub) for hub in stack.hubs}

    def statuses(self) -> dict[str, str]:
        """referral -> status, of every hub."""
        found = (item for client in self._clients.values() for item in client.every("referral", "/v1/referrals"))
        return {item["referral"]: item["status"] for item in found}

    def missing(self, all_fed: list[Fed]) -> list[Fed]:
        """Those that have not come to their expected end; cheap enough to ask often."""
        statuses = self.statuses()
        return [fed for fed in all_fed if _status(fed, statuses) != fed.row.step.expected]

    def of(self, fed: Fed, statuses: dict[str, str]) -> Outcome:
        status = _status(fed, statuses)
        if fed.referral is None or fed.outcome == "already":
            return Outcome(fed, status, "; ".join(f"{p['column']}: {p['reason']}" for p in fed.problems), [])
        client = self._clients[fed.row.hub]
        participant = client.get("referral", f"/v1/referrals/{fed.referral}")["participant"]
        messages = client.every("notifications", "/v1/messages", participant=participant)
        return Outcome(fed, status, self._where(client, participant), messages)

    @staticmethod
    def _where(client: Client, participant: str) -> str:
        try:
            entry = client.get("scheduling", f"/v1/waiting/{participant}")
        except Refused:
            return ""  # it never came to waiting
        if entry["group"]:
            group = client.get("scheduling", f"/v1/groups/{entry['group']}")
            return " ".join(filter(None, (group["modality"], group["variant"], group["topic"])))
        reasons = {rejection["reason"] for why in entry["why_not"] for rejection in why["rejections"]}
        return "; ".join(sorted(reasons)) or entry["state"]


def table(outcomes: list[Outcome]) -> Table:
    drawn = Table(title="What became of each example referral", show_lines=False)
    for column in ("line", "hub", "referral", "outcome", "group or reasons", "messages"):
        drawn.add_column(column, overflow="fold")
    for outcome in outcomes:
        row, mark = outcome.fed.row, "" if outcome.is_as_expected else f" (expected {outcome.fed.row.step.expected})"
        told = ", ".join(f"{m['template']} {m['state']}" for m in outcome.messages)
        drawn.add_row(str(row.line), row.hub, outcome.fed.referral or "-", outcome.status + mark, outcome.group_or_reasons, told)
    return drawn


def _status(fed: Fed, statuses: dict[str, str]) -> str:
    if fed.outcome == "taken" and fed.referral:
        return statuses.get(fed.referral, "lost")
    return fed.outcome


