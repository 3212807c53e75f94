"""A record as a consumer received it: where it was, and whether its event belongs there."""

from dataclasses import dataclass, replace

from shared import contracts
from shared.events.envelope import BadEnvelope, Envelope, from_record


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

    def opened(self) -> Envelope:
        """The event in it. Raises BadEnvelope, UnknownEvent."""
        return _known(_in_its_place(from_record(self.key, self.value, self.headers), self))


def _in_its_place(envelope: Envelope, arrival: Arrival) -> Envelope:
    """Refuse an event from a topic to which its service and hub do not publish: it is misplaced or forged."""
    known = contracts.EVENTS.get(envelope.type)
    families = {known.family} if known else {envelope.service, "contacts"}
    is_theirs = known is None or known.service == envelope.service
    if not is_theirs or arrival.family not in families or arrival.hub != envelope.hub:
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
