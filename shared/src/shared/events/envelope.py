"""CloudEvents 1.0 to and from Kafka records, binary mode: attributes in `ce_*` headers, JSON in the value.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.events.tracing import Cause

LARGEST_RECORD = 256 * 1024  # bytes
DEEPEST_JSON = 32

Data = Mapping[str, Any]  # JSON

_FORMAT = JSONFormat()
_REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "sequence", "correlationid", "causationid")


class BadEnvelope(ValueError):
    """A record that is not an event of ours; the message says why."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The publisher's: the id of its Ed25519 key, and the signature over topic, key, headers and value in base64."""

    key_id: str
    value: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event: its data and its attributes.

    sequence: 1, 2, 3 … per (service, topic family, subject).  data: None for a tombstone.  signature: None if unsigned.
    family: of the topic it arrived on; a record does not contain it.
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
    signature: Signature | None = None
    family: str = ""

    @property
    def source(self) -> str:
        return f"/{self.service}/{self.hub}"


@dataclass(frozen=True, slots=True)
class Record:
    """What Kafka carries: key, value and headers, all bytes."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


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
    if envelope.signature:
        attributes |= {"keyid": envelope.signature.key_id, "signature": envelope.signature.value}
    message = to_binary(CloudEvent(attributes=attributes, data=dict(envelope.data or {})), _FORMAT)
    headers = (*message.headers.items(), ("traceparent", envelope.cause.traceparent.encode()))
    return Record(envelope.subject.encode(), None if envelope.data is None else message.value, headers)


def from_record(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """The event in a record. Raises BadEnvelope when it is too large or deep, lacks a header or has the wrong key.

    A record without a value is a tombstone: its subject is in its headers.
    """
    if value is not None and len(value) > LARGEST_RECORD:
        raise BadEnvelope(f"{len(value)} bytes, over {LARGEST_RECORD}")
    named = {name: found for name, found in headers if found is not None}
    if missing := [name for name in _REQUIRED if not named.get(f"ce_{name}")]:
        raise BadEnvelope(f"without ce_{', ce_'.join(missing)}")
    try:
        ours = {name: found for name, found in named.items() if name.startswith("ce_") or name == "content-type"}
        event = from_binary(KafkaMessage(ours, None, b"{}" if value is None else value), _FORMAT)
        attributes = {**event.get_attributes()}
    except Exception as error:
        raise BadEnvelope(f"not a CloudEvent: {type(error).__name__}") from error
    if attributes["specversion"] != "1.0":
        raise BadEnvelope("ce_specversion is not 1.0")
    data = None if value is None else _checked(event.get_data())
    if key != attributes["subject"].encode():
        raise BadEnvelope("its key is not its subject")
    return _envelope(attributes, data, named.get("traceparent", b"").decode(errors="replace"))


def _envelope(attributes: Data, data: Data | None, traceparent: str) -> Envelope:
    service, hub = _source(attributes["source"])
    cause = Cause(attributes["correlationid"], attributes["causationid"], traceparent)
    sequence = _sequence(attributes["sequence"])
    signature = Signature(attributes["keyid"], attributes["signature"]) if {"keyid", "signature"} <= attributes.keys() else None
    what = (attributes["type"], attributes["subject"], sequence, attributes["time"], cause, data, signature)
    return Envelope(attributes["id"], service, hub, *what)


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
