"""JSON in: what a coordinator may ask of a group."""

from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields, validate, validates

from shared.validation.fields import Text, choice, listed

_NOT_LOCAL = "not a local time; write it as 2027-01-12T18:30, without an offset, on the wall clock of `zone`"


def _from(least: int, most: int) -> validate.Range:
    return validate.Range(least, most, error=f"out of range; give {least} to {most}")


class GroupSchema(Schema):
    modality = Text(60, required=True)
    variant = Text(60)
    length = Text(60)
    topic = Text(60)
    facilitators = listed(Text(60), most=10, required=True)
    place = Text(120, required=True)
    first_session = fields.NaiveDateTime(
        required=True,
        error_messages={"invalid": _NOT_LOCAL, "invalid_awareness": _NOT_LOCAL},
        metadata={"format": "local date-time, without an offset", "example": "2027-01-12T18:30"},
    )
    zone = fields.String(metadata={"example": "Europe/London", "description": "the hub's own when left out"})
    capacity = fields.Integer(validate=_from(1, 60))
    sessions = fields.Integer(validate=_from(1, 260))
    cadence = choice(("once", "weekly", "monthly"))
    minutes = fields.Integer(validate=_from(15, 12 * 60))
    offer_hours = fields.Float(validate=_from(1, 24 * 30))

    @validates("zone")
    def check_zone(self, zone: str, **_: Any) -> None:
        if zone not in available_timezones():
            raise ValidationError("not an IANA time zone; write it like Europe/London")
