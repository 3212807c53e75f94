"""Signed links: ids and a signature; no name and no hub."""

from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from notifications.application.ports import Link
from notifications.domain.answers import LinkGone
from notifications.domain.ids import MembershipId, PersonId

LASTS = timedelta(days=60)  # the offer's own deadline ends a link earlier; this limits the harm of a leaked one


class SignedLinks:
    def __init__(self, key: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="answer")

    def sign(self, link: Link) -> str:
        """The token of a link."""
        token = self._serializer.dumps({"person": link.person, "membership": link.membership})
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str) -> Link:
        """Raises LinkGone for a token that is not ours or has expired."""
        try:
            ids = self._serializer.loads(token, max_age=int(LASTS.total_seconds()))
            return Link(PersonId(ids["person"]), MembershipId(ids["membership"]))
        except (BadData, KeyError, TypeError, ValueError) as error:  # ValueError: text that cannot be encoded
            raise LinkGone("this link is not valid, or it has expired") from error
