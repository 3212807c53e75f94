"""Everything a role can read over HTTP, written so that two stories can be compared: what differs is what the role could tell apart."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from notifications.api.access import ACCESS as NOTIFICATIONS
from referral.api.access import ACCESS as REFERRAL
from scheduling.api.access import ACCESS as SCHEDULING
from support.hub import Hub

TABLES = {"referral": REFERRAL, "scheduling": SCHEDULING, "notifications": NOTIFICATIONS}
_ID = re.compile(r"\b(?:[A-Z]-[0-9A-Z]{8,26}|[0-9A-HJKMNP-TV-Z]{26})\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)")
_KINDS = {"referral": "R", "group": "G", "message": "M", "whose": "PW"}  # of the ids that stand for the parameter of a route
_NEEDED = {"/v1/offers": "participant"}  # what a list must be asked for
Seen = tuple[str, str, int, str | None, Any]  # service, path, status, ETag, body


@dataclass
class Story:
    """What happened at one hub, step by step, and what each role could read after each step."""

    hub: Hub
    began: list[float] = field(default_factory=list)
    read: dict[str, list[list[Seen]]] = field(default_factory=dict)

    def step(self) -> None:
        """The next step of the story begins."""
        self.began.append(time.time())

    def look(self, *roles: str) -> None:
        """Note all that these roles can read now."""
        for role in roles:
            self.read.setdefault(role, []).append(list(self._everything(role)))

    def told(self, role: str, names: Mapping[str, str]) -> str:
        """All that a role has read, with ids by the order in which they appeared, and times by the step in which they fell.
        names: patterns of what only tells the stories apart, such as a made-up address, and what it is called instead."""
        known: dict[str, str] = {}
        looks = [self._named(look, {re.escape(self.hub.code): "HUB", **names}, known) for look in self.read[role]]
        return "\n\n".join(looks)

    def _named(self, look: list[Seen], names: Mapping[str, str], known: dict[str, str]) -> str:
        """In the order of what is said, for the order of made-up ids, such as those of messages, is chance."""

        def plain(said: Any) -> str:
            text = json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False)
            for pattern, name in names.items():
                text = re.sub(pattern, name, text)
            return _TIME.sub(self._when, _ID.sub(lambda found: known.get(found[0], "?"), text))

        for _service, _path, _status, _etag, body in look:
            if isinstance(body.get("items"), list):
                body["items"].sort(key=plain)
        look.sort(key=plain)
        for found in _ID.finditer(json.dumps(look, sort_keys=True)):
            known.setdefault(found[0], f"{found[0][0]}#{len(known)}")
        return plain(look)

    def _when(self, found: re.Match[str]) -> str:
        at = datetime.fromisoformat(found[0]).timestamp()
        if at > time.time():
            return "ahead"
        return f"step {sum(began <= at for began in self.began)}"

    def _everything(self, role: str) -> Iterator[Seen]:
        """Every GET route of every service that the role may use, with every id that the role has read."""
        ids: dict[str, None] = {}
        for service, table in TABLES.items():
            routes = [rule for (method, rule), allowed in table.items() if method == "GET" and role in allowed]
            for rule in sorted(routes, key=lambda rule: (rule.count("<"), rule in _NEEDED)):
                for path in list(_paths(rule, ids)):
                    seen = self._ask(service, path, role)
                    ids |= dict.fromkeys(found[0] for found in _ID.finditer(json.dumps(seen[-1])))
                    yield seen

    def _ask(self, service: str, path: str, role: str) -> Seen:
        answer = self.hub.ask("GET", service, path, role)
        assert answer.status_code in {200, 404}, (path, answer.text)
        is_json = answer.headers["Content-Type"].endswith("json")  # the others are files, such as the blank template
        body = answer.json() if is_json else {"file": answer.headers["Content-Type"]}
        return service, path, answer.status_code, answer.headers.get("ETag"), body


def _paths(rule: str, ids: Mapping[str, None]) -> Iterator[str]:
    parameter = re.search(r"<(\w+)>", rule)
    if needed := _NEEDED.get(rule):
        yield from (f"{rule}?{needed}={each}" for each in ids if each[0] == "P")
    elif parameter is None:
        yield rule
    elif kinds := _KINDS.get(parameter[1]):
        yield from (rule.replace(parameter[0], each) for each in ids if each[0] in kinds)
