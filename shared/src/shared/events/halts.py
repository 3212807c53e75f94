"""When most of what comes on one hub's topic must be parked, something is wrong with that topic: it is not read any further until an
operator has looked. The other topics are."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import TopicPartition
from pymongo.database import Database

from shared.process.clock import utc_now
from shared.process.logs import log
from shared.store.mongo import Doc

COLLECTION = "consumer_halts"
EVERY = timedelta(seconds=1)
WINDOW = 100  # records of a topic
Polled = Mapping[TopicPartition, Sequence[ConsumerRecord]]
CURE = "look at the parked events, correct the cause, then run the resume command"


@dataclass(frozen=True, slots=True)
class Halts:
    """The topics that the consumers of one deployment do not read. name: of the deployment's consumers."""

    db: Database[Doc]
    name: str

    def set(self, topic: str, why: str) -> None:
        row = {"consumer": self.name, "topic": topic, "why": why, "at": utc_now()}
        self.db[COLLECTION].update_one({"_id": f"{self.name}:{topic}"}, {"$setOnInsert": row}, upsert=True)
        log().error("topic_halted", topic=topic, why=why, cure=CURE)

    def topics(self) -> frozenset[str]:
        return frozenset(row["topic"] for row in self.db[COLLECTION].find({"consumer": self.name}))

    def lift(self) -> list[str]:
        """Let all be read again; returns the topics."""
        topics = sorted(self.topics())
        self.db[COLLECTION].delete_many({"consumer": self.name})
        return topics


def halted(db: Database[Doc]) -> list[tuple[str, str]]:
    """Consumer and topic of each halt, of every deployment."""
    return sorted((row["consumer"], row["topic"]) for row in db[COLLECTION].find())


@dataclass(frozen=True, slots=True)
class Alarm:
    """The last WINDOW records of each topic, by whether they were parked."""

    _recent: dict[str, deque[bool]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=WINDOW)))

    def saw(self, topics: Iterable[str], parked: Mapping[str, int]) -> dict[str, str]:
        """topics: of the records taken, one for each.  parked: how many of them were, by topic. Returns each topic of which more than
        half of the last records were parked, with the reason in words."""
        for topic, taken in Counter(topics).items():
            bad = min(parked.get(topic, 0), taken)
            self._recent[topic].extend([False] * (taken - bad) + [True] * bad)
        bad_by_topic = {topic: sum(recent) for topic, recent in self._recent.items()}
        return {
            topic: f"{bad} of the last {len(self._recent[topic])} records were parked"
            for topic, bad in bad_by_topic.items()
            if bad > WINDOW / 2
        }

    def forget(self, topic: str) -> None:
        self._recent.pop(topic, None)


class Pauses:
    """Of one client: it does not fetch from halted topics."""

    def __init__(self, client: KafkaConsumer, halts: Halts) -> None:
        self._client, self._halts = client, halts
        self._halted: frozenset[str] = frozenset()
        self._looked: datetime | None = None

    def halt(self, topics: Mapping[str, str]) -> None:
        """Read these no further from now on. topics: with the reason of each."""
        for topic, why in topics.items():
            self._halts.set(topic, why)
        self._look()

    def look(self) -> frozenset[str]:
        """At most once a second, pause the partitions of halted topics and resume the others. Returns the topics whose halt was lifted
        since the last look."""
        now = utc_now()
        if self._looked and self._looked <= now < self._looked + EVERY:
            return frozenset()
        self._looked = now
        return self._look()

    def _look(self) -> frozenset[str]:
        before, self._halted = self._halted, self._halts.topics()
        paused, wanted = set(self._client.paused()), {at for at in self._client.assignment() if at.topic in self._halted}
        if wanted - paused:
            self._client.pause(*(wanted - paused))
        if paused - wanted:
            self._client.resume(*(paused - wanted))
        return before - self._halted

    def put_back(self, polled: Polled) -> Polled:
        """What was polled, without the records of halted topics: those come again when the halt has been lifted."""
        for at, records in polled.items():
            if at.topic in self._halted and records:
                self._client.seek(at, records[0].offset)
        return {at: records for at, records in polled.items() if at.topic not in self._halted}
