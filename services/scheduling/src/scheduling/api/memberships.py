"""Places over HTTP: a group's roster, and what a person was offered. Participants are pseudonyms everywhere in here."""

from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, post_load, validate

from scheduling.application import memberships
from scheduling.application.memberships import MembersOf, OffersOf
from scheduling.domain.groups import Group
from scheduling.domain.ids import GroupId, PersonId
from scheduling.domain.memberships import Membership
from scheduling.domain.roster import OnRoster
from shared.validation.fields import Loaded
from shared.web.run import Body, read

blueprint = Blueprint("memberships", __name__, url_prefix="/v1", description="Places and offers")


class OffersSchema(Schema):
    participant = fields.String(required=True, validate=validate.Length(max=40))

    @post_load
    def make(self, data: Loaded, **_: object) -> OffersOf:
        return OffersOf(PersonId(data["participant"]))


@blueprint.get("/groups/<group>/memberships")
@blueprint.response(200)
def of_group(group: str) -> Body:
    """Who belongs to the group, by pseudonym, and who runs it."""
    found = read(memberships.members_of, MembersOf(GroupId(group)))
    return {"items": [_on_roster(row, found) for row in found.roster], "next": None}


@blueprint.get("/groups/<group>/seats")
@blueprint.response(200)
def seats(group: str) -> Body:
    """Who has a place, by pseudonym: taken, or held by an open offer. Superseded by /memberships."""
    found = read(memberships.members_of, MembersOf(GroupId(group)))
    return {"items": [_seat(row, found) for row in found.members], "next": None}


@blueprint.get("/offers")
@blueprint.arguments(OffersSchema, location="query", unknown=RAISE)
@blueprint.response(200)
def offers(query: OffersOf) -> Body:
    """A participant's offers, oldest first."""
    return {"items": [_offer(found) for found in read(memberships.offers_of, query)], "next": None}


def _on_roster(row: OnRoster, group: Group) -> Body:
    return {
        "membership": row.membership,
        "participant": row.person,
        "kind": row.kind,
        "state": row.state,
        "meets_a_colleague": group.meets_a_colleague(row.membership),
    }


def _seat(row: OnRoster, group: Group) -> Body:
    return {
        "seat": row.membership if row.state != "held" else None,
        "offer": row.membership,
        "participant": row.person,
        "state": row.state,
        "meets_a_colleague": group.meets_a_colleague(row.membership),
    }


def _offer(found: Membership) -> Body:
    return {
        "offer": found.id,
        "referral": found.referral,
        "participant": found.person,
        "group": found.group,
        "state": _state(found),
        "made_at": found.began.isoformat(),
        "deadline": found.deadline.isoformat() if found.deadline else None,
    }


def _state(found: Membership) -> str:
    """open, accepted, declined, expired or cancelled."""
    if found.was_taken:
        return "accepted"
    if found.state == "held":
        return "open"
    return {"declined": "declined", "lapsed": "expired"}.get(found.reason or "", "cancelled")
