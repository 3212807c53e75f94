"""CloudEvents 1.0 to and from Kafka records, binary mode: attributes in `ce_*` headers, JSON in the value.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.events.tracing import Cause

LARGEST_RECORD = 256 * 1024  # bytes of a value
LONGEST_HEADER = 512  # bytes
DEEPEST_JSON = 32

Data = Mapping[str, Any]  # JSON

_FORMAT = JSONFormat()
_REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "sequence", "correlationid", "causationid")


class BadEnvelope(ValueError):
    """A record that is not an event of ours; the message says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """What Kafka carries: key, value and headers, all bytes."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event: its data and its attributes.

    sequence: 1, 2, 3 … per (service, topic family, subject).  data: None for a tombstone.  family: of the topic it arrived on; a
    record does not contain it.  record: what it was read from; None for one that is to be published.
    """

    id: str
    service: str
    hub: str
    type: str
    subject: str
    sequence: int
    time: datetime
    cause: Cause
    data: Data | None
    family: str = ""
    record: Record | None = field(default=None, compare=False, repr=False)

    @property
    def topic(self) -> str:
        """The topic it arrived on."""
        return f"{self.family}.{self.hub}"

    @property
    def source(self) -> str:
        return f"/{self.service}/{self.hub}"


def to_record(envelope: Envelope) -> Record:
    """The Kafka record of an event; its key is the subject, so that a subject's events stay in one partition."""
    attributes = {
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "time": envelope.time,
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "sequence": str(envelope.sequence),
        "correlationid": envelope.cause.correlation,
        "causationid": envelope.cause.causation,
    }
    message = to_binary(CloudEvent(attributes=attributes, data=dict(envelope.data or {})), _FORMAT)
    headers = (*message.headers.items(), ("traceparent", envelope.cause.traceparent.encode()))
    return Record(envelope.subject.encode(), None if envelope.data is None else message.value, headers)


def read_headers(headers: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The headers that an event is read from, by name; of several with one name the last. Others may stand beside them."""
    ours = {"content-type", "traceparent"}
    return {name: found for name, found in headers if found is not None and (name.startswith("ce_") or name in ours)}


def check_size(record: Record) -> None:
    """Raises BadEnvelope for a record that is too large to be looked at."""
    if record.value is not None and len(record.value) > LARGEST_RECORD:
        raise BadEnvelope(f"{len(record.value)} bytes, over {LARGEST_RECORD}")
    named = {"the key": record.key or b"", **read_headers(record.headers)}
    if long := [name[:40] for name, found in named.items() if len(found) + len(name) > LONGEST_HEADER]:
        raise BadEnvelope(f"{', '.join(long[:3])}: over {LONGEST_HEADER} bytes")


def from_record(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """The event in a record. Raises BadEnvelope when it is too large or deep, lacks a header or has the wrong key.

    A record without a value is a tombstone: its subject is in its headers.
    """
    record = Record(key, value, tuple(headers))
    check_size(record)
    named = read_headers(record.headers)
    if missing := [name for name in _REQUIRED if not named.get(f"ce_{name}")]:
        raise BadEnvelope(f"without ce_{', ce_'.join(missing)}")
    traceparent = named.pop("traceparent", b"").decode(errors="replace")
    try:
        event = from_binary(KafkaMessage(named, None, b"{}" if value is None else value), _FORMAT)
        attributes = {**event.get_attributes()}
    except Exception as error:
        raise BadEnvelope(f"not a CloudEvent: {type(error).__name__}") from error
    if attributes["specversion"] != "1.0":
        raise BadEnvelope("ce_specversion is not 1.0")
    data = None if value is None else _checked(event.get_data())
    if key != attributes["subject"].encode():
        raise BadEnvelope("its key is not its subject")
    return _envelope(attributes, data, traceparent, record)


def _envelope(attributes: Data, data: Data | None, traceparent: str, record: Record) -> Envelope:
    service, hub = _source(attributes["source"])
    cause = Cause(attributes["correlationid"], attributes["causationid"], traceparent)
    sequence, time = _sequence(attributes["sequence"]), _time(attributes["time"])
    what = (attributes["type"], attributes["subject"], sequence, time, cause, data)
    return Envelope(attributes["id"], service, hub, *what, record=record)


def _time(time: datetime) -> datetime:
    """In UTC, which no year 1 with an offset has."""
    try:
        return time.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise BadEnvelope("ce_time is not a time that can be stored") from error


_NUMBER = re.compile(r"[1-9][0-9]{0,17}")  # fits 64 bits
_SOURCE = re.compile(r"/([^/]+)/([^/]+)")


def _source(source: str) -> tuple[str, str]:
    found = _SOURCE.fullmatch(source)
    if found is None:
        raise BadEnvelope("ce_source is not /<service>/<hub>")
    service, hub = found.groups()
    return service, hub


def _sequence(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise BadEnvelope("ce_sequence is not a number from 1")
    return int(text)


def _checked(data: object) -> Data:
    if not isinstance(data, dict):
        raise BadEnvelope("its value is not a JSON object")
    _check_depth(data, DEEPEST_JSON)
    return data


def _check_depth(value: object, left: int) -> None:
    if isinstance(value, dict | list):
        if not left:
            raise BadEnvelope(f"JSON deeper than {DEEPEST_JSON}")
        for inside in value.values() if isinstance(value, dict) else value:
            _check_depth(inside, left - 1)


def as_json(data: Data) -> str:
    """An event's data as an outbox row stores it: compact, in the order of its fields."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)
