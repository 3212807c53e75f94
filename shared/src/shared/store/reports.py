"""Reports too long for one answer, kept in pages for a week: what became of each row of a file."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from shared.ids import new_id
from shared.process.clock import utc_now
from shared.store.unit import Unit

COLLECTION = "reports"
KEPT = timedelta(days=7)
ROWS = 200  # of a page

Row = Mapping[str, Any]


class NoSuchReport(LookupError):
    """This hub has no report of this id, or none any more."""


def keep(unit: Unit, rows: Sequence[Row]) -> str:
    """Store a report; returns its id, I-…"""
    report = new_id("I")
    about = {"hub": unit.hub, "at": utc_now(), "of": len(rows)}
    begins = range(0, max(len(rows), 1), ROWS)
    pages = [{"_id": f"{report}/{first}", **about, "rows": list(rows[first : first + ROWS])} for first in begins]
    unit.db[COLLECTION].insert_many(pages, session=unit.session)
    return report


def page(unit: Unit, report: str, first: int) -> tuple[Sequence[Row], int | None]:
    """The rows of the page that begins with the row `first`, and where the next begins. Raises NoSuchReport."""
    found = unit.db[COLLECTION].find_one({"_id": f"{report}/{first}", "hub": unit.hub}, session=unit.session)
    if found is None:
        raise NoSuchReport("see `import` in the answer to an import; a report is kept for a week")
    following = first + ROWS
    return found["rows"], following if following < found["of"] else None
