"""Reads the operator's list of the hubs' staff (STAFF_FILE)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from referral.domain.blinding import plain_registration
from referral.domain.staff import EVERY_HUB, Listed, StaffList
from referral.domain.values import Registration
from shared.validation.data_files import load_entries, read_toml
from shared.validation.fields import Loaded, RegistrationFields, Text, registration_in
from shared.validation.problems import BadData, Mistake

_AT_LEAST_ONE = f"empty; name the hubs they work for, or [{EVERY_HUB!r}] for every hub"


class _RegistrationSchema(RegistrationFields):
    @post_load
    def make(self, data: Loaded, **_: object) -> Registration:
        return Registration(**registration_in(data))


class _ListedSchema(Schema):
    code = fields.String(required=True)
    name = Text(100, required=True)
    registration = fields.Nested(_RegistrationSchema, required=True)
    hubs = fields.List(Text(60), required=True, validate=validate.Length(1, error=_AT_LEAST_ONE))

    @post_load
    def make(self, data: Loaded, **_: object) -> Listed:
        return Listed(data["code"], data["name"], data["registration"], tuple(data["hubs"]))


def read_staff(path: Path, hubs: Iterable[str]) -> StaffList:
    """hubs: all that there are. Raises BadData, which names every mistake, including an unknown hub and somebody who is listed twice."""
    entries, mistakes = load_entries(_ListedSchema(), read_toml(path), path.name)
    if mistakes := mistakes or [*_unknown_hubs(entries, {EVERY_HUB, *hubs}, path.name), *_twice(entries, path.name)]:
        raise BadData(mistakes)
    return StaffList(entries)


def _unknown_hubs(entries: Mapping[str, Listed], known: set[str], file: str) -> Iterator[Mistake]:
    for each in entries.values():
        if unknown := set(each.hubs) - known:
            yield Mistake("hubs", f"{', '.join(sorted(unknown))}: unknown hub", f"use {', '.join(sorted(known))}", file, each.code)


def _twice(entries: Mapping[str, Listed], file: str) -> Iterator[Mistake]:
    times = Counter(plain_registration(each.registration) for each in entries.values())
    for each in entries.values():
        if times[plain_registration(each.registration)] > 1:
            yield Mistake("registration", "listed twice", "keep one entry, and name all of their hubs in it", file, each.code)
