"""Schemas of the JSON that describes people: each field is checked, and each schema makes a value of the domain."""

import re
from datetime import date
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from referral.domain.values import Facts, Person, Registration, Window, Workplaces
from shared.contracts import vocabulary
from shared.validation.fields import Address, Name, RegistrationFields, Text, Workplace, choice, listed, registration_in

_CLOCK = validate.Regexp(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="not a time of day; write it as HH:MM, 00:00 to 23:59")
_PHONE = validate.Regexp(re.compile(r"\+?[0-9 ()-]{7,20}\Z"), error="not a phone number; give digits, with + and spaces if you like")
_EARLIEST_BIRTH = date(1900, 1, 1)

Fields = dict[str, Any]


class ValueSchema(Schema):
    """Loads a value of the domain. makes: its type.  blank: fields in which an empty text counts as absent."""

    makes: ClassVar[type]
    blank: ClassVar[frozenset[str]] = frozenset()

    @post_load
    def make(self, data: Fields, **_: object) -> object:
        """The value, with tuples where JSON has lists."""
        filled = {name: value for name, value in data.items() if value or name not in self.blank}
        return self.makes(**{name: tuple(value) if isinstance(value, list) else value for name, value in filled.items()})


class RegistrationSchema(RegistrationFields):
    @post_load
    def make(self, data: Fields, **_: object) -> Registration:
        return Registration(**registration_in(data))


class PersonSchema(ValueSchema):
    makes = Person
    blank = frozenset({"known_as"})

    name = Name(required=True)
    known_as = Name(80, empty=True)
    email = Address(254, required=True)
    phone = Text(30, validate=_PHONE)
    birth_date = fields.Date(error_messages={"invalid": "not a date; write it as YYYY-MM-DD"})
    registration = fields.Nested(RegistrationSchema)

    @validates_schema
    def check_birth_date(self, data: Fields, **_: object) -> None:
        if data.get("birth_date") and data["birth_date"] <= _EARLIEST_BIRTH:
            raise ValidationError("not a date of birth; give a past date, after 1900", "birth_date")


class FactsSchema(ValueSchema):
    makes = Facts
    blank = frozenset({"specialty"})

    profession = choice(vocabulary.PROFESSIONS, required=True)
    grade = choice(vocabulary.GRADES)
    specialty = Text(100, empty=True)
    gender = choice(vocabulary.GENDERS)
    work_status = choice(vocabulary.WORK_STATUSES)


class TiesSchema(ValueSchema):
    makes = Workplaces
    blank = frozenset({"household"})

    employers = listed(Workplace())
    sites = listed(Workplace())
    programmes = listed(Workplace())
    household = Workplace(empty=True)


class WindowSchema(ValueSchema):
    makes = Window

    weekday = choice(vocabulary.WEEKDAYS, required=True)
    start = fields.String(required=True, data_key="from", validate=_CLOCK, metadata={"example": "18:00"})
    end = fields.String(required=True, data_key="to", validate=_CLOCK, metadata={"example": "21:00"})

    @validates_schema
    def check_order(self, data: Fields, **_: object) -> None:
        if data["start"] >= data["end"]:
            raise ValidationError("ends before it begins; give `to` after `from`, within one day", "to")
