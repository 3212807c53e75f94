"""Staff over HTTP."""

from dataclasses import dataclass

from flask import current_app
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validates_schema

from referral.api.people_schemas import Fields, RegistrationSchema, TiesSchema, ValueSchema
from referral.application.staff import Register, register
from referral.domain.staff import Listed, StaffList
from referral.domain.values import Registration, Workplaces
from shared.validation.fields import Text, listed
from shared.validation.problems import FieldProblem
from shared.web.access import known_hubs, principal
from shared.web.problems import invalid
from shared.web.run import Body, run

blueprint = Blueprint("staff", __name__, url_prefix="/v1", description="Staff")


@dataclass(frozen=True, slots=True)
class Picked:
    """staff: their code in the operator's list; registration: in place of it.  display_name: other than the list's."""

    staff: str | None = None
    registration: Registration | None = None
    display_name: str | None = None
    ties: Workplaces = Workplaces()
    never_with: tuple[Registration, ...] = ()
    hubs: tuple[str, ...] = ()


class FacilitatorSchema(ValueSchema):
    """staff or registration: of somebody on the hub's list.  hubs: those that they work for; the caller's own when none is given."""

    makes = Picked

    staff = Text(60)
    registration = fields.Nested(RegistrationSchema)
    display_name = Text(100)
    ties = fields.Nested(TiesSchema)
    never_with = listed(fields.Nested(RegistrationSchema))
    hubs = listed(Text(60), most=100, load_default=list)

    @validates_schema
    def check_who(self, data: Fields, **_: object) -> None:
        if len({"staff", "registration"} & data.keys()) != 1:
            raise ValidationError("give either staff, a code of GET /v1/staff, or the registration of somebody listed there", "staff")


@blueprint.get("/staff")
@blueprint.response(200)
def staff() -> Body:
    """The operator's list of the hub's staff: whom intake may register as facilitators."""
    return {"items": [_view(each) for each in _staff().at(principal().hub)], "next": None}


@blueprint.post("/facilitators")
@blueprint.arguments(FacilitatorSchema)
@blueprint.response(201)
def register_facilitator(picked: Picked) -> Body:
    """Register somebody on the hub's list of staff, who runs groups. Registering them again updates the same facilitator."""
    hubs = picked.hubs or (principal().hub,)
    _check_hubs(hubs)
    found = _found(picked, hubs)
    command = Register(picked.display_name or found.name, found.registration, hubs, picked.ties, picked.never_with)
    return run(register, command, lambda member: {"facilitator": member.id})


def _found(picked: Picked, hubs: tuple[str, ...]) -> Listed:
    """Raises a problem unless every one of these hubs lists them."""
    given_as = "staff" if picked.staff else "registration"
    who = picked.staff or picked.registration
    found = _staff().find(principal().hub, who) if who else None
    if found is None:
        cure = "pick one that GET /v1/staff lists; the operator adds whoever is missing to STAFF_FILE"
        raise invalid([FieldProblem(given_as, "not on this hub's list of staff", cure)])
    if others := [code for code in hubs if not found.works_at(code)]:
        raise invalid([FieldProblem("hubs", f"{', '.join(others)} does not list them as staff", "leave it out, or ask the operator")])
    return found


def _check_hubs(hubs: tuple[str, ...]) -> None:
    if unknown := [code for code in hubs if code not in known_hubs()]:
        raise invalid([FieldProblem("hubs", f"{', '.join(unknown)}: unknown hub", f"use {', '.join(sorted(known_hubs()))}")])
    if principal().hub not in hubs:
        raise invalid([FieldProblem("hubs", "does not include your own hub", f"add {principal().hub}, or leave the field out")])


def _staff() -> StaffList:
    found: StaffList = current_app.extensions["staff_list"]
    return found


def _view(each: Listed) -> Body:
    registration = {"body": each.registration.body, "number": each.registration.number}
    return {"staff": each.code, "display_name": each.name, "registration": registration}
