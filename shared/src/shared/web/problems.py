"""Errors as RFC 9457 problem details: a stable type, and for each field what is wrong and what to do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, json
from marshmallow import Schema, fields

TYPES = "https://circlework.example/problems/"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    field: str
    reason: str
    cure: str


class FieldProblemSchema(Schema):
    field = fields.String(metadata={"description": "its path, dotted"})
    reason = fields.String()
    cure = fields.String(metadata={"description": "what to do"})


class ProblemSchema(Schema):
    """What every error answers, as application/problem+json."""

    type = fields.String(metadata={"description": "a stable URI"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    problems = fields.List(fields.Nested(FieldProblemSchema))


class Problem(Exception):
    """An answer that says no. `type` is a stable slug; clients may rely on it, not on the words."""

    def __init__(self, status: int, type: str, title: str, detail: str = "", problems: Iterable[FieldProblem] = ()) -> None:
        super().__init__(title)
        self.status, self.type, self.title, self.detail, self.problems = status, type, title, detail, tuple(problems)

    def body(self) -> dict[str, Any]:
        rows = [{"field": p.field, "reason": p.reason, "cure": p.cure} for p in self.problems]
        return {"type": TYPES + self.type, "title": self.title, "status": self.status, "detail": self.detail, "problems": rows}


def answer(problem: Problem) -> Response:
    response = Response(json.dumps(problem.body()), problem.status, mimetype="application/problem+json")
    if problem.status == 401:  # noqa: PLR2004
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.status == 503:  # noqa: PLR2004
        response.headers["Retry-After"] = "2"
    return response


def invalid(problems: Iterable[FieldProblem]) -> Problem:
    rows = tuple(problems)
    detail = "; ".join(f"{row.field}: {row.reason}" for row in rows)[:500]
    return Problem(422, "invalid-request", "The request cannot be taken as it is", detail, rows)


# What to do about the reasons that marshmallow itself gives. Reasons of ours carry their cure after a semicolon.
_CURES = {
    "Missing data for required field.": "add this field",
    "Unknown field.": "remove it, or mend its spelling",
    "Field may not be null.": "give a value, or leave the field out",
    "Not a valid string.": "send a JSON string",
    "Not a valid integer.": "send a whole number",
    "Not a valid mapping type.": "send a JSON object",
    "Not a valid list.": "send a JSON list",
    "Invalid input type.": "send a JSON object",
}


def from_messages(messages: Any, path: str = "") -> Iterator[FieldProblem]:
    """Marshmallow's nested messages as one problem per field, its path dotted: `person.email`, `availability.0.from`."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            here = path if key == "_schema" else f"{path}.{key}" if path else str(key)
            yield from from_messages(inner, here)
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            reason, _, cure = str(message).partition("; ")
            yield FieldProblem(path or "body", reason.rstrip("."), cure or _CURES.get(reason, "see /docs for what it may hold"))
