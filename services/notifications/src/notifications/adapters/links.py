"""Signed links: ids only, and a signature; nothing that names anybody."""

from dataclasses import asdict
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from notifications.application.ports import Link
from notifications.domain.answer import LinkGone

LASTS = timedelta(days=60)  # the offer's own deadline is what ends it; this bounds what a lost key is worth


class SignedLinks:
    def __init__(self, key: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="answer")

    def sign(self, link: Link) -> str:
        token = self._serializer.dumps(asdict(link))
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str) -> Link:
        try:
            return Link(**self._serializer.loads(token, max_age=int(LASTS.total_seconds())))
        except (BadData, TypeError) as error:
            raise LinkGone("this link is not one of ours, or it is too old") from error
