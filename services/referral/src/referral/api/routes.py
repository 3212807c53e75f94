"""The HTTP outside of the referral service: JSON in and out, nothing decided here."""

from collections.abc import Callable
from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import RAISE, fields, validate

from referral.api import csv_import, schemas
from referral.api.parsing import command
from referral.application import handlers, queries
from referral.application.commands import Decide, RegisterFacilitator, Submit
from referral.application.ports import Work
from referral.domain.referral import STATUSES, AlreadyReferred, Referral
from referral.domain.values import URGENCIES
from referral.domain.wishes import UnknownWish
from shared.validation.fields import one_of
from shared.web import versions
from shared.web.acting import acting
from shared.web.callers import caller, known_hubs, roles
from shared.web.paging import Paging, page
from shared.web.problems import FieldProblem, Problem, invalid

blueprint = Blueprint("referrals", __name__, url_prefix="/v1", description="Referrals and facilitators")

Body = dict[str, Any]


class Filters(Paging):
    status = fields.String(validate=one_of(STATUSES))
    urgency = fields.String(validate=one_of(URGENCIES))
    participant = fields.String(validate=validate.Length(max=40))


@blueprint.post("/referrals")
@roles("intake", "clinician")
@blueprint.arguments(schemas.ReferralSchema)
@blueprint.response(201)
def submit(checked: Body) -> Body:
    """Submit one referral. The answer warns of what may go wrong, such as an employer's address."""
    return acting().act_once(lambda work: _submitted(checked, work))


@blueprint.post("/referrals/import")
@roles("intake", "clinician")
@blueprint.response(200)
def import_csv() -> Body:
    """Submit many as CSV: good rows are taken, bad ones named by line, column and cure; who has an open referral is not taken twice."""
    if request.mimetype != "text/csv":
        raise Problem(415, "unsupported-media-type", "Send CSV", "set Content-Type: text/csv")
    return acting().act_piecemeal(lambda: _report(list(csv_import.rows(request.get_data(), caller().hub))))


@blueprint.get("/referrals")
@roles("intake", "clinician", "coordinator", "operator")
@blueprint.arguments(Filters, location="query", unknown=RAISE)
@blueprint.response(200)
def listed(filters: Body) -> Body:
    """The hub's referrals, oldest first, without the persons."""
    query: Body = {name: filters[name] for name in ("urgency", "participant") if name in filters}
    if "status" in filters:
        query["shown_status"] = filters["status"]
    limit = filters["limit"]
    found = acting().look(lambda work: work.referrals.listed(query, filters["cursor"], limit + 1))
    return page(found, limit, lambda referral: referral.id, queries.summary)


@blueprint.get("/referrals/<referral>")
@roles("intake", "clinician", "coordinator", "operator")
@blueprint.response(200)
def read(referral: str) -> tuple[Body, int, dict[str, str]]:
    """One referral, as far as the caller needs to know."""

    def look(work: Work) -> tuple[Referral, Body]:
        found = work.referrals.get(referral)
        return found, queries.seen_by(caller().role, found, work.participants, work.safe, work.advice)

    found, seen = acting().look(look)
    return seen, 200, {"ETag": versions.etag(found.version)}


@blueprint.post("/referrals/<referral>/accept")
@roles("clinician")
@blueprint.response(200)
def accept(referral: str) -> Body:
    """Accept it: the person now waits for a group, and the clock runs."""
    return _decided(handlers.accept, referral, "")


@blueprint.post("/referrals/<referral>/return")
@roles("clinician")
@blueprint.arguments(schemas.QuestionSchema)
@blueprint.response(200)
def give_back(checked: Body, referral: str) -> Body:
    """Give it back to who submitted it, with a question."""
    return _decided(handlers.give_back, referral, checked["question"])


@blueprint.post("/referrals/<referral>/decline")
@roles("clinician")
@blueprint.arguments(schemas.DeclineSchema)
@blueprint.response(200)
def decline(checked: Body, referral: str) -> Body:
    """Decline it with a reason code; the answer holds the signposts that go with it."""
    return _decided(handlers.decline, referral, checked["reason"])


