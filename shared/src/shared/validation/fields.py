"""marshmallow fields for what people type: bounded, trimmed, free of control characters."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from shared.validation.registrations import NoSuchBody, NotANumber, bodies, body_called

Loaded = dict[str, Any]  # the fields that a schema has loaded, for its own checks

# Control, surrogate, private-use and unassigned characters; line and paragraph separators.
_REFUSED_CATEGORIES = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
# Invisible, and able to show a name as another: zero-width space, bidirectional overrides and isolates, byte-order mark.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?")
# Deliberately narrower than RFC 5322: people do not have addresses that need quoting.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")


class Text(fields.String):
    """A line of text, 1 to `longest` characters after trimming, normalised to NFC; no control characters."""

    def __init__(self, longest: int = 200, *, empty: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._longest, self._empty = longest, empty

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, object] | None, **options: object) -> str:
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **options)).strip()
        if len(text) > self._longest:
            raise ValidationError(f"{len(text)} characters; shorten it to {self._longest}")
        if not text and not self._empty:
            raise ValidationError("is empty; give a value, or leave the field out")
        if any(unicodedata.category(c) in _REFUSED_CATEGORIES for c in text) or _INVISIBLE.search(text) or _ENCODED_WORD.search(text):
            raise ValidationError("contains a control character or an encoded word; type it as plain text on one line")
        return text


class Address(Text):
    """One e-mail address: a plain addr-spec."""

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, object] | None, **options: object) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if not _ADDRESS.fullmatch(text) or not all(text.rpartition("@")[0].split(".")):
            raise ValidationError("not an e-mail address; give one like name@example.org")
        return text


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


def choice(values: Iterable[str], **options: Any) -> fields.String:
    return fields.String(validate=one_of(values), **options)


def listed(inner: "fields.Field[Any]", most: int = 20, **options: Any) -> "fields.List[Any]":
    too_many = f"too many; give at most {most}"
    return fields.List(inner, validate=validate.Length(max=most, error=too_many), **options)
