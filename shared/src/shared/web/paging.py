"""Lists: `{"items": […], "next": cursor or null}`, ordered by id, which sorts by when a thing was made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from marshmallow import Schema, fields, post_load, validate

from shared.validation.fields import Loaded

T = TypeVar("T")

MOST = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a list: what comes after the cursor, and how many at most."""

    cursor: str
    limit: int


class Paging(Schema):
    cursor = fields.String(load_default="", validate=validate.Length(max=100), metadata={"description": "`next` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST, error=f"out of range; give 1 to {MOST}"))

    @post_load
    def make(self, data: Loaded, **_: object) -> object:
        """A Page; a schema with filters makes its own query of the data."""
        return Page(data["cursor"], data["limit"])


def page(found: Sequence[T], limit: int, identity: Callable[[T], str], shown: Callable[[T], dict[str, object]]) -> dict[str, object]:
    """A page of what was found; the caller has asked for `limit + 1`, so that we know whether there is more."""
    items = found[:limit]
    return {"items": [shown(item) for item in items], "next": identity(items[-1]) if len(found) > limit else None}
