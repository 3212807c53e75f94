"""From checked JSON to commands."""

from datetime import datetime
from typing import Any, TypeVar

from cattrs import Converter

from referral.application.commands import RegisterFacilitator, Submit

C = TypeVar("C", Submit, RegisterFacilitator)

_CONVERTER = Converter()
# The schemas have made these already; cattrs must not make them again.
_CONVERTER.register_structure_hook(datetime, lambda value, _: value)


def command(kind: type[C], checked: dict[str, Any]) -> C:
    """The command in what a schema let through."""
    person = checked.get("person", {})
    if born := person.get("birth_date"):
        checked = {**checked, "person": {**person, "birth_date": born.isoformat()}}
    return _CONVERTER.structure(checked, kind)
