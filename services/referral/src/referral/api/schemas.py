"""JSON in: what a referral may hold, field by field, and what to do when it does not."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from referral.domain import values
from shared.validation.fields import Address, Text, choice, listed

_CLOCK = validate.Regexp(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="not a time of day; write it as HH:MM, 00:00 to 23:59")
_PHONE = validate.Regexp(re.compile(r"\+?[0-9 ()-]{7,20}\Z"), error="not a phone number; give digits, with + and spaces if you like")
_NO_TIME = "not a time with its offset; write it as 2026-11-20T09:00:00+00:00"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_SKEW = timedelta(minutes=5)


class RegistrationSchema(Schema):
    body = Text(20, required=True, metadata={"example": "GMC"})
    number = Text(30, required=True, metadata={"example": "0000000"})


class PersonSchema(Schema):
    name = Text(required=True)
    known_as = Text(80, empty=True)
    email = Address(254, required=True)
    phone = Text(30, validate=_PHONE)
    birth_date = fields.Date(error_messages={"invalid": "not a date; write it as YYYY-MM-DD"})
    registration = fields.Nested(RegistrationSchema)

    @validates_schema
    def check_birth_date(self, data: dict[str, Any], **_: Any) -> None:
        born = data.get("birth_date")
        if born and not date(1900, 1, 1) < born < datetime.now(UTC).date():
            raise ValidationError("not a birth date; it must lie in the past, after 1900", "birth_date")


class FactsSchema(Schema):
    profession = choice(values.PROFESSIONS, required=True)
    grade = choice(values.GRADES)
    specialty = Text(100, empty=True)
    gender = choice(values.GENDERS)
    work_status = choice(values.WORK_STATUSES)


class TiesSchema(Schema):
    employers = listed(Text())
    sites = listed(Text())
    programmes = listed(Text())
    household = Text(empty=True)


class WishesSchema(Schema):
    modalities = listed(Text(60))
    topics = listed(Text(60))
    variants = listed(Text(60))


class WindowSchema(Schema):
    weekday = choice(values.WEEKDAYS, required=True)
    start = fields.String(required=True, data_key="from", validate=_CLOCK, metadata={"example": "18:00"})
    end = fields.String(required=True, data_key="to", validate=_CLOCK, metadata={"example": "21:00"})

    @validates_schema
    def check_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["start"] >= data["end"]:
            raise ValidationError("ends before it begins; give `to` after `from`, within one day", "to")


class ConsentSchema(Schema):
    given_at = fields.AwareDateTime(required=True, error_messages={"invalid": _NO_TIME, "invalid_awareness": _NO_TIME})
    to = listed(choice(values.CONSENTS), required=True)

    @validates_schema
    def check_consent(self, data: dict[str, Any], **_: Any) -> None:
        if "referral" not in data.get("to", []):
            raise ValidationError("does not include the referral; ask the doctor, and add `referral` when they agree", "to")
        if data["given_at"] > datetime.now(UTC) + _CLOCK_SKEW:
            raise ValidationError("lies in the future; give the time at which the doctor consented", "given_at")
        if data["given_at"] < _LONG_AGO:
            raise ValidationError("lies too far back; give the time at which the doctor consented", "given_at")


class ReferralSchema(Schema):
    """A referral as a hub submits it."""

    source = choice(values.SOURCES, required=True)
    person = fields.Nested(PersonSchema, required=True)
    facts = fields.Nested(FactsSchema, required=True)
    ties = fields.Nested(TiesSchema)
    never_with = listed(fields.Nested(RegistrationSchema))
    wishes = fields.Nested(WishesSchema)
    availability = listed(fields.Nested(WindowSchema), most=50)
    urgency = choice(values.URGENCIES)
    consent = fields.Nested(ConsentSchema, required=True)


class FacilitatorSchema(Schema):
    display_name = Text(100, required=True)
    registration = fields.Nested(RegistrationSchema, required=True)
    ties = fields.Nested(TiesSchema)
    never_with = listed(fields.Nested(RegistrationSchema))
    hubs = listed(Text(60), most=100)


class QuestionSchema(Schema):
    question = Text(2000, required=True)


class DeclineSchema(Schema):
    reason = Text(60, required=True)


class WithdrawSchema(Schema):
    reason = Text(500, empty=True, load_default="")
