"""Loads the catalogue of notifications, and refuses what would give somebody away: with file, entry, field and cure."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from cattrs import Converter
from marshmallow import Schema, ValidationError, fields

from notifications.adapters.templates import Templates
from notifications.domain.answer import ANSWERS
from notifications.domain.notification import Notification, Notifications
from notifications.domain.truth import CHECKS
from shared.discretion import telling_words
from shared.web.fields import Text, choice
from shared.web.problems import from_messages

FILE = "notifications.toml"
_SESSION = {
    "session": "S-1",
    "start": "2027-01-12T18:30:00+00:00",
    "end": "2027-01-12T20:00:00+00:00",
    "zone": "Europe/London",
    "place": "Room 3",
}
# What every template may use, filled with an example: templates are rendered with it when they are loaded.
SAMPLE = {
    "known_as": "Sam",
    "hub": {"name": "North", "phone": "020 7946 0000", "email": "hello@example.org"},
    "event": {
        "series": {"name": "Evening series", "place": "Room 3", "cadence": "weekly", "sessions": [_SESSION]},
        "first_session": _SESSION,
        "deadline": "2027-01-09T12:00:00+00:00",
    },
    "session": _SESSION,
    "link": "https://example.org/answer/x",
    "preheader": "",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    file: str
    entry: str
    field: str
    reason: str
    cure: str


class BadNotification(ValueError):
    """The catalogue is refused as a whole; `mistakes` names every one."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(f"{m.file}: {m.entry}: {m.field}: {m.reason}; {m.cure}" for m in mistakes))
        self.mistakes = tuple(mistakes)


class EntrySchema(Schema):
    on = Text(80, required=True)
    only_if = fields.Dict(keys=fields.String(), values=fields.String())
    still_true = choice(CHECKS, required=True)
    answers = fields.List(choice(ANSWERS))
    calendar = choice(("none", "series"))
    resend_when_unsure = fields.Boolean()
    preheader = Text(120, required=True)


def load(folder: Path) -> Notifications:
    """The catalogue in `folder/notifications.toml` with its templates. Raises BadNotification, naming all mistakes at once."""
    templates, mistakes, entries = Templates(folder), [], {}
    for code, entry in tomllib.loads((folder / FILE).read_text()).items():
        found = [*_field_mistakes(code, entry), *_template_mistakes(code, entry, templates)]
        mistakes += found
        if not found:
            entries[code] = Converter().structure({"code": code, **entry}, Notification)
    if mistakes:
        raise BadNotification(mistakes)
    return Notifications(entries)


def _field_mistakes(code: str, entry: dict[str, Any]) -> Iterator[Mistake]:
    try:
        EntrySchema().load(entry)
    except ValidationError as error:
        for problem in from_messages(error.messages):
            yield Mistake(FILE, code, problem.field, problem.reason, problem.cure)


def _template_mistakes(code: str, entry: dict[str, Any], templates: Templates) -> Iterator[Mistake]:
    try:
        rendered = templates.render(code, {**SAMPLE, "preheader": str(entry.get("preheader", ""))})
    except jinja2.TemplateNotFound as error:
        yield Mistake(f"templates/{error.name}", code, "-", "there is no such template", "write it; each has subject.txt, body.txt, body.html")
        return
    except jinja2.TemplateError as error:
        yield Mistake(f"templates/{code}", code, "-", str(error), "use only what docs/how-to/new-notification.md lists")
        return
    for field, shown in (("subject", rendered.subject), ("preheader", rendered.preheader)):
        if words := telling_words(shown):
            yield Mistake(f"templates/{code}", code, field, f"tells too much: {', '.join(words)}", "say it without these words")
