"""Lists: `{"items": […], "next": cursor or null}`, ordered by id, and so by time of creation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from marshmallow import Schema, fields, post_load, validate

from shared.validation.fields import Loaded

T = TypeVar("T")

MOST = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a list: the items after the cursor, and at most how many."""

    cursor: str
    limit: int


class Paging(Schema):
    cursor = fields.String(load_default="", validate=validate.Length(max=100), metadata={"description": "`next` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST, error=f"out of range; give 1 to {MOST}"))

    @post_load
    def make(self, data: Loaded, **_: object) -> object:
        """A Page; a schema with filters builds its own query from the data."""
        return Page(data["cursor"], data["limit"])


def page(found: Sequence[T], limit: int, identity: Callable[[T], str], shown: Callable[[T], dict[str, object]]) -> dict[str, object]:
    """A page of the items found; the caller has asked for `limit + 1`, which shows whether there are more."""
    items = found[:limit]
    return {"items": [shown(item) for item in items], "next": identity(items[-1]) if len(found) > limit else None}
