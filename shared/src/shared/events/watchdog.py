"""Detects a consumer that receives nothing though there are records to read, so that it joins the group anew."""

import time
from collections.abc import Callable

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from shared.process.logs import log

STANDS = 30.0  # seconds a position may stay the same while there is more to read
FIRST_LOOK, LAST_LOOK = 2.0, 30.0  # seconds between checks for partitions left out: each pause is twice the one before


class Watchdog:
    """Bites when a position has not moved since the last check though there was more to read (kafka-python #3106, #3131)."""

    def __init__(self, client: KafkaConsumer, every: float = STANDS) -> None:
        self._client, self._every, self._due = client, every, time.monotonic() + every
        self._seen: dict[TopicPartition, tuple[int, int]] = {}

    def bites(self) -> bool:
        if time.monotonic() < self._due:
            return False
        self._due = time.monotonic() + self._every
        before, self._seen = self._seen, self._look()
        stuck = [str(tp) for tp, (at, _) in self._seen.items() if tp in before and before[tp][0] == at < before[tp][1]]
        if stuck:
            log().error("consumer_stands_still", partitions=stuck)
        return bool(stuck)

    def _look(self) -> dict[TopicPartition, tuple[int, int]]:
        partitions = set(self._client.assignment()) - set(self._client.paused())
        ends = self._client.end_offsets(partitions) if partitions else {}
        return {tp: (self._client.position(tp), ends[tp]) for tp in partitions}


class Attendance:
    """Bites when the group has assigned a partition of ours to nobody. An empty assignment is no fault by itself: a group may have
    more members than partitions.

    It checks soon after each join, when such a fault arises, and less and less often while all is well. While a fault lasts the
    checks become rarer too, because each costs the group a new assignment.
    """

    def __init__(self, left_out: Callable[[], list[str]], first: float = FIRST_LOOK) -> None:
        self._left_out, self._first, self._pause = left_out, first, first
        self._due, self._found = time.monotonic() + first, False

    def joined(self) -> None:
        """Check again soon, unless it was the last check that made us join anew."""
        self._pause = self._pause if self._found else self._first
        self._due = time.monotonic() + self._pause

    def bites(self) -> bool:
        if time.monotonic() < self._due:
            return False
        left_out = self._look()
        self._found, self._pause = bool(left_out), min(self._pause * 2, LAST_LOOK)
        self._due = time.monotonic() + self._pause
        if left_out:
            log().error("partitions_left_out", partitions=left_out)
        return self._found

    def _look(self) -> list[str]:
        try:
            return self._left_out()
        except KafkaError as error:  # the consuming client notices by itself when the broker is unavailable
            log().warning("group_not_described", error=type(error).__name__)
            return []
