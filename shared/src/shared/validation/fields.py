"""marshmallow fields for what people type: bounded, trimmed, free of control characters."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from email_validator import EmailNotValidError, validate_email
from marshmallow import Schema, ValidationError, fields, validate

from shared.validation.registrations import NoSuchBody, NotANumber, bodies, body_called

Loaded = dict[str, Any]  # the fields that a schema has loaded, for its own checks

# Control, surrogate, private-use and unassigned characters; line and paragraph separators.
_REFUSED_CATEGORIES = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
# Invisible, and copied along without anybody's knowing: soft hyphen, zero-width space, marks of direction, word joiner, byte-order mark.
_MEANINGLESS = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202c\u2060-\u2064\u2066-\u2069\ufeff]")
_JOINERS = "\u200c\u200d"  # part of how Persian, Hindi and others are written; every other format character can hide or turn what is read
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?")
_NO_ADDRESS = "not an e-mail address; give one like name@example.org"
_SHORTEST_TOP_LEVEL = 2
_CODE = re.compile(r"[$={<\[]")  # begins a formula, an operator or markup, and no name
_ADDRESS_OR_LINK = re.compile(r"@|://|\bwww\.", re.IGNORECASE)


class Text(fields.String):
    """A line of text, 1 to `longest` characters after trimming, normalised to NFC; no control characters. Invisible characters that mean
    nothing are left out."""

    def __init__(self, longest: int = 200, *, empty: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._longest, self._empty = longest, empty

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, object] | None, **options: object) -> str:
        text = _cleaned(super()._deserialize(value, attr, data, **options))
        if len(text) > self._longest:
            raise ValidationError(f"{len(text)} characters; shorten it to {self._longest}")
        if not text and not self._empty:
            raise ValidationError("is empty; give a value, or leave the field out")
        if any(map(_is_refused, text)) or _ENCODED_WORD.search(text):
            raise ValidationError("contains a control character or an encoded word; type it as plain text on one line")
        return text


def _cleaned(typed: str) -> str:
    """Without what nobody has typed knowingly; every kind of space is one."""
    seen = _MEANINGLESS.sub("", typed)
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in seen)
    return unicodedata.normalize("NFC", spaced).strip()


def _is_refused(character: str) -> bool:
    category = unicodedata.category(character)
    return category in _REFUSED_CATEGORIES or (category == "Cf" and character not in _JOINERS)


class Name(Text):
    """The name of a person."""

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, object] | None, **options: object) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if text and (_ADDRESS_OR_LINK.search(text) or not any(c.isalpha() for c in text)):
            raise ValidationError("not a name; give the name that the person goes by")
        return text


class Workplace(Text):
    """The name of a workplace, programme or household."""

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, object] | None, **options: object) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if _CODE.match(text):
            raise ValidationError("not a name; write it as people there call it")
        return text


class Address(Text):
    """One e-mail address, with its domain as mail servers write it (RFC 5891). Those that need quoting are refused: people have none."""

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, object] | None, **options: object) -> str:
        text = super()._deserialize(value, attr, data, **options)
        try:
            found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True).ascii_email
        except EmailNotValidError as error:
            raise ValidationError(_NO_ADDRESS) from error
        if found is None or len(found.rpartition(".")[2]) < _SHORTEST_TOP_LEVEL:
            raise ValidationError(_NO_ADDRESS)
        return found


class RegistrationFields(Schema):
    """A registration: its body by any name it has, and the number as that body writes it. `registration_in` makes them one."""

    body = Text(60, required=True, metadata={"example": "GMC", "enum": list(bodies())})
    number = Text(40, required=True, metadata={"example": "0000000"})


def registration_in(data: Loaded) -> dict[str, str]:
    """Body and number as the body writes them. Raises ValidationError, which names the field at fault."""
    try:
        body = body_called(data["body"])
    except NoSuchBody as error:
        raise ValidationError(str(error), "body") from error
    try:
        return {"body": body.code, "number": body.number_in(data["number"])}
    except NotANumber as error:
        raise ValidationError(str(error), "number") from error


def one_of(values: Iterable[str]) -> validate.OneOf:
    choices = list(values)
    return validate.OneOf(choices, error=f"not a known value; use one of {', '.join(choices)}")


def whole(**options: Any) -> fields.Integer:
    """A whole number: 7.9 is none."""
    return fields.Integer(strict=True, error_messages={"invalid": "not a whole number; write it without a fraction"}, **options)


def choice(values: Iterable[str], **options: Any) -> fields.String:
    return fields.String(validate=one_of(values), **options)


def listed(inner: "fields.Field[Any]", most: int = 20, **options: Any) -> "fields.List[Any]":
    too_many = f"too many; give at most {most}"
    return fields.List(inner, validate=validate.Length(max=most, error=too_many), **options)
