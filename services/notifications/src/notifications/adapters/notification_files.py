"""Loads the notifications from `notifications.toml` and tries their templates. Every problem is named with file, entry,
field and cure, all at once."""

from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from marshmallow import Schema, fields, post_load, validate

from notifications.adapters import samples
from notifications.adapters.templates import PARTS, NotOneLine, Templates
from notifications.domain.answers import ANSWERS
from notifications.domain.happenings import SUBJECTS
from notifications.domain.notification import CALENDARS, CONDITIONS, NOBODY_TO_REACH, REMINDER, Notification, Notifications
from notifications.domain.places import KINDS
from notifications.domain.truth import CHECKS
from shared.contracts import EVENTS
from shared.validation.data_files import load_entries, read_toml
from shared.validation.discretion import telling_words
from shared.validation.fields import Loaded, Text, choice
from shared.validation.problems import BadData, Mistake

FILE = "notifications.toml"

_MEMBERSHIP_CHECKS = ("offer_open", "offer_told", "seat_taken", "session_ahead")
_REACHABLE = tuple(kind for kind in KINDS if kind != NOBODY_TO_REACH)


_CAUSES = (REMINDER, *(name for name in EVENTS if name.partition(".")[0] in SUBJECTS))


class BadNotification(BadData):
    """The notifications are refused as a whole; `mistakes` names every one."""


class OneOrMore(fields.List[Any]):
    """A value, or a list of them."""

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value if isinstance(value, list) else [value], attr, data, **kwargs))


class NotificationSchema(Schema):
    code = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9]+(-[a-z0-9]+)*\Z", error="not a code; use a-z, 0-9 and -"))
    on = choice(_CAUSES, required=True)
    only_if = fields.Dict(keys=fields.String(), values=OneOrMore(fields.String()), load_default=dict)
    still_true = choice(CHECKS, required=True)
    answers = fields.List(choice(ANSWERS), load_default=list)
    calendar = choice(CALENDARS, load_default="none")
    resend_when_unsure = fields.Boolean(required=True)
    preheader = Text(100, required=True)

    @post_load
    def make(self, data: Loaded, **_: object) -> Notification:
        return Notification(**{**data, "answers": tuple(data["answers"])})


def load(folder: Path) -> Notifications:
    """`folder` contains notifications.toml and templates/. Raises BadNotification, naming all mistakes at once."""
    entries, mistakes = _read(folder)
    templates = Templates(folder)
    for entry in entries.values():
        mistakes += _unmet(entry)
        missing = list(_missing(entry, folder))
        mistakes += missing or _tried(entry, templates)
    if mistakes:
        raise BadNotification(mistakes)
    return Notifications(entries)


def _read(folder: Path) -> tuple[dict[str, Notification], list[Mistake]]:
    try:
        raw = read_toml(folder / FILE)
    except BadData as error:
        return {}, list(error.mistakes)
    return load_entries(NotificationSchema(), raw, FILE)


def _unmet(entry: Notification) -> Iterator[Mistake]:
    """The fields that the entry needs and its event does not have."""
    has = _has(entry.on)
    yield from _unmet_conditions(entry, has)
    wanted = [("still_true", "membership")] if entry.still_true in _MEMBERSHIP_CHECKS else []
    wanted += [("calendar", "place")] if entry.calendar == "series" else []
    wanted += [("answers", "place")] if entry.answers else []
    for field, need in wanted:
        if need not in has:
            yield Mistake(field, f"{entry.on} has no {need}", f"it has {', '.join(has)}", FILE, entry.code)
    if entry.still_true == "session_ahead" and entry.on != REMINDER:
        yield Mistake("still_true", "only a reminder is about one session", f"make it `on = {REMINDER!r}`", FILE, entry.code)


def _has(on: str) -> tuple[str, ...]:
    """The fields of an event; the kind is in the place of the membership that it is about."""
    names = ("membership", "place") if on == REMINDER else tuple(field.name for field in fields_of(EVENTS[on].shape))  # type: ignore[arg-type]
    return (*names, "kind") if "membership" in names else names


def _unmet_conditions(entry: Notification, has: tuple[str, ...]) -> Iterator[Mistake]:
    for name, values in entry.only_if.items():
        if name not in CONDITIONS:
            yield Mistake("only_if", f"{name!r} is no condition", f"use {', '.join(CONDITIONS)}", FILE, entry.code)
        elif name not in has:
            possible = [condition for condition in CONDITIONS if condition in has]
            cure = f"it has {' and '.join(possible)}" if possible else "leave only_if out"
            yield Mistake("only_if", f"{entry.on} has no {name}", cure, FILE, entry.code)
        elif name == "kind" and (wrong := [value for value in values if value not in _REACHABLE]):
            yield Mistake("only_if", f"{wrong[0]!r} is no kind that gets mail", f"use one of {', '.join(_REACHABLE)}", FILE, entry.code)


def _missing(entry: Notification, folder: Path) -> Iterator[Mistake]:
    for part in PARTS:
        if not (folder / "templates" / entry.code / part).is_file():
            yield Mistake(part, "the template is missing", f"write templates/{entry.code}/{part}", FILE, entry.code)


def _tried(entry: Notification, templates: Templates) -> Iterator[Mistake]:
    """Renders the entry with a made-up context, and looks for words that reveal too much."""
    folder = f"templates/{entry.code}"
    try:
        rendered = templates.render(entry.code, samples.context(entry))
    except (TemplateError, NotOneLine, TypeError, ValueError) as error:
        cure = "use only what docs/how-to/new-notification.md lists"
        yield Mistake("template", f"cannot be rendered: {error}", cure, folder, entry.code)
        return
    for file, field, shown in ((folder, "subject.txt", rendered.subject), (FILE, "preheader", rendered.preheader)):
        if words := telling_words(shown):
            cure = "do not mention health, group or profession, as this appears on a lock screen"
            yield Mistake(field, f"gives too much away ({', '.join(words)})", cure, file, entry.code)
