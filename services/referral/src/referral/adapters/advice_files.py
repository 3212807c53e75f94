"""Reads the data that hubs change without code: decline reasons, signposts, employers' mail domains."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from referral.domain.advice import Advice, DeclineReason, Signpost
from shared.validation.data_files import load_entries, read_toml
from shared.validation.fields import Loaded, Text
from shared.validation.problems import BadData, Mistake

DATA = Path(__file__).parent.parent / "data"
REASONS, SIGNPOSTS, DOMAINS = "decline-reasons.toml", "signposts.toml", "work-domains.txt"

_NUMBER = f"too few or too many; name 1 to 20 signposts of {SIGNPOSTS}"


class _SignpostSchema(Schema):
    code = fields.String(required=True)
    name = Text(required=True)
    about = Text(500, required=True)
    url = fields.Url(schemes={"https"}, required=True, error_messages={"invalid": "not an https address; write it as https://example.org"})

    @post_load
    def make(self, data: Loaded, **_: object) -> Signpost:
        return Signpost(data["name"], data["about"], data["url"])


class _ReasonSchema(Schema):
    code = fields.String(required=True)
    meaning = Text(required=True)
    signposts = fields.List(fields.String(), required=True, validate=validate.Length(1, 20, error=_NUMBER))

    @post_load
    def make(self, data: Loaded, **_: object) -> DeclineReason:
        return DeclineReason(data["code"], data["meaning"], tuple(data["signposts"]))


def read_advice(folder: Path = DATA) -> Advice:
    """Raises BadData, which names every mistake, including a reason with an unknown signpost."""
    signposts, wrong = load_entries(_SignpostSchema(), read_toml(folder / SIGNPOSTS), SIGNPOSTS)
    reasons, also_wrong = load_entries(_ReasonSchema(), read_toml(folder / REASONS), REASONS)
    # Reasons are compared with the signposts only once both are valid: otherwise one mistake would be reported many times.
    if mistakes := [*wrong, *also_wrong] or _pointing_nowhere(reasons, signposts):
        raise BadData(mistakes)
    return Advice(reasons, signposts, _domains(folder / DOMAINS))


def _pointing_nowhere(reasons: Mapping[str, DeclineReason], signposts: Mapping[str, Signpost]) -> Sequence[Mistake]:
    cure = f"add it to {SIGNPOSTS}, or use {', '.join(signposts)}"
    return [
        Mistake("signposts", f"{code} is no signpost", cure, REASONS, reason.code)
        for reason in reasons.values()
        for code in reason.signposts
        if code not in signposts
    ]


def _domains(path: Path) -> frozenset[str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadData([Mistake("-", f"cannot be read ({error})", "put the file there, in UTF-8", path.name, "-")]) from error
    return frozenset(line.casefold() for line in lines if line and not line.startswith("#"))
