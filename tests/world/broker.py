"""Kafka in memory: topics with partitions and offsets, groups whose members share them, and what may go wrong on the way to either."""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kafka.errors import CommitFailedError, KafkaTimeoutError
from kafka.structs import OffsetAndMetadata, TopicPartition

LONG = 500  # ms; who polls for less does not wait here
Fate = Literal["kept", "lost", "unheard", "late", "twice"]


@dataclass(frozen=True, slots=True)
class Record:
    """With the names that kafka-python gives them."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Weather:
    """What may go wrong, and when another's turn may come. This one: nothing, and never."""

    def before(self, operation: str, topic: str) -> None:
        """Each operation on the broker begins here. Whoever is killed leaves by an exception."""

    def of_record(self) -> Fate:
        """kept; lost on the way; unheard: kept, and the acknowledgement is lost; late: like lost, but it arrives after
        others; twice: kept, and again after others, as of two relays at once."""
        return "kept"

    def of_poll(self, available: int) -> int:
        """How many of so many records one poll returns."""
        return available

    def appended(self, topic: str) -> None:
        """There is something to read."""

    def nothing_to_read(self, topics: Iterable[str]) -> None:
        """Somebody waits for records."""


@dataclass
class Group:
    """Members by the order in which they joined; each time that they change, all of them begin again from what was committed."""

    generation: int = 0
    members: list["MemoryConsumer"] = field(default_factory=list)
    committed: dict[TopicPartition, int] = field(default_factory=lambda: defaultdict(int))

    def assignment(self, member: "MemoryConsumer", partitions: Sequence[TopicPartition]) -> list[TopicPartition]:
        number = self.members.index(member)
        return [each for index, each in enumerate(partitions) if index % len(self.members) == number]


@dataclass
class Broker:
    """partitions: of each topic.  late: records that are still on their way."""

    partitions: int = 3
    weather: Weather = field(default_factory=Weather)
    logs: dict[TopicPartition, list[Record]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    late: list[tuple[str, bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]] = field(default_factory=list)

    def producer(self) -> "MemoryProducer":
        return MemoryProducer(self)

    def place(self, group: str, topics: Iterable[str]) -> "MemoryPlace":
        return MemoryPlace(self, group, tuple(topics))

    def append(self, topic: str, key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> None:
        """By its key, so that what has one key stays in one partition."""
        where = TopicPartition(topic, zlib.crc32(key or b"") % self.partitions)
        log = self.logs.setdefault(where, [])
        log.append(Record(topic, where.partition, len(log), key, value, headers))
        self.weather.appended(topic)

    def deliver_late(self) -> None:
        """Whatever was on its way arrives."""
        arriving, self.late = self.late, []
        for each in arriving:
            self.append(*each)

    def of_topics(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for topic in topics for number in range(self.partitions)]


@dataclass
class Acknowledgement:
    is_heard: bool

    def get(self, **_options: Any) -> None:
        """Raises KafkaTimeoutError when nobody knows whether the record was kept."""
        if not self.is_heard:
            raise KafkaTimeoutError("no acknowledgement came")


@dataclass
class MemoryProducer:
    broker: Broker

    def send(
        self, topic: str, key: bytes | None = None, value: bytes | None = None, headers: Sequence[tuple[str, bytes]] = ()
    ) -> Acknowledgement:
        self.broker.weather.before("send", topic)
        fate = self.broker.weather.of_record()
        record = (topic, key, value, tuple(headers))
        if fate in {"kept", "unheard", "twice"}:
            self.broker.append(*record)
        if fate in {"late", "twice"}:
            self.broker.late.append(record)
        return Acknowledgement(fate in {"kept", "twice"})

    def flush(self, **_options: Any) -> None:
        self.broker.weather.before("flush", "")

    def close(self, **_options: Any) -> None:
        """Nothing is left to do."""


@dataclass
class MemoryPlace:
    """A worker's place in a consumer group: see shared.events.consumer_group."""

    broker: Broker
    group: str
    topics: tuple[str, ...]

    def join(self) -> "MemoryConsumer":
        return MemoryConsumer(self.broker, self.broker.groups[self.group], self.topics)

    def left_out(self) -> list[str]:
        """This broker leaves nothing to nobody."""
        return []

    def leave(self) -> None:
        """Nothing is kept of who has left."""


class MemoryConsumer:
    """A member of a group from its first poll on."""

    def __init__(self, broker: Broker, group: Group, topics: tuple[str, ...]) -> None:
        self._broker, self._group, self._topics = broker, group, topics
        self._generation = -1
        self._positions: dict[TopicPartition, int] = {}
        self._has_joined = False

    def assignment(self) -> set[TopicPartition]:
        return set(self._positions)

    def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    def end_offsets(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        return {each: len(self._broker.logs.get(each, ())) for each in partitions}

    def committed(self, partition: TopicPartition) -> int | None:
        return self._group.committed.get(partition)

    def highwater(self, partition: TopicPartition) -> int:
        return len(self._broker.logs.get(partition, ()))

    def paused(self) -> set[TopicPartition]:
        """No history parks so much that a topic is halted."""
        return set()

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._positions[partition] = offset

    def poll(self, timeout_ms: int = 0, max_records: int = 100) -> dict[TopicPartition, list[Record]]:
        self._broker.weather.before("poll", self._topics[0])
        self._join()
        available = sum(len(self._broker.logs.get(each, ())) - at for each, at in self._positions.items())
        if available <= 0:
            if timeout_ms >= LONG:
                self._broker.weather.nothing_to_read(self._topics)
            return {}
        left = min(max_records, self._broker.weather.of_poll(available))
        polled: dict[TopicPartition, list[Record]] = {}
        for where, position in self._positions.items():
            records = self._broker.logs.get(where, [])[position : position + left]
            left -= len(records)
            if records:
                polled[where] = records
                self._positions[where] = position + len(records)
        return polled

    def commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        """Raises CommitFailedError when the members have changed since the last poll."""
        self._broker.weather.before("commit", self._topics[0])
        if self._generation != self._group.generation:
            raise CommitFailedError
        self._group.committed.update({partition: each.offset for partition, each in offsets.items()})

    def close(self, *, autocommit: bool = False) -> None:  # noqa: ARG002 - kafka-python's
        if self in self._group.members:
            self._group.members.remove(self)
            self._group.generation += 1

    def _join(self) -> None:
        if not self._has_joined:
            self._has_joined = True
            self._group.members.append(self)
            self._group.generation += 1
        if self._generation != self._group.generation:
            if self not in self._group.members:
                self._group.members.append(self)
            self._generation = self._group.generation
            mine = self._group.assignment(self, self._broker.of_topics(self._topics))
            self._positions = {each: self._group.committed[each] for each in mine}
