"""Renders a notification's three templates. Templates are data: sandboxed, and a name they use that is not there is an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from notifications.adapters.wording import clock, day


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a mailbox shows (subject, preheader) and what one reads (text, html)."""

    subject: str
    preheader: str
    text: str
    html: str


class Templates:
    """The folder holds `templates/<code>/subject.txt, body.txt, body.html` and `templates/layout.html`."""

    def __init__(self, folder: Path) -> None:
        self._environment = SandboxedEnvironment(
            loader=FileSystemLoader(folder / "templates"),
            undefined=StrictUndefined,
            autoescape=lambda name: bool(name and name.endswith(".html")),
            keep_trailing_newline=False,
        )
        self._environment.filters.update(day=day, clock=clock)
        self._inliner = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)

    def render(self, code: str, context: Mapping[str, Any]) -> Rendered:
        """Raises jinja2.UndefinedError when the template uses what the context lacks."""
        subject = " ".join(self._text(f"{code}/subject.txt", context).split())
        html = self._inliner.inline(self._text(f"{code}/body.html", context))
        return Rendered(subject, str(context["preheader"]), self._text(f"{code}/body.txt", context), html)

    def _text(self, name: str, context: Mapping[str, Any]) -> str:
        return self._environment.get_template(name).render(context)
