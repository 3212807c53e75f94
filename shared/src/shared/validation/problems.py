"""A mistake in something that people wrote: the field, the reason, the cure. One shape, wherever it was found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from marshmallow import ValidationError

from shared.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """field: its path, dotted.  cure: what to do."""

    field: str
    reason: str
    cure: str


@dataclass(frozen=True, slots=True)
class Mistake(FieldProblem):
    """A problem in a data file."""

    file: str
    entry: str

    def __str__(self) -> str:
        return f"{self.file}: {self.entry}: {self.field}: {self.reason}; {self.cure}"


class BadData(Misconfigured):
    """The data is refused as a whole; `mistakes` names every one."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


class Refused(ValueError):
    """A request that cannot be carried out as it is; `problems` names each field."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)


# What to do about the reasons that marshmallow itself gives. Reasons of ours carry their cure after a semicolon.
_CURES = {
    "Missing data for required field.": "add this field",
    "Unknown field.": "remove it, or correct its spelling",
    "Field may not be null.": "give a value, or leave the field out",
    "Not a valid string.": "send a JSON string",
    "Not a valid integer.": "send a whole number",
    "Not a valid mapping type.": "send a JSON object",
    "Not a valid list.": "send a JSON list",
    "Invalid input type.": "send a JSON object",
}


def problems_in(error: ValidationError) -> list[FieldProblem]:
    """Marshmallow's nested messages as one problem per field, its path dotted: `person.email`, `availability.0.from`."""
    return list(from_messages(error.messages))


def from_messages(messages: object, path: str = "") -> Iterator[FieldProblem]:
    """The same for messages that flask-smorest has taken out of the error."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            here = path if key == "_schema" else f"{path}.{key}" if path else str(key)
            yield from from_messages(inner, here)
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            reason, _, cure = str(message).partition("; ")
            yield FieldProblem(path or "body", reason.rstrip("."), cure or _CURES.get(reason, "see /docs for the allowed values"))
