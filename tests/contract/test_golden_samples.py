"""Every event ever published still loads: tests/contract/samples holds one of each. A sample is added with its event and never changed."""

import json
import re
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from marshmallow import ValidationError

from scheduling.domain import people, waiting
from shared import contracts
from shared.contracts import vocabulary

SERVICES = ("referral", "scheduling", "notifications")
SAMPLES = {path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "samples").glob("*.json"))}
SEALED_INSIDE = {  # fields of shapes inside a state event that are sealed as a field of another event is
    "participant.state.v1": ("wishes", "group"),
    "person.state.v1": ("place",),
}
every_sample = pytest.mark.parametrize("name", SAMPLES)


def loaded(name: str, data: Any = None) -> contracts.Fact:
    sample = SAMPLES[name]
    return contracts.load(name, sample["subject"], sample["data"] if data is None else data)


def test_there_is_a_sample_of_every_event() -> None:
    assert set(SAMPLES) >= set(contracts.EVENTS), "write tests/contract/samples/<wire name>.json for the new event"


@every_sample
def test_a_sample_of_any_age_loads_and_is_written_again_with_all_it_said(name: str) -> None:
    fact, data = loaded(name), SAMPLES[name]["data"]
    written = contracts.serialised(fact)
    assert {field: written[field] for field in data} == data
    assert contracts.subject_of(fact) == SAMPLES[name]["subject"]


@every_sample
def test_the_subject_travels_beside_the_data_and_is_not_repeated_in_it(name: str) -> None:
    assert contracts.EVENTS[name].subject not in SAMPLES[name]["data"]
    assert SAMPLES[name]["subject"] not in json.dumps(SAMPLES[name]["data"])


@every_sample
def test_what_a_later_release_adds_is_ignored_at_every_depth(name: str) -> None:
    assert loaded(name, added_to(SAMPLES[name]["data"])) == loaded(name)


def added_to(value: Any) -> Any:
    if isinstance(value, dict):
        return {field: added_to(inner) for field, inner in value.items()} | {"of_a_later_release": [1, {"x": None}]}
    return [added_to(inner) for inner in value] if isinstance(value, list) else value


@every_sample
def test_without_a_field_that_it_needs_an_event_is_refused(name: str) -> None:
    event, data = contracts.EVENTS[name], SAMPLES[name]["data"]
    for field in (field.name for field in fields(event.shape) if field.default is MISSING and field.name != event.subject):
        with pytest.raises(ValidationError, match=field):
            loaded(name, {key: value for key, value in data.items() if key != field})


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, event in contracts.EVENTS.items() for field in event.sealed])
def test_a_sealed_field_is_opaque_text(name: str, field: str) -> None:
    assert is_opaque(SAMPLES[name]["data"][field])


@pytest.mark.parametrize("name", SEALED_INSIDE)
def test_what_a_state_repeats_of_a_sealed_field_is_opaque_too(name: str) -> None:
    inner = [row for rows in SAMPLES[name]["data"].values() if isinstance(rows, list) for row in rows]
    found = [row[field] for field in SEALED_INSIDE[name] for row in inner if row.get(field)]
    assert found
    assert all(map(is_opaque, found))


def is_opaque(text: str) -> bool:
    """A key's id, a dot, and base64url: see shared/events/sealing.py."""
    return re.fullmatch(r"[^.]+\.[A-Za-z0-9_-]+=*", text) is not None


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_that_a_service_hears_is_said_by_another(service: str) -> None:
    heard = import_module(f"{service}.messaging.inbound").SUBSCRIPTIONS
    assert heard
    assert {contracts.described(shape).service for shape in heard} <= set(SERVICES) - {service}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_hears_something_of_a_person_hears_the_state_of_that_person_too(service: str) -> None:
    """Without it, whoever subscribes late, or has lost the thread, would wait behind a gap for ever (docs/architecture.md, Order)."""
    heard = [contracts.described(shape) for shape in import_module(f"{service}.messaging.inbound").SUBSCRIPTIONS]
    of_people = {(event.service, event.family) for event in heard if event.subject == "person" and event.family != "contacts"}
    assert of_people == {(event.service, event.family) for event in heard if event.is_state}


def test_placement_and_the_published_language_use_the_same_words() -> None:
    assert set(waiting.URGENCIES) == set(vocabulary.URGENCIES)
    assert set(vocabulary.GRADES) - {"none"} == people.JUNIOR | people.SENIOR


ASYNCAPI = yaml.safe_load((Path(__file__).parents[2] / "docs" / "asyncapi.yaml").read_text())


@pytest.mark.parametrize("name", contracts.EVENTS)
def test_asyncapi_tells_every_event_where_it_travels_and_what_its_data_holds(name: str) -> None:
    event, schema = contracts.EVENTS[name], ASYNCAPI["components"]["schemas"][name]
    assert name in ASYNCAPI["channels"][event.family]["messages"]
    assert set(schema.get("properties", {})) == {field.name for field in fields(event.shape)} - {event.subject}


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, event in contracts.EVENTS.items() for field in event.sealed])
def test_asyncapi_tells_for_whom_a_field_is_sealed(name: str, field: str) -> None:
    told = ASYNCAPI["components"]["schemas"][name]["properties"][field]
    assert told["x-sealed-for"] == contracts.EVENTS[name].sealed[field].reader
    assert told["x-holds"]["$ref"].rpartition("/")[2] in ASYNCAPI["components"]["schemas"]
