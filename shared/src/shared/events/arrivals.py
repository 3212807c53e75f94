"""A record as a consumer received it: where it was, and whether its event belongs there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared import contracts
from shared.events.envelope import BadEnvelope, Envelope, Record, check_size, from_record
from shared.events.signing import Publishers
from shared.events.topics import owner_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """A Kafka record and where it was: `place` is topic, partition and offset.

    is_repeat: the store had handled it before it was restored.
    """

    place: str
    hub: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    is_repeat: bool = False

    @property
    def record(self) -> Record:
        return Record(self.key, self.value, self.headers)

    @property
    def topic(self) -> str:
        return self.place.rpartition("/")[0].rpartition("/")[0]

    @property
    def family(self) -> str:
        return self.place.partition(".")[0]

    @property
    def type(self) -> str:
        """The type that its headers give, unchecked; empty if there is none."""
        return next((value.decode(errors="replace") for name, value in self.headers if name == "ce_type" and value), "")

    @property
    def read(self) -> tuple[str, int]:
        """Its partition, and the next offset."""
        partition, _, offset = self.place.rpartition("/")
        return partition, int(offset) + 1

    def opened(self, publishers: Publishers) -> Envelope:
        """The event in it, if the service that owns the topic has signed it. Raises BadEnvelope, NotSigned, UnknownEvent."""
        check_size(self.record)
        publishers.check(self.topic, self.record)
        return _known(_in_its_place(from_record(self.key, self.value, self.headers), self))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is not an event of ours, and why."""

    arrival: Arrival
    why: str


Readable = tuple[Envelope, bool]  # and whether it is a repeat


def read_all(arrivals: Iterable[Arrival], publishers: Publishers) -> tuple[list[Readable], list[Unreadable]]:
    """Whatever is wrong with a record, the others are read. The text of an error that is not ours may quote the record."""
    readable, unreadable = list[Readable](), list[Unreadable]()
    for arrival in arrivals:
        try:
            readable.append((arrival.opened(publishers), arrival.is_repeat))
        except (BadEnvelope, contracts.UnknownEvent) as error:
            unreadable.append(Unreadable(arrival, str(error)))
        except Exception as error:  # noqa: BLE001 - the partition moves on
            unreadable.append(Unreadable(arrival, type(error).__name__))
    return readable, unreadable


def _in_its_place(envelope: Envelope, arrival: Arrival) -> Envelope:
    """Refuse an event from a topic to which its service and hub do not publish: it is misplaced or forged."""
    known = contracts.EVENTS.get(envelope.type)
    is_theirs = envelope.service == owner_of(arrival.topic) and (known is None or known.service == envelope.service)
    if not is_theirs or (known and known.family != arrival.family) or arrival.hub != envelope.hub:
        raise BadEnvelope(f"{envelope.type} of {envelope.source} does not belong in this topic")
    if (envelope.data is None) != bool(known and known.is_tombstone):
        raise BadEnvelope("no value" if envelope.data is None else "a tombstone with a value")
    return replace(envelope, family=arrival.family)


def _known(envelope: Envelope) -> Envelope:
    """Refuse a major version that this release does not support; let an unknown name pass, to be ignored."""
    name, _, version = envelope.type.rpartition(".v")
    versions = [known for known in contracts.EVENTS if known.rpartition(".v")[0] == name]
    if not version.isdigit() or (versions and envelope.type not in versions):
        raise contracts.UnknownEvent(f"{envelope.type}: this release knows {', '.join(versions) or 'no such version'}")
    return envelope
