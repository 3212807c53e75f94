"""Groups over HTTP: opening and reading them."""

from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, pre_load, validate, validates, validates_schema

from scheduling.api.times import local
from scheduling.application import groups
from scheduling.application.groups import ListGroups, OpenGroup, ReadGroup, SeenGroup
from scheduling.domain.groups import Group
from scheduling.domain.ids import GroupId, PersonId
from shared.process.hubs import is_place
from shared.validation.fields import Loaded, Text, choice, listed, whole
from shared.web import versions
from shared.web.access import hub
from shared.web.paging import Page, Paging, page
from shared.web.run import Body, read, run

blueprint = Blueprint("groups", __name__, url_prefix="/v1", description="Groups")


_NOT_LOCAL = "not a local time; write it as 2027-01-12T18:30, without an offset, in the local time of `zone`"


def _from(least: int, most: int) -> validate.Range:
    return validate.Range(least, most, error=f"out of range; give {least} to {most}")


class OpenGroupSchema(Schema):
    """What a coordinator specifies for a new group. `place` is the old name of `venue` and still accepted."""

    modality = Text(60, required=True)
    variant = Text(60)
    length = Text(60)
    topic = Text(60)
    facilitators = listed(Text(60), most=10, required=True)
    venue = Text(120)
    place = Text(120, metadata={"deprecated": True})
    first_session = fields.NaiveDateTime(
        required=True,
        error_messages={"invalid": _NOT_LOCAL, "invalid_awareness": _NOT_LOCAL},
        metadata={"format": "local date-time, without an offset", "example": "2027-01-12T18:30"},
    )
    zone = fields.String(
        load_default=lambda: hub().zone, metadata={"example": "Europe/London", "description": "the hub's own when left out"}
    )
    capacity = whole(validate=_from(1, 60))
    sessions = whole(validate=_from(1, 260))
    cadence = choice(("once", "weekly", "monthly"))
    minutes = whole(validate=_from(15, 12 * 60))
    offer_hours = fields.Float(validate=_from(1, 24 * 30))

    @pre_load
    def check_time(self, data: Loaded, **_: object) -> Loaded:
        """A day alone would become midnight."""
        typed = data.get("first_session") if isinstance(data, dict) else None  # a body may be a list
        if isinstance(typed, str) and ":" not in typed:
            raise ValidationError(_NOT_LOCAL, "first_session")
        return data

    @validates("zone")
    def check_zone(self, zone: str, **_: object) -> None:
        if not is_place(zone):
            raise ValidationError("not an IANA time zone; write it like Europe/London")

    @validates_schema
    def check_venue(self, data: Loaded, **_: object) -> None:
        if ("venue" in data) == ("place" in data):
            raise ValidationError("give the venue exactly once; say where the group meets", "venue")

    @post_load
    def make(self, data: Loaded, **_: object) -> OpenGroup:
        given_as = "venue" if "venue" in data else "place"
        venue, people = data.pop(given_as), tuple(PersonId(each) for each in data.pop("facilitators"))
        return OpenGroup(**data, venue=venue, venue_given_as=given_as, facilitators=people)


@blueprint.post("/groups")
@blueprint.arguments(OpenGroupSchema)
@blueprint.response(201)
def open_group(command: OpenGroup) -> Body:
    """Open a group: its sessions are scheduled, and its places are offered to people on the waiting list."""
    return run(groups.open_group, command, lambda group: {"group": group.id})


@blueprint.get("/groups")
@blueprint.arguments(Paging, location="query", unknown=RAISE)
@blueprint.response(200)
def listed_groups(asked: Page) -> Body:
    """The hub's groups."""
    found = read(groups.listed, ListGroups(asked.cursor, asked.limit + 1))
    return page(found, asked.limit, lambda seen: seen.group.id, _seen)


@blueprint.get("/groups/<group>")
@blueprint.response(200)
def read_group(group: str) -> tuple[Body, int, dict[str, str]]:
    """One group: state, capacity, seats taken and held."""
    seen = read(groups.read, ReadGroup(GroupId(group)))
    return _seen(seen), 200, {"ETag": versions.etag(seen.group.version)}


def _seen(seen: SeenGroup) -> Body:
    group, terms = seen.group, seen.group.terms
    return {
        "group": group.id,
        "modality": terms.modality,
        "variant": terms.variant,
        "length": terms.length,
        "topic": terms.topic,
        "name": terms.name,
        "state": group.shown_state(seen.at),
        "facilitators": [{"facilitator": identity, "display_name": name} for identity, name in seen.run_by],
        **_where_and_when(group),
        **_counts(group),
    }


def _where_and_when(group: Group) -> Body:
    return {
        "venue": group.venue,
        "place": group.venue,
        "zone": group.zone,
        "sessions": len(group.meetings),
        "first_session": local(group.meetings[0].start, group.zone),
    }


def _counts(group: Group) -> Body:
    return {
        "capacity": group.capacity,
        "seats_taken": sum(row.state != "held" for row in group.members),
        "seats_held": sum(row.state == "held" for row in group.members),
    }
