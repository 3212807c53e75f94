"""Referrals over HTTP: a command or query in, a view out."""

from dataclasses import replace

from flask_smorest import Blueprint
from marshmallow import RAISE

from referral.api import referrals_views as views
from referral.api.access import need_of
from referral.api.referrals_schemas import DeclineSchema, ListSchema, QuestionSchema, ReferralSchema, WithdrawSchema
from referral.api.referrals_views import Body
from referral.application import reading, referrals
from referral.application.reading import ListDeclineReasons, ListReferrals, ReadReferral
from referral.application.referrals import Accept, Decline, Return, Withdraw
from referral.application.submissions import Submit, submit
from referral.domain.ids import ReferralId
from shared.web.access import principal
from shared.web.paging import page
from shared.web.run import read, run
from shared.web.versions import etag, if_match

blueprint = Blueprint("referrals", __name__, url_prefix="/v1", description="Referrals")


@blueprint.post("/referrals")
@blueprint.arguments(ReferralSchema)
@blueprint.response(201)
def submit_one(command: Submit) -> Body:
    """Submit one referral. The response carries warnings, such as one for a work address."""
    return run(submit, command, views.submitted)


@blueprint.get("/referrals")
@blueprint.arguments(ListSchema, location="query", unknown=RAISE)
@blueprint.response(200)
def list_all(query: ListReferrals) -> Body:
    """The hub's referrals, oldest first, without the persons."""
    found = read(reading.listed, replace(query, limit=query.limit + 1))
    return page(found, query.limit, lambda referral: referral.id, views.summary)


@blueprint.get("/referrals/<referral>")
@blueprint.response(200)
def read_one(referral: str) -> tuple[Body, int, dict[str, str]]:
    """One referral, as far as the caller needs to know."""
    found = read(reading.read_one, ReadReferral(ReferralId(referral), need_of(principal().roles)))
    return views.seen(found), 200, {"ETag": etag(found.referral.shown_version)}


@blueprint.post("/referrals/<referral>/accept")
@blueprint.response(200)
def accept(referral: str) -> Body:
    """Accept it: the person joins the waiting list, and their waiting time starts."""
    return run(referrals.accept, Accept(ReferralId(referral), principal().person, if_match()), views.summary)


@blueprint.post("/referrals/<referral>/return")
@blueprint.arguments(QuestionSchema)
@blueprint.response(200)
def give_back(question: str, referral: str) -> Body:
    """Return it to the submitter with a question."""
    return run(referrals.give_back, Return(ReferralId(referral), principal().person, question, if_match()), views.summary)


@blueprint.post("/referrals/<referral>/decline")
@blueprint.arguments(DeclineSchema)
@blueprint.response(200)
def decline(reason: str, referral: str) -> Body:
    """Decline it with a reason code; the response contains the matching signposts."""
    return run(referrals.decline, Decline(ReferralId(referral), principal().person, reason, if_match()), views.declined)


@blueprint.post("/referrals/<referral>/withdraw")
@blueprint.arguments(WithdrawSchema, required=False)
@blueprint.response(200)
def withdraw(reason: str, referral: str) -> Body:
    """Withdraw it: any offer or seat that came from it is released."""
    return run(referrals.withdraw, Withdraw(ReferralId(referral), principal().person, reason, if_match()), views.summary)


@blueprint.get("/decline-reasons")
@blueprint.response(200)
def decline_reasons() -> Body:
    """The reason codes for declining, and the signposts that go with each."""
    return views.reasons(read(reading.decline_reasons, ListDeclineReasons()))
