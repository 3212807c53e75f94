"""The stylesheets of the pages: NHS.UK frontend's from an installed package, never a copy, and our own."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

_INSIDE = "static/wagtailnhsukfrontend/css/nhsuk-frontend-10.4.2.min.css"
_OURS = Path(__file__).parent / "static" / "page.css"


class AssetsNotInstalled(RuntimeError):
    """The package that contains the stylesheet is missing."""


@cache
def stylesheets() -> dict[str, Path]:
    """Their paths, by the names they are served under. Raises AssetsNotInstalled."""
    return {"nhsuk-frontend-10.4.2.css": _nhsuk(), "page.css": _OURS}


def _nhsuk() -> Path:
    """The package that contains it is located, not imported: importing it would need Django."""
    found = find_spec("wagtailnhsukfrontend")
    path = Path(found.origin).parent / _INSIDE if found and found.origin else None
    if path is None or not path.is_file():
        raise AssetsNotInstalled("install them: pip install --no-deps --require-hashes -r requirements/notifications-assets.txt")
    return path
