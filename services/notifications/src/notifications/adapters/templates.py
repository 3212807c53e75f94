"""Renders a notification's three templates: `templates/<code>/{subject.txt,body.txt,body.html}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from css_inline import CSSInliner
from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import SandboxedEnvironment

from notifications.domain.wording import FILTERS

PARTS = ("subject.txt", "body.txt", "body.html")


class NotOneLine(ValueError):
    """A subject that is empty or runs over its line."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a person reads. text and html each say everything; html carries its style in its elements."""

    subject: str
    preheader: str
    text: str
    html: str


class Templates:
    """folder: the one that holds `templates/`. A name that the context lacks is an error, never an empty place."""

    def __init__(self, folder: Path) -> None:
        loader = FileSystemLoader(folder / "templates")
        escaped = select_autoescape(["html"], default=False)
        self._environment = SandboxedEnvironment(
            loader=loader, autoescape=escaped, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.filters.update(FILTERS)
        self._inliner = CSSInliner(load_remote_stylesheets=False)

    def render(self, code: str, context: Mapping[str, Any]) -> Rendered:
        """`context` holds known_as, hub, event, link, session and preheader. Raises NotOneLine, jinja2.TemplateError."""
        subject, text, html = (self._environment.get_template(f"{code}/{part}").render(context) for part in PARTS)
        return Rendered(_one_line(subject.strip()), context["preheader"], text.strip() + "\n", self._inliner.inline(html))


def _one_line(subject: str) -> str:
    if len(subject.splitlines()) != 1:
        raise NotOneLine(f"{len(subject.splitlines())} lines; a subject has one")
    return subject
