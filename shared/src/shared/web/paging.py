"""Lists: `{"items": […], "next": cursor or null}`, ordered by id, which sorts by when a thing was made."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from marshmallow import Schema, fields, validate

T = TypeVar("T")

MOST = 200


class Paging(Schema):
    cursor = fields.String(load_default="", validate=validate.Length(max=100), metadata={"description": "`next` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST, error=f"out of range; give 1 to {MOST}"))


def page(found: Sequence[T], limit: int, identity: Callable[[T], str], shown: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """A page of what was found; the caller has asked for `limit + 1`, so that we know whether there is more."""
    items = found[:limit]
    return {"items": [shown(item) for item in items], "next": identity(items[-1]) if len(found) > limit else None}
