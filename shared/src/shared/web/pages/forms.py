"""Forms are accepted from our own pages only: a browser states where a form was sent from, and other sites are refused (CSRF).

Fetch Metadata Request Headers, https://www.w3.org/TR/fetch-metadata/: browsers set Sec-Fetch-Site themselves; no page can forge it. Older
browsers send Origin. A client that is not a browser sends neither, and has no cookies or pages of ours to be abused.
"""

from urllib.parse import urlsplit

from flask import request

from shared.web.problems import Problem

_SAFE = {"GET", "HEAD", "OPTIONS"}
_OURS = {"same-origin", "none"}
_NOBODY = {None, "null"}  # our pages send no referrer, so that their own forms send the origin "null"


def refuse_other_sites() -> None:
    """Raises Problem 403 for a form that another site sent."""
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    from_elsewhere = site not in _OURS if site else origin not in _NOBODY and urlsplit(str(origin)).netloc != request.host
    if from_elsewhere:
        raise Problem(
            403,
            "sent-from-another-site",
            "This form was sent from another site",
            "open the page again from the link in your message, then press the button",
        )
