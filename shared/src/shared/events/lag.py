"""The number of records a consumer has not read, from its own fetches: the broker is not asked."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import TopicPartition

EVERY = 1.0  # seconds


class Lag:
    """Of one client. A partition's end comes from the last fetch; a client that no longer fetches does not see it grow."""

    def __init__(self, client: KafkaConsumer, every: float = EVERY) -> None:
        self._client, self._every, self._due = client, every, 0.0
        self._next: dict[TopicPartition, int] = {}

    def saw(self, polled: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        """Note the records that a poll returned."""
        self._next.update({tp: records[-1].offset + 1 for tp, records in polled.items() if records})

    def by_topic(self) -> dict[str, int] | None:
        """Unread records of its current partitions; None when it is too early to count again."""
        if time.monotonic() < self._due:
            return None
        self._due = time.monotonic() + self._every
        ends = {tp: self._client.highwater(tp) for tp in self._client.assignment()}
        self._next = {tp: at for tp, at in self._next.items() if tp in ends}
        unread: Counter[str] = Counter()
        for tp, end in ends.items():
            if end is not None:
                unread[tp.topic] += max(0, end - self._position(tp, end))
        return dict(unread)

    def _position(self, tp: TopicPartition, end: int) -> int:
        """The next offset to read; before the first record, where the client begins."""
        if tp not in self._next:
            begins_at = self._client.position(tp)
            self._next[tp] = end if begins_at is None else begins_at
        return self._next[tp]
