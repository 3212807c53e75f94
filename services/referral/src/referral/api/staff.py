"""Staff over HTTP."""

from dataclasses import replace

from flask_smorest import Blueprint
from marshmallow import fields

from referral.api.people_schemas import RegistrationSchema, TiesSchema, ValueSchema
from referral.application.staff import Register, register
from shared.validation.fields import Text, listed
from shared.validation.problems import FieldProblem
from shared.web.access import known_hubs, principal
from shared.web.problems import invalid
from shared.web.run import Body, run

blueprint = Blueprint("staff", __name__, url_prefix="/v1", description="Staff")


class FacilitatorSchema(ValueSchema):
    """hubs: those that they work for; the caller's own when none is given."""

    makes = Register

    display_name = Text(100, required=True)
    registration = fields.Nested(RegistrationSchema, required=True)
    ties = fields.Nested(TiesSchema)
    never_with = listed(fields.Nested(RegistrationSchema))
    hubs = listed(Text(60), most=100, load_default=list)


@blueprint.post("/facilitators")
@blueprint.arguments(FacilitatorSchema)
@blueprint.response(201)
def register_facilitator(command: Register) -> Body:
    """Register somebody who runs groups. Registering the same registration number again updates the same facilitator."""
    _check_hubs(command.hubs)
    command = replace(command, hubs=command.hubs or (principal().hub,))
    return run(register, command, lambda member: {"facilitator": member.id})


def _check_hubs(hubs: tuple[str, ...]) -> None:
    if unknown := [code for code in hubs if code not in known_hubs()]:
        raise invalid([FieldProblem("hubs", f"{', '.join(unknown)}: unknown hub", f"use {', '.join(sorted(known_hubs()))}")])
    if hubs and principal().hub not in hubs:
        raise invalid([FieldProblem("hubs", "does not include your own hub", f"add {principal().hub}, or leave the field out")])
