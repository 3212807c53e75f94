"""Schemas of the JSON that clients send: a referral, a decision, and the filters of a list."""

from datetime import UTC, datetime

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from referral.api.people_schemas import (
    FactsSchema,
    Fields,
    PersonSchema,
    RegistrationSchema,
    TiesSchema,
    ValueSchema,
    WindowSchema,
)
from referral.application.ports import ReferralFilter
from referral.application.reading import ListReferrals
from referral.application.submissions import Submit
from referral.domain.referrals import STATUSES
from referral.domain.values import CONSENTS, SOURCES, Consent, Wishes
from shared.contracts import vocabulary
from shared.validation.fields import Text, choice, listed, one_of
from shared.web.paging import Paging

_NO_TIME = "not a time with a UTC offset; write it as 2026-11-20T09:00:00+00:00"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class WishesSchema(ValueSchema):
    makes = Wishes

    modalities = listed(Text(60))
    topics = listed(Text(60))
    variants = listed(Text(60))


class ConsentSchema(ValueSchema):
    makes = Consent

    given_at = fields.AwareDateTime(required=True, error_messages={"invalid": _NO_TIME, "invalid_awareness": _NO_TIME})
    to = listed(choice(CONSENTS), required=True)

    @validates_schema
    def check_consent(self, data: Fields, **_: object) -> None:
        if "referral" not in data.get("to", []):
            raise ValidationError("does not cover the referral; ask the doctor, and add `referral` once they agree", "to")
        if data["given_at"] < _LONG_AGO:
            raise ValidationError("is too long ago; give the time at which the doctor consented", "given_at")


class ReferralSchema(ValueSchema):
    """A referral as a hub submits it."""

    makes = Submit

    source = choice(SOURCES, required=True)
    person = fields.Nested(PersonSchema, required=True)
    facts = fields.Nested(FactsSchema, required=True)
    ties = fields.Nested(TiesSchema)
    never_with = listed(fields.Nested(RegistrationSchema))
    wishes = fields.Nested(WishesSchema)
    free = listed(fields.Nested(WindowSchema), most=50, data_key="availability")
    urgency = choice(vocabulary.URGENCIES)
    consent = fields.Nested(ConsentSchema, required=True)


class ListSchema(Paging):
    """The filters of a list, and which page of it."""

    status = fields.String(validate=one_of(STATUSES))
    urgency = fields.String(validate=one_of(vocabulary.URGENCIES))
    participant = fields.String(validate=validate.Length(max=40))

    @post_load
    def make(self, data: Fields, **_: object) -> ListReferrals:
        cursor, limit = data.pop("cursor"), data.pop("limit")
        return ListReferrals(ReferralFilter(**data), cursor, limit)


class QuestionSchema(Schema):
    """Loads the question."""

    question = Text(2000, required=True)

    @post_load
    def make(self, data: Fields, **_: object) -> str:
        return str(data["question"])


class DeclineSchema(Schema):
    """Loads the reason's code."""

    reason = Text(60, required=True)

    @post_load
    def make(self, data: Fields, **_: object) -> str:
        return str(data["reason"])


class WithdrawSchema(Schema):
    """Loads the reason; empty when none is given."""

    reason = Text(500, empty=True, load_default="")

    @post_load
    def make(self, data: Fields, **_: object) -> str:
        return str(data["reason"])
