"""The services' APIs, as a hub's staff would call them."""

from dataclasses import dataclass
from typing import Any

import httpx

from embedded.deployment import Deployment

Body = dict[str, Any]


class Refused(RuntimeError):
    """A service refused a request that the examples rely on."""


@dataclass(frozen=True, slots=True)
class Client:
    """Calls the services with the keys of one hub's staff."""

    deployment: Deployment
    hub: str

    def get(self, service: str, path: str, role: str = "coordinator", **query: str) -> Body:
        answer = httpx.get(self._url(service, path), headers=self._headers(role), params=query, timeout=20)
        return self._body(answer)

    def post(self, service: str, path: str, role: str, body: Body | None = None, key: str = "") -> Body:
        """key: the Idempotency-Key, which makes it safe to send again after a restart."""
        headers = self._headers(role) | ({"Idempotency-Key": key} if key else {})
        return self._body(httpx.post(self._url(service, path), headers=headers, json=body or {}, timeout=20))

    def upload(self, path: str, csv: str) -> Body:
        headers = self._headers("intake") | {"Content-Type": "text/csv"}
        return self._body(httpx.post(self._url("referral", path), headers=headers, content=csv.encode(), timeout=120))

    def every(self, service: str, path: str, **query: str) -> list[Body]:
        """All pages of a list."""
        items: list[Body] = []
        cursor = ""
        while True:
            page = self.get(service, path, limit="200", cursor=cursor, **query)
            items += page["items"]
            if not (cursor := page["next"] or ""):
                return items

    def _url(self, service: str, path: str) -> str:
        return f"{self.deployment.urls[service]}{path}"

    def _headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.deployment.keys[self.hub][role]}"}

    @staticmethod
    def _body(answer: httpx.Response) -> Body:
        if answer.is_error:
            raise Refused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:600]}")
        body: Body = answer.json()
        return body
