"""Imports a spreadsheet of many referrals: each row is a transaction of its own, and safe to send again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from flask import Response, current_app, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from referral.api.columns import columns
from referral.api.referrals_views import Body, problems
from referral.api.rows import Reader, Row
from referral.api.tables import CSV, XLSX
from referral.api.template import as_csv, as_workbook
from referral.application.submissions import Submit, foresee, submit
from referral.domain.referrals import AlreadyReferred
from shared.process.hubs import Hubs
from shared.store import reports
from shared.validation.fields import Loaded, one_of
from shared.validation.problems import FieldProblem, Refused
from shared.web.access import principal
from shared.web.problems import Problem
from shared.web.run import in_store, read, run_each, run_one

blueprint = Blueprint("imports", __name__, url_prefix="/v1", description="Many referrals at once")

ROUTE = ("POST", "/v1/referrals/import")
OUTCOMES = ("taken", "already", "refused")
MOST_ROWS = 1000  # in the answer to an import; a longer report continues in pages

_BODY = {
    "required": True,
    "description": f"a spreadsheet with these columns, in any order and by any of their names (docs/import.md): {', '.join(columns())}",
    "content": {CSV: {"schema": {"type": "string"}}, XLSX: {"schema": {"type": "string", "format": "binary"}}},
}

Taking = Callable[[Submit], tuple[str | None, Sequence[FieldProblem]]]  # the referral, if there is one yet, and warnings


class ImportSchema(Schema):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "say what would happen, and take nothing"})


class ReportSchema(Schema):
    cursor = fields.Integer(load_default=0, validate=validate.Range(0), metadata={"description": "`next` of the page before"})


class TemplateSchema(Schema):
    format = fields.String(load_default="xlsx", validate=one_of(("xlsx", "csv")))


@blueprint.post("/referrals/import")
@blueprint.doc(requestBody=_BODY)
@blueprint.arguments(ImportSchema, location="query", unknown=RAISE)
@blueprint.response(200)
def import_file(asked: Loaded) -> Body:
    """Submit many as CSV or XLSX: valid rows are accepted, faulty ones reported by row, column and cure. None is taken twice."""
    if request.mimetype not in {CSV, XLSX}:
        raise Problem(415, "unsupported-media-type", "The body must be a spreadsheet", f"set Content-Type: {CSV}, or {XLSX}")
    found = list(Reader(principal().hub, _zone()).rows(request.get_data(), request.mimetype))
    if asked["dry_run"]:
        foreseeing = Foreseeing()
        return {"dry_run": True, **_counted([_outcome(row, foreseeing.take) for row in found])}
    return run_each(lambda: _report([_outcome(row, _take) for row in found]))


@blueprint.get("/referrals/imports/<report>")
@blueprint.arguments(ReportSchema, location="query", unknown=RAISE)
@blueprint.response(200)
def report_of(asked: Loaded, report: str) -> Body:
    """A page of an import's report: what became of each row. It is kept for a week."""
    rows, following = in_store(lambda unit: reports.page(unit, report, asked["cursor"]))
    return {"items": rows, "next": following}


@blueprint.get("/referrals/import/template")
@blueprint.arguments(TemplateSchema, location="query", unknown=RAISE)
@blueprint.response(200)
def template(asked: Loaded) -> Response:
    """A blank spreadsheet; as a workbook with a page that says what each column takes."""
    made, mimetype = (as_csv(), CSV) if asked["format"] == "csv" else (as_workbook(), XLSX)
    named = {"Content-Disposition": f'attachment; filename="referrals.{asked["format"]}"'}
    return Response(made, mimetype=mimetype, headers=named)


def _zone() -> ZoneInfo:
    """The hub's: of times that name none."""
    hubs: Hubs = current_app.extensions["hubs"]
    return ZoneInfo(hubs[principal().hub].zone)


def _report(told: list[Body]) -> Body:
    """The counts and the first rows, and where to read on; all rows are kept."""
    report = in_store(lambda unit: reports.keep(unit, told))
    return {"import": report, **_counted(told)}


def _counted(told: list[Body]) -> Body:
    counts = {outcome: sum(row["outcome"] == outcome for row in told) for outcome in OUTCOMES}
    return {**counts, "rows": told[:MOST_ROWS], "next": MOST_ROWS if len(told) > MOST_ROWS else None}


def _outcome(row: Row, take: Taking) -> Body:
    if row.command is None:
        return _told(row, "refused", problems=problems(row.problems, "column"))
    try:
        referral, warnings = take(row.command)
    except AlreadyReferred as already:
        return _told(row, "already", already.referral)
    except _Foreseen:
        return _told(row, "already")
    except Refused as refused:
        return _told(row, "refused", problems=problems(map(row.named, refused.problems), "column"))
    return _told(row, "taken", referral) | {"warnings": problems(map(row.named, warnings), "column")}


def _take(command: Submit) -> tuple[str | None, Sequence[FieldProblem]]:
    submission = run_one(submit, command)
    return submission.referral.id, submission.warnings


class _Foreseen(Exception):
    """An earlier row of the same file would submit this person."""


@dataclass
class Foreseeing:
    """Says what would become of each row; the second of the same person would find the first."""

    seen: set[str] = field(default_factory=set)

    def take(self, command: Submit) -> tuple[str | None, Sequence[FieldProblem]]:
        foreseen = read(foresee, command)
        if foreseen.index in self.seen:
            raise _Foreseen
        self.seen.add(foreseen.index)
        return None, foreseen.warnings


def _told(row: Row, outcome: str, referral: str | None = None, problems: list[Body] | None = None) -> Body:
    named = {"row": row.number, "line": row.line, "reference": row.reference}
    return {**named, "outcome": outcome, "referral": referral, "problems": problems or []}
