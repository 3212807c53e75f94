"""Every event ever published still loads: tests/contract/samples holds one of each. A sample is added with its event and never changed."""

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from marshmallow import ValidationError

from notifications.messaging import inbound as notifications_hears
from referral.domain import values
from referral.messaging import inbound as referral_hears
from scheduling.messaging import inbound as scheduling_hears
from shared import contracts
from shared.contracts import vocabulary

SAMPLES = {path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "samples").glob("*.json"))}
every_sample = pytest.mark.parametrize("name", SAMPLES)


def test_there_is_a_sample_of_every_event() -> None:
    assert set(SAMPLES) >= set(contracts.EVENTS), "write tests/contract/samples/<wire name>.json for the new event"


@every_sample
def test_a_sample_of_any_age_loads_and_is_written_again_with_all_it_said(name: str) -> None:
    fact = contracts.load(name, SAMPLES[name])
    written = contracts.serialised(fact)
    assert {field: written[field] for field in SAMPLES[name]} == SAMPLES[name]


@every_sample
def test_what_a_later_release_adds_is_ignored_at_every_depth(name: str) -> None:
    assert contracts.load(name, added_to(SAMPLES[name])) == contracts.load(name, SAMPLES[name])


def added_to(value: Any) -> Any:
    if isinstance(value, dict):
        return {field: added_to(inner) for field, inner in value.items()} | {"of_a_later_release": [1, {"x": None}]}
    return [added_to(inner) for inner in value] if isinstance(value, list) else value


@every_sample
def test_without_a_field_that_it_needs_an_event_is_refused(name: str) -> None:
    needed = [field.name for field in fields(contracts.EVENTS[name].shape) if field.default is MISSING]
    assert needed
    for field in needed:
        with pytest.raises(ValidationError, match=field):
            contracts.load(name, {key: value for key, value in SAMPLES[name].items() if key != field})


def test_every_event_that_a_service_hears_is_said_by_another() -> None:
    for service, table in (("referral", referral_hears), ("scheduling", scheduling_hears), ("notifications", notifications_hears)):
        assert {contracts.described(shape).service for shape in table.SUBSCRIPTIONS} <= set(SERVICES) - {service}


SERVICES = ("referral", "scheduling", "notifications")


def test_the_referral_service_and_the_published_language_use_the_same_words() -> None:
    for name in ("PROFESSIONS", "GRADES", "GENDERS", "WORK_STATUSES", "WEEKDAYS", "URGENCIES"):
        assert getattr(values, name) == getattr(vocabulary, name)


def test_asyncapi_tells_every_event_and_where_it_travels() -> None:
    told = yaml.safe_load((Path(__file__).parents[2] / "docs" / "asyncapi.yaml").read_text())
    for name, event in contracts.EVENTS.items():
        assert name in told["channels"][event.topic]["messages"]
        schema = told["components"]["schemas"][name]
        assert set(schema["properties"]) == {field.name for field in fields(event.shape)}
