"""Loads the notifications from `notifications.toml` and tries their templates. Every problem is named with file, entry,
field and cure, all at once."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from marshmallow import Schema, ValidationError, fields, post_load, validate

from notifications.adapters import samples
from notifications.adapters.templates import PARTS, NotOneLine, Templates
from notifications.application.telling import REMINDER
from notifications.domain.answer import ANSWERS
from notifications.domain.notification import CALENDARS, Notification, Notifications
from notifications.domain.truth import CHECKS
from shared.contracts import EVENTS
from shared.validation.discretion import telling_words
from shared.validation.fields import Text, choice
from shared.validation.mistakes import BadData, Mistake
from shared.web.problems import from_messages

FILE = "notifications.toml"

# The histories that are told of a referral's participant; see messaging/inbound.py.
_CAUSES = (REMINDER, *(event.type for event in EVENTS.values() if event.aggregate in {"referral", "place"}))

# What an entry's choices need its event to hold.
_NEEDS = {"offer_open": "offer", "offer_told": "offer", "seat_taken": "seat", "session_ahead": "seat"}


class BadNotification(BadData):
    """The notifications are refused as a whole; `mistakes` names every one."""


class NotificationSchema(Schema):
    code = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9]+(-[a-z0-9]+)*\Z", error="not a code; use a-z, 0-9 and -"))
    on = choice(_CAUSES, required=True)
    only_if = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    still_true = choice(CHECKS, required=True)
    answers = fields.List(choice(ANSWERS), load_default=list)
    calendar = choice(CALENDARS, load_default="none")
    resend_when_unsure = fields.Boolean(required=True)
    preheader = Text(100, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Notification:
        return Notification(**{**data, "answers": tuple(data["answers"])})


def load(folder: Path) -> Notifications:
    """`folder` holds notifications.toml and templates/. Raises BadNotification, naming all mistakes at once."""
    entries, mistakes = _read(folder)
    templates = Templates(folder)
    for entry in entries:
        mistakes += _unmet(entry)
        missing = list(_missing(entry, folder))
        mistakes += missing or _tried(entry, templates)
    if mistakes:
        raise BadNotification(mistakes)
    return Notifications({entry.code: entry for entry in entries})


def _read(folder: Path) -> tuple[list[Notification], list[Mistake]]:
    try:
        raw = tomllib.loads((folder / FILE).read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        return [], [Mistake(FILE, "-", "-", f"cannot be read: {error}", "mend the file it names")]
    entries: list[Notification] = []
    mistakes: list[Mistake] = []
    for code, entry in raw.items():
        try:
            entries.append(NotificationSchema().load({**entry, "code": code} if isinstance(entry, dict) else entry))
        except ValidationError as error:
            mistakes += [Mistake(FILE, code, found.field, found.reason, found.cure) for found in from_messages(error.messages)]
    return entries, mistakes


def _unmet(entry: Notification) -> Iterator[Mistake]:
    """What the entry wants of its event and the event does not hold."""
    held = samples.event_data(entry.on)
    wanted = [("only_if", field) for field in entry.only_if]
    wanted += [("still_true", _NEEDS[entry.still_true])] if entry.still_true in _NEEDS else []
    wanted += [("calendar", "seat"), ("calendar", "series")] if entry.calendar == "series" else []
    wanted += [("answers", "offer")] if entry.answers else []
    for field, need in wanted:
        if need not in held:
            yield Mistake(FILE, entry.code, field, f"{entry.on} holds no {need!r}", f"it holds {', '.join(held)}")
    if entry.still_true == "session_ahead" and entry.on != REMINDER:
        yield Mistake(FILE, entry.code, "still_true", "only a reminder is about one session", f"make it `on = {REMINDER!r}`")


def _missing(entry: Notification, folder: Path) -> Iterator[Mistake]:
    for part in PARTS:
        if not (folder / "templates" / entry.code / part).is_file():
            yield Mistake(FILE, entry.code, part, "the template is missing", f"write templates/{entry.code}/{part}")


def _tried(entry: Notification, templates: Templates) -> Iterator[Mistake]:
    """Renders the entry with a made-up event, and looks for words that tell."""
    folder = f"templates/{entry.code}"
    try:
        rendered = templates.render(entry.code, samples.context(entry))
    except (TemplateError, NotOneLine, TypeError, ValueError) as error:
        yield Mistake(folder, entry.code, "template", f"cannot be rendered: {error}", "use only what docs/how-to/new-notification.md lists")
        return
    for file, field, shown in ((folder, "subject.txt", rendered.subject), (FILE, "preheader", rendered.preheader)):
        if words := telling_words(shown):
            cure = "say it without health, group or profession; a lock screen shows this"
            yield Mistake(file, entry.code, field, f"tells too much ({', '.join(words)})", cure)
