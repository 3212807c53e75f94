"""The waiting list over HTTP, with every reason why not."""

from flask_smorest import Blueprint
from marshmallow import RAISE

from scheduling.api.times import local
from scheduling.application import waiting
from scheduling.application.waiting import ListWaiting, ReadWaiting, SeenWaiting, WhyNot
from scheduling.domain.placement import Wishes
from shared.web.paging import Page, Paging, page
from shared.web.run import Body, read

blueprint = Blueprint("waiting", __name__, url_prefix="/v1", description="The waiting list")


@blueprint.get("/waiting")
@blueprint.arguments(Paging, location="query", unknown=RAISE)
@blueprint.response(200)
def listed(asked: Page) -> Body:
    """The waiting list: how long each person has waited, and every reason why a group does not suit them."""
    found = read(waiting.listed, ListWaiting(asked.cursor, asked.limit + 1))
    return page(found, asked.limit, lambda seen: seen.entry.id, _seen)


@blueprint.get("/waiting/<whose>")
@blueprint.response(200)
def read_one(whose: str) -> Body:
    """A waiting entry, or a participant's newest: waiting time, wishes, and for each group every reason why it does not suit."""
    return _seen(read(waiting.read, ReadWaiting(whose)))


def _seen(seen: SeenWaiting) -> Body:
    entry, placed = seen.entry, seen.placed
    return {
        "entry": entry.id,
        "referral": entry.referral,
        "participant": entry.person,
        "state": entry.state,
        "urgency": entry.urgency,
        "received": entry.received.isoformat(),
        "clock_start": entry.clock.isoformat(),
        "days_waited": (seen.at - entry.clock).days,
        "wishes": _wishes(entry.wishes),
        "why_not": [_why_not(each) for each in seen.why_not],
        "group": placed.group if placed else None,
        "seat": placed.id if placed and placed.kind == "seat" and placed.state != "held" else None,
    }


def _wishes(wishes: Wishes) -> Body:
    return {"modalities": list(wishes.modalities), "topics": list(wishes.topics), "variants": list(wishes.variants)}


def _why_not(found: WhyNot) -> Body:
    group = found.group
    return {
        "group": group.id,
        "name": group.terms.name,
        "venue": group.venue,
        "starts": local(group.meetings[0].start, group.zone),
        "rejections": [{"policy": rejection.policy, "reason": rejection.reason} for rejection in found.rejections],
    }
