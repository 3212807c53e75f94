"""Reads the TOML files that hubs change without code: every mistake in them is named, with file, entry, field and cure."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from shared.validation.problems import BadData, Mistake, problems_in

Entry = dict[str, Any]


def read_toml(path: Path) -> Entry:
    """The file, parsed but unchecked. Raises BadData when it cannot be read."""
    try:
        return tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise _unreadable(path, f"cannot be read ({error.strerror})", "create the file, or correct its permissions") from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"not UTF-8 at byte {error.start}", "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, f"not TOML: {error}", "correct the line named") from error


def _unreadable(path: Path, reason: str, cure: str) -> BadData:
    return BadData([Mistake("-", reason, cure, path.name, "-")])


def load_entry(schema: Schema, entry: Entry, file: str, name: str) -> tuple[Any, list[Mistake]]:
    """The entry as the schema loads it, and no mistake; or None and every mistake."""
    try:
        return schema.load(entry), []
    except ValidationError as error:
        return None, [Mistake(found.field, found.reason, found.cure, file, name) for found in problems_in(error)]


def load_entries(schema: Schema, entries: Mapping[str, Any], file: str) -> tuple[Entry, list[Mistake]]:
    """The valid entries of a file by name, which the schema gets as `code`; and every mistake."""
    loaded: Entry = {}
    mistakes: list[Mistake] = []
    for name, entry in entries.items():
        found, wrong = load_entry(schema, {**entry, "code": name} if isinstance(entry, dict) else entry, file, name)
        mistakes += wrong
        if not wrong:
            loaded[name] = found
    return loaded, mistakes
