"""The HTTP outside of the scheduling service: JSON in and out, nothing decided here."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from scheduling.api.schemas import GroupSchema
from scheduling.application import opening, queries
from scheduling.application.commands import OpenGroup
from scheduling.application.ports import Work
from scheduling.domain.entry import NoSuchEntry
from shared.web import versions
from shared.web.acting import acting
from shared.web.callers import hub, roles
from shared.web.paging import Paging, page

blueprint = Blueprint("scheduling", __name__, url_prefix="/v1", description="Catalogue, groups, waiting list, offers")

Body = dict[str, Any]
READERS = ("coordinator", "clinician", "operator")
WHO_KNOWS_WHERE = ("coordinator",)  # who may see which group somebody is in; clinicians know who they are, so they may not


class OfferFilters(Schema):
    participant = fields.String(required=True, validate=validate.Length(max=40))


@blueprint.get("/modalities")
@roles("intake", *READERS)
@blueprint.response(200)
def modalities() -> Body:
    """The catalogue."""
    catalogue = acting().look(lambda work: work.catalogue)
    return {"items": [queries.modality(found) for found in catalogue.all()], "next": None}


@blueprint.get("/modalities/<code>")
@roles("intake", *READERS)
@blueprint.response(200)
def modality(code: str) -> Body:
    """One entry of the catalogue."""
    return queries.modality(acting().look(lambda work: work.catalogue.get(code)))


@blueprint.post("/groups")
@roles("coordinator")
@blueprint.arguments(GroupSchema)
@blueprint.response(201)
def open_group(checked: Body) -> Body:
    """Open a group: its sessions are laid out, and its places offered to those who wait for one."""
    command = OpenGroup(**{"zone": hub().zone, **checked, "facilitators": tuple(checked["facilitators"])})
    return acting().act_once(lambda work: {"group": opening.open_group(command, work).id})


@blueprint.get("/groups")
@roles(*READERS)
@blueprint.arguments(Paging, location="query", unknown=RAISE)
@blueprint.response(200)
def groups(paging: Body) -> Body:
    """The hub's groups."""

    def look(work: Work) -> Body:
        found = work.groups.listed(paging["cursor"], paging["limit"] + 1)
        return page(found, paging["limit"], lambda group: group.id, lambda group: queries.group(group, work.now))

    return acting().look(look)


@blueprint.get("/groups/<group>")
@roles(*READERS)
@blueprint.response(200)
def read_group(group: str) -> tuple[Body, int, dict[str, str]]:
    """One group: state, capacity, seats taken and held."""
    found, seen = acting().look(lambda work: (found := work.groups.get(group), queries.group(found, work.now)))
    return seen, 200, {"ETag": versions.etag(found.version)}


@blueprint.get("/groups/<group>/sessions")
@roles(*READERS)
@blueprint.response(200)
def sessions(group: str) -> Body:
    """Start, end and state of each session, on the wall clock of the place."""
    return {"items": acting().look(lambda work: queries.sessions(work.groups.get(group))), "next": None}


@blueprint.get("/groups/<group>/seats")
@roles(*WHO_KNOWS_WHERE)
@blueprint.response(200)
def seats(group: str) -> Body:
    """Who has a place, by pseudonym: taken, or held by an open offer."""
    return {"items": acting().look(lambda work: queries.seats(work.groups.get(group))), "next": None}


@blueprint.get("/waiting")
@roles(*WHO_KNOWS_WHERE)
@blueprint.arguments(Paging, location="query", unknown=RAISE)
@blueprint.response(200)
def waiting(paging: Body) -> Body:
    """Who waits, with the clock and every reason why not."""

    def look(work: Work) -> Body:
        found = work.entries.listed(paging["cursor"], paging["limit"] + 1)
        return page(found, paging["limit"], lambda entry: entry.id, lambda entry: queries.entry(entry, work.now))

    return acting().look(look)


@blueprint.get("/waiting/<participant>")
@roles(*WHO_KNOWS_WHERE)
@blueprint.response(200)
def read_waiting(participant: str) -> Body:
    """One participant's newest waiting entry: clock, wishes, and per group every reason why not."""

    def look(work: Work) -> Body:
        found = work.entries.of_participant(participant)
        if not found:
            raise NoSuchEntry(f"{participant} does not wait, and has not waited, at this hub")
        return queries.entry(found[-1], work.now)

    return acting().look(look)


@blueprint.get("/offers")
@roles(*WHO_KNOWS_WHERE)
@blueprint.arguments(OfferFilters, location="query", unknown=RAISE)
@blueprint.response(200)
def offers(filters: Body) -> Body:
    """A participant's offers, oldest first."""
    entries = acting().look(lambda work: work.entries.of_participant(filters["participant"]))
    return {"items": [offer for entry in entries for offer in queries.offers(entry)], "next": None}
