"""Loads the catalogue from its folder: one TOML file a modality. Every mistake is named with file, entry, field and cure."""

from collections.abc import Mapping
from pathlib import Path

from cattrs import Converter
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from scheduling.domain import catalogue as known
from scheduling.domain.catalogue import Catalogue, Modality
from shared.contracts import vocabulary
from shared.validation.data_files import load_entry, read_toml
from shared.validation.discretion import telling_words
from shared.validation.fields import Loaded, Text, choice, whole
from shared.validation.problems import BadData, Mistake

_CODE = validate.Regexp(r"[a-z0-9]+(-[a-z0-9]+)*\Z", error="not a valid code; use lower-case letters, digits and hyphens")
_GROUP_SIZE = validate.Range(6, 60, error="out of range; a group has 6 to 60 places")


class BadCatalogue(BadData):
    """The catalogue is refused as a whole; `mistakes` names every one."""


class EligibilitySchema(Schema):
    professions = fields.List(choice(vocabulary.PROFESSIONS))
    grades = fields.List(choice(vocabulary.GRADES))
    genders = fields.List(choice(vocabulary.GENDERS))
    work_statuses = fields.List(choice(vocabulary.WORK_STATUSES))


class CapacitySchema(Schema):
    least = whole(required=True, validate=_GROUP_SIZE)
    most = whole(required=True, validate=_GROUP_SIZE)
    usual = whole(required=True, validate=_GROUP_SIZE)

    @validates_schema
    def check_order(self, data: Loaded, **_: object) -> None:
        if not data["least"] <= data["usual"] <= data["most"]:
            raise ValidationError("out of order; it must be least <= usual <= most", "usual")


class Discreet(Text):
    """A name that a mailbox or calendar may show."""

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, object] | None, **options: object) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if words := telling_words(text):
            raise ValidationError(f"gives too much away ({', '.join(words)}); choose a name that does not mention health or a group")
        return text


class VariantSchema(Schema):
    code = fields.String(required=True, validate=_CODE)
    public_name = Text(required=True)
    discreet_name = Discreet(80, required=True)
    eligibility = fields.Nested(EligibilitySchema)


class LengthSchema(Schema):
    code = fields.String(required=True, validate=_CODE)
    membership = choice(known.MEMBERSHIPS, required=True)
    sessions = whole(validate=validate.Range(1, 260))
    open_ended = fields.Boolean()


class PartSchema(Schema):
    name = Text(80, required=True)
    kind = choice(known.PART_KINDS, required=True)
    starts_after_minutes = whole(required=True, validate=validate.Range(0, 24 * 60))
    minutes = whole(required=True, validate=validate.Range(5, 24 * 60))


class ModalitySchema(Schema):
    code = fields.String(required=True, validate=_CODE)
    public_name = Text(required=True)
    discreet_name = Discreet(80, required=True)
    what_to_expect = Text(2000, required=True)
    membership = choice(known.MEMBERSHIPS, required=True)
    way_in = choice(known.WAYS_IN, required=True)
    eligibility = fields.Nested(EligibilitySchema)
    capacity = fields.Nested(CapacitySchema, required=True)
    grade_mixing = choice(known.GRADE_MIXING, required=True)
    colleagues = choice(known.COLLEAGUES)
    sensitive = fields.Boolean()
    cadence = choice(known.CADENCES)
    minutes = whole(validate=validate.Range(15, 12 * 60, error="out of range; give 15 to 720 minutes"))
    sessions = whole(validate=validate.Range(1, 260, error="out of range; give 1 to 260"))
    open_ended = fields.Boolean()
    horizon = whole(validate=validate.Range(1, 260, error="out of range; give 1 to 260"))
    offer_hours = fields.Float(validate=validate.Range(0, 720, min_inclusive=False, error="out of range; give up to 720 hours"))
    variants = fields.List(fields.Nested(VariantSchema))
    lengths = fields.List(fields.Nested(LengthSchema))
    topics = fields.List(fields.String(validate=_CODE))
    parts = fields.List(fields.Nested(PartSchema))

    @validates_schema
    def check_codes(self, data: Loaded, **_: object) -> None:
        for field in ("variants", "lengths"):
            codes = [each["code"] for each in data.get(field, [])]
            if twice := sorted({code for code in codes if codes.count(code) > 1}):
                raise ValidationError(f"{', '.join(twice)} used twice; give each its own code", field)

    @validates_schema
    def check_end(self, data: Loaded, **_: object) -> None:
        endless = data.get("open_ended") or any(length.get("open_ended") for length in data.get("lengths", []))
        if endless and "horizon" not in data:
            raise ValidationError("missing; for an open-ended series, give how many sessions to schedule ahead", "horizon")


def load(folder: Path) -> Catalogue:
    """Every `*.toml` of the folder. Raises BadCatalogue, naming all mistakes at once."""
    loaded: dict[str, Modality] = {}
    mistakes: list[Mistake] = []
    for path in sorted(folder.glob("*.toml")):
        modality, found = _read(path)
        mistakes += found
        if modality and modality.code in loaded:
            mistakes.append(
                Mistake("code", "another file uses this code", "give each modality a code of its own", path.name, modality.code)
            )
        elif modality:
            loaded[modality.code] = modality
    if mistakes or not loaded:
        raise BadCatalogue(
            mistakes or [Mistake("-", "no *.toml file", "set CATALOGUE to the folder that contains the modalities", str(folder), "-")]
        )
    return Catalogue(loaded)


def _read(path: Path) -> tuple[Modality | None, list[Mistake]]:
    try:
        entry = read_toml(path)
    except BadData as bad:
        return None, list(bad.mistakes)
    loaded, mistakes = load_entry(ModalitySchema(), entry, path.name, str(entry.get("code", "-")))
    return (Converter().structure(loaded, Modality) if loaded else None), mistakes
