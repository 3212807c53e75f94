"""When a consumer commits its offsets to Kafka."""

from datetime import datetime, timedelta

from kafka import KafkaConsumer

from shared.process.clock import utc_now

EVERY = timedelta(seconds=1)


class Commits:
    """Of one client: at most one commit a second, for each costs a round trip that the next batch would wait for.

    What was handled since the last one is read again after a death, and is a duplicate: the positions in the store decide.
    """

    def __init__(self, client: KafkaConsumer) -> None:
        self._client, self._is_owed = client, False
        self._last: datetime | None = None

    def took(self) -> None:
        """The effects of the records that were polled are in the store."""
        self._is_owed = True

    def commit_if_due(self) -> None:
        """Commit what is owed unless the last commit was less than a second ago."""
        now = utc_now()
        if self._last is None or not self._last <= now < self._last + EVERY:  # also after the clock was set back
            self.commit()

    def commit(self) -> None:
        """Commit what is owed now."""
        if self._is_owed:
            self._client.commit()
            self._is_owed, self._last = False, utc_now()
