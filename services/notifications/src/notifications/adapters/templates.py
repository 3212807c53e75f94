"""Renders a notification's three templates: `templates/<code>/{subject.txt,body.txt,body.html}`."""

from dataclasses import dataclass, fields
from pathlib import Path

from css_inline import CSSInliner
from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import SandboxedEnvironment

from notifications.domain.places import Meeting, Place
from notifications.domain.wording import FILTERS

PARTS = ("subject.txt", "body.txt", "body.html")


class NotOneLine(ValueError):
    """A subject that is empty or has more than one line."""


@dataclass(frozen=True, slots=True)
class HubCard:
    """The hub's contact details."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class MailContext:
    """All that a template may use. place: of messages about a membership.  session: of reminders.  link: to the answer page.

    A field that is None is undefined in the template, so that using it is an error and never leaves a gap.
    """

    known_as: str
    hub: HubCard
    preheader: str
    place: Place | None = None
    session: Meeting | None = None
    link: str | None = None

    def names(self) -> dict[str, object]:
        """The values that a template may use, by name."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Rendered:
    """The rendered message. text and html are each complete; html has its styles inline."""

    subject: str
    preheader: str
    text: str
    html: str


class Templates:
    """folder: the one that contains `templates/`. A name that the context lacks is an error, never blank."""

    def __init__(self, folder: Path) -> None:
        loader = FileSystemLoader(folder / "templates")
        escaped = select_autoescape(["html"], default=False)
        self._environment = SandboxedEnvironment(
            loader=loader, autoescape=escaped, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.filters.update(FILTERS)
        self._inliner = CSSInliner(load_remote_stylesheets=False)

    def render(self, code: str, context: MailContext) -> Rendered:
        """Raises NotOneLine, jinja2.TemplateError."""
        names = context.names()
        subject, text, html = (self._environment.get_template(f"{code}/{part}").render(names) for part in PARTS)
        return Rendered(_one_line(subject.strip()), context.preheader, text.strip() + "\n", self._inliner.inline(html))


def _one_line(subject: str) -> str:
    if len(subject.splitlines()) != 1:
        raise NotOneLine(f"{len(subject.splitlines())} lines; a subject has one")
    return subject
