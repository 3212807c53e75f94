"""Shows events as they happen: one line for each event on Kafka."""

import threading
from collections.abc import Callable
from typing import Any, Self

from kafka import KafkaConsumer

from embedded.stack import Stack

FAMILIES = ("referral", "scheduling", "notifications")
QUIET = {"modality.listed", "participant.changed"}


class Timeline:
    """Reads its topics without a group, so that no offsets move. say: called with one line for each event."""

    def __init__(self, stack: Stack, say: Callable[[str], None]) -> None:
        self._stack, self._say, self._over = stack, say, threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True, name="timeline")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def _read(self) -> None:
        topics = [f"{family}.{hub}" for hub in self._stack.hubs for family in FAMILIES]
        consumer = KafkaConsumer(*topics, **self._stack.place.operator.options, group_id=None, auto_offset_reset="latest")
        try:
            while not self._over.is_set():
                for records in consumer.poll(timeout_ms=300).values():
                    for record in records:
                        self._tell(record)
        finally:
            consumer.close()

    def _tell(self, record: Any) -> None:
        if told := line(record):
            self._say(told)


def line(record: Any) -> str | None:
    """The line for a record; None for events that would only be noise. A foreign record may have any headers, or none."""
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers or ()}
    hub, kind = record.topic.partition(".")[2], headers.get("ce_type", "").rpartition(".")[0]
    if kind in QUIET:
        return None
    if not kind:
        return f"{'':<8}  {hub:<12} {f'offset {record.offset} of partition {record.partition}':<30} not an event: ce_type is missing"
    return f"{headers.get('ce_time', '')[11:19]:<8}  {hub:<12} {headers.get('ce_subject', ''):<30} {kind}"
