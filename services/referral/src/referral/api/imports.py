"""Imports a CSV of many referrals: each row is a transaction of its own, and safe to send again."""

from flask import request
from flask_smorest import Blueprint

from referral.api.csv_rows import Row, column_problem, rows
from referral.api.referrals_views import Body, problems
from referral.application.submissions import Submit, submit
from referral.domain.referrals import AlreadyReferred
from shared.validation.problems import Refused
from shared.web.access import principal
from shared.web.problems import Problem
from shared.web.run import run_each, run_one

blueprint = Blueprint("imports", __name__, url_prefix="/v1", description="Many referrals at once")

ROUTE = ("POST", "/v1/referrals/import")
OUTCOMES = ("taken", "already", "refused")


@blueprint.post("/referrals/import")
@blueprint.response(200)
def import_csv() -> Body:
    """Submit many as CSV: valid rows are accepted, faulty ones reported by line, column and cure. Open referrals are not duplicated."""
    if request.mimetype != "text/csv":
        raise Problem(415, "unsupported-media-type", "The body must be CSV", "set Content-Type: text/csv")
    found = list(rows(request.get_data(), principal().hub))
    return run_each(lambda: _report([_imported(row) for row in found]))


def _report(told: list[Body]) -> Body:
    counts = {outcome: sum(row["outcome"] == outcome for row in told) for outcome in OUTCOMES}
    return {**counts, "rows": told}


def _imported(row: Row) -> Body:
    if row.command is None:
        return _told(row, "refused", problems=problems(row.problems, "column"))
    try:
        return _taken(row, row.command)
    except AlreadyReferred as already:
        return _told(row, "already", already.referral)
    except Refused as refused:
        return _told(row, "refused", problems=problems(map(column_problem, refused.problems), "column"))


def _taken(row: Row, command: Submit) -> Body:
    submission = run_one(submit, command)
    return _told(row, "taken", submission.referral.id) | {"warnings": problems(submission.warnings, "column")}


def _told(row: Row, outcome: str, referral: str | None = None, problems: list[Body] | None = None) -> Body:
    return {"line": row.line, "outcome": outcome, "referral": referral, "problems": problems or []}