@blueprint.post("/referrals/<referral>/withdraw")
@roles("intake", "clinician", "coordinator")
@blueprint.arguments(schemas.WithdrawSchema, required=False)
@blueprint.response(200)
def withdraw(checked: Body, referral: str) -> Body:
    """Withdraw it: an offer or a seat that follows from it is given up."""
    return _decided(handlers.withdraw, referral, checked.get("reason", ""))


@blueprint.get("/decline-reasons")
@roles("intake", "clinician", "coordinator")
@blueprint.response(200)
def decline_reasons() -> Body:
    """The reason codes for declining, and the signposts each comes with."""
    advice = acting().look(lambda work: work.advice)
    items = [{"code": r.code, "meaning": r.meaning, "signposts": list(r.signposts)} for r in advice.reasons.values()]
    return {"items": items, "next": None}


@blueprint.post("/facilitators")
@roles("intake", "coordinator")
@blueprint.arguments(schemas.FacilitatorSchema)
@blueprint.response(201)
def register_facilitator(checked: Body) -> Body:
    """Register who runs groups; the same registration again is the same facilitator."""
    if unknown := [code for code in checked.get("hubs", []) if code not in known_hubs()]:
        raise invalid([FieldProblem("hubs", f"{', '.join(unknown)}: no such hub here", f"use {', '.join(sorted(known_hubs()))}")])
    if checked.get("hubs") and caller().hub not in checked["hubs"]:
        raise invalid([FieldProblem("hubs", "does not name your own hub", f"add {caller().hub}, or leave the field out")])
    asked = command(RegisterFacilitator, {**checked, "hubs": checked.get("hubs") or [caller().hub]})
    return acting().act_once(lambda work: {"facilitator": handlers.register_facilitator(asked, work).id})


def _decided(handler: Callable[[Decide, Work], Referral], referral: str, text: str) -> Body:
    def act(work: Work) -> Body:
        versions.check(work.referrals.get(referral).version)
        decided = handler(Decide(referral, caller().id, text), work)
        signposts = queries.signposts(decided, work.advice)
        return queries.summary(decided) | ({"reason": decided.reason, "signposts": signposts} if signposts else {})

    return acting().act_once(act)


def _submitted(checked: Body, work: Work) -> Body:
    referral = handlers.submit(command(Submit, checked), work)
    answer = {"referral": referral.id, "participant": referral.participant, "status": referral.shown_status}
    return answer | {"warnings": _warnings(checked, work)}


def _warnings(checked: Body, work: Work) -> list[Body]:
    if not work.advice.is_work_address(checked["person"]["email"]):
        return []
    reason = "an employer's address: others may read it, and it is lost at the next rotation"
    return [{"field": "person.email", "reason": reason, "cure": "ask the doctor for a private address"}]


def _report(rows: list[csv_import.Row]) -> Body:
    told = [_imported(row) for row in rows]
    counts = {outcome: sum(row["outcome"] == outcome for row in told) for outcome in ("taken", "already", "refused")}
    return {**counts, "rows": told}


def _imported(row: csv_import.Row) -> Body:
    if row.checked is None:
        return _refused(row.line, row.problems)
    checked = row.checked
    try:
        answer = acting().act(lambda work: _submitted(checked, work))
    except AlreadyReferred as already:
        return {"line": row.line, "outcome": "already", "referral": already.referral, "problems": []}
    except UnknownWish as unknown:
        return _refused(row.line, [FieldProblem(p.field.rpartition(".")[0], p.reason, p.cure) for p in unknown.problems])
    warnings = [{"column": w["field"], "reason": w["reason"], "cure": w["cure"]} for w in answer["warnings"]]
    return {"line": row.line, "outcome": "taken", "referral": answer["referral"], "problems": [], "warnings": warnings}


def _refused(line: int, problems: Any) -> Body:
    named = [{"column": p.field, "reason": p.reason, "cure": p.cure} for p in problems]
    return {"line": line, "outcome": "refused", "referral": None, "problems": named}
