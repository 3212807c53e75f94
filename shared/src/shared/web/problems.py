"""Errors as RFC 9457 problem details: a stable type, and for each field what is wrong and what to do."""

from collections.abc import Iterable

from flask import Response, json
from marshmallow import Schema, fields

from shared.validation.problems import FieldProblem

TYPES = "https://circlework.example/problems/"
RETRY_AFTER = "2"  # seconds
SEND_AGAIN = (
    "send the same request again shortly; it may have been carried out already, so send the same Idempotency-Key, with which it is "
    "carried out only once"
)


class FieldProblemSchema(Schema):
    field = fields.String(metadata={"description": "its path, dotted"})
    reason = fields.String()
    cure = fields.String(metadata={"description": "what to do"})


class ProblemSchema(Schema):
    """The body of every error response, as application/problem+json."""

    type = fields.String(metadata={"description": "a stable URI"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    problems = fields.List(fields.Nested(FieldProblemSchema))


class Problem(Exception):
    """An error response. `type` is a stable slug; clients may rely on it, not on the words."""

    def __init__(self, status: int, type: str, title: str, detail: str = "", problems: Iterable[FieldProblem] = ()) -> None:
        super().__init__(title)
        self.status, self.type, self.title, self.detail, self.problems = status, type, title, detail, tuple(problems)

    def body(self) -> dict[str, object]:
        rows = [{"field": p.field, "reason": p.reason, "cure": p.cure} for p in self.problems]
        return {"type": TYPES + self.type, "title": self.title, "status": self.status, "detail": self.detail, "problems": rows}


def answer(problem: Problem) -> Response:
    response = Response(json.dumps(problem.body()), problem.status, mimetype="application/problem+json")
    if problem.status == 401:  # noqa: PLR2004
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.status == 503:  # noqa: PLR2004
        response.headers["Retry-After"] = RETRY_AFTER
    if problem.status in {408, 413}:  # the rest of the body is not waited for
        response.headers["Connection"] = "close"
    return response


def too_large(most: int) -> Problem:
    return Problem(413, "content-too-large", "The request body is too large", f"send at most {most} bytes")


def late_body(seconds: float) -> Problem:
    return Problem(408, "request-timeout", "The request body did not arrive in time", f"send all of it within {seconds:g} seconds")


def late_response() -> Problem:
    """For a request that is not answered in time; it may have been carried out all the same."""
    return Problem(503, "try-again", "The service is temporarily unavailable", SEND_AGAIN)


def invalid(problems: Iterable[FieldProblem]) -> Problem:
    rows = tuple(problems)
    detail = "; ".join(f"{row.field}: {row.reason}" for row in rows)[:500]
    return Problem(422, "invalid-request", "The request is not valid", detail, rows)
