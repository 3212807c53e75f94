"""When a consumer commits its offsets to Kafka."""

import time

from kafka import KafkaConsumer

EVERY = 1.0  # seconds


class Commits:
    """Of one client: at most one commit a second, for each costs a round trip that the next batch would wait for.

    What was handled since the last one is read again after a death, and is a duplicate: the positions in the store decide.
    """

    def __init__(self, client: KafkaConsumer, every: float = EVERY) -> None:
        self._client, self._every, self._due, self._is_owed = client, every, 0.0, False

    def took(self) -> None:
        """The effects of what was polled have been committed to the store."""
        self._is_owed = True

    def commit_if_due(self) -> None:
        if self._is_owed and time.monotonic() >= self._due:
            self.commit()

    def commit(self) -> None:
        """Commit what is owed now."""
        if self._is_owed:
            self._client.commit()
            self._is_owed, self._due = False, time.monotonic() + self._every
