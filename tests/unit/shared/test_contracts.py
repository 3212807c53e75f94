import json
import re
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.contracts import EVENTS, Fact, UnknownEvent, described, load, notifications, referral, scheduling, serialised

NAMES = sorted(EVENTS)
WHO_IT_IS = (
    "name",
    "email",
    "mail",
    "phone",
    "address",
    "birth",
    "known_as",
    "registration",
    "employer",
    "site",
    "household",
    "modality",
    "note",
)
# Participants are told who runs their group and what it is called; neither is about a participant.
MAY_BE_SAID = {
    "facilitator.registered.v1.display_name",
    "offer.made.v1.series.name",
    "seat.taken.v1.series.name",
    "open_access.given.v1.series.name",
}


def made_up(shape: Any) -> st.SearchStrategy[Any]:
    """Made-up data for a type hint, as it would stand in an event."""
    if shape in (str, int, datetime):
        return {str: st.text(max_size=12), int: st.integers(0, 10**9), datetime: st.datetimes(timezones=st.just(UTC))}[shape]
    if get_origin(shape) is tuple:
        return st.lists(made_up(get_args(shape)[0]), max_size=3).map(tuple)
    assert is_dataclass(shape), f"an event may not carry {shape}"
    return st.builds(shape, **{name: made_up(hint) for name, hint in get_type_hints(shape).items()})


def an_example(wire_name: str) -> Fact:
    """An instance of an event with something in every field."""

    def filled(shape: Any) -> Any:
        if shape in (str, int, datetime):
            return {str: "x", int: 7, datetime: datetime(2026, 11, 23, 9, tzinfo=UTC)}[shape]
        if get_origin(shape) is tuple:
            return (filled(get_args(shape)[0]),)
        return shape(**{name: filled(hint) for name, hint in get_type_hints(shape).items()})

    return filled(EVENTS[wire_name].shape)


def paths(shape: Any, path: str) -> Iterator[str]:
    """The dotted path of every field in an event, through all it carries."""
    for name, hint in get_type_hints(shape).items():
        yield f"{path}.{name}"
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if is_dataclass(inner):
            yield from paths(inner, f"{path}.{name}")


@pytest.mark.parametrize("wire_name", NAMES)
def test_the_wire_name_says_what_happened_and_in_which_version(wire_name):
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.v[1-9][0-9]*", wire_name)
    assert EVENTS[wire_name].type == wire_name


@pytest.mark.parametrize("wire_name", NAMES)
def test_an_event_travels_on_its_service_s_topic_and_a_contact_on_its_own(wire_name):
    declared = EVENTS[wire_name]
    assert declared.service in {"referral", "scheduling", "notifications"}
    assert declared.topic == ("contacts" if wire_name == "contact.changed.v1" else declared.service)


@pytest.mark.parametrize(("module", "service"), [(referral, "referral"), (scheduling, "scheduling"), (notifications, "notifications")])
def test_every_event_of_a_service_is_declared_in_its_file(module, service):
    declared = [thing for thing in vars(module).values() if isinstance(thing, type) and thing.__module__ == module.__name__]
    assert {described(shape).type for shape in declared} == {name for name, event in EVENTS.items() if event.service == service}


@pytest.mark.parametrize("wire_name", NAMES)
def test_what_has_happened_cannot_be_changed(wire_name):
    fact = an_example(wire_name)
    for field in fields(fact):
        with pytest.raises(FrozenInstanceError):
            setattr(fact, field.name, "something else")


@pytest.mark.parametrize("wire_name", NAMES)
def test_an_event_is_found_by_itself_and_by_its_class(wire_name):
    fact = an_example(wire_name)
    assert described(fact) is described(type(fact)) is EVENTS[wire_name]


@pytest.mark.parametrize("wire_name", NAMES)
def test_what_was_written_reads_as_what_was_said(wire_name):
    @settings(max_examples=15, deadline=None)
    @given(made_up(EVENTS[wire_name].shape))
    def said(fact):
        assert load(wire_name, json.loads(json.dumps(serialised(fact)))) == fact

    said()


@pytest.mark.parametrize("wire_name", NAMES)
def test_fields_of_a_later_release_are_ignored(wire_name):
    fact = an_example(wire_name)

    def later(value):
        if isinstance(value, dict):
            return {name: later(inner) for name, inner in value.items()} | {"of_a_later_release": {"$ne": None}}
        return [later(inner) for inner in value] if isinstance(value, list) else value

    assert load(wire_name, later(serialised(fact))) == fact


@pytest.mark.parametrize("wire_name", NAMES)
def test_an_event_that_lacks_a_field_is_refused_by_that_field(wire_name):
    written = serialised(an_example(wire_name))
    needed = [field.name for field in fields(EVENTS[wire_name].shape) if field.name != "signposts"]
    assert needed
    for name in needed:
        with pytest.raises(ValidationError) as refused:
            load(wire_name, {other: value for other, value in written.items() if other != name})
        assert list(refused.value.messages) == [name]


@pytest.mark.parametrize("wire_name", NAMES)
@pytest.mark.parametrize("wrong", [None, {"$ne": None}, 7.5])
def test_a_field_that_holds_another_type_is_refused_by_that_field(wire_name, wrong):
    written = serialised(an_example(wire_name))
    for name in written:
        if isinstance(written[name], str):
            with pytest.raises(ValidationError) as refused:
                load(wire_name, written | {name: wrong})
            assert list(refused.value.messages) == [name]


def test_a_producer_never_publishes_what_it_could_not_read():
    with pytest.raises(ValidationError) as refused:
        serialised(scheduling.WaitingStarted(referral="R-1", participant=None))
    assert list(refused.value.messages) == ["participant"]


def test_a_time_without_an_offset_never_leaves_as_one_in_another_zone():
    answered = notifications.Answered(
        participant="P-1", referral="R-1", to="O-1", answer="accept", answered_at=datetime(2026, 11, 23, 9, tzinfo=UTC)
    )
    assert serialised(answered)["answered_at"] == "2026-11-23T09:00:00+00:00"


@pytest.mark.parametrize(
    "wire_name", ["referral.submitted", "referral.submitted.v2", "Referral.Submitted.v1", "", "participant.renamed.v1"]
)
def test_a_name_or_version_that_nobody_declared_is_named(wire_name):
    with pytest.raises(UnknownEvent, match=f"^{re.escape(wire_name)} is not an event this release knows"):
        load(wire_name, {})


@pytest.mark.parametrize("wire_name", NAMES)
def test_no_event_has_a_field_for_who_somebody_is_or_what_ails_them(wire_name):
    telling = {path for path in paths(EVENTS[wire_name].shape, wire_name) if any(word in path.rpartition(".")[2] for word in WHO_IT_IS)}
    assert telling <= MAY_BE_SAID


def test_what_may_be_said_is_said_indeed():
    assert {path for name in NAMES for path in paths(EVENTS[name].shape, name)} >= MAY_BE_SAID


@pytest.mark.parametrize("wire_name", [name for name in NAMES if EVENTS[name].service == "scheduling" and name != "modality.listed.v1"])
def test_what_scheduling_says_never_tells_what_kind_of_group_it_is(wire_name):
    kinds = ("modality", "modalities", "variant", "topic", "wish")
    assert not [path for path in paths(EVENTS[wire_name].shape, wire_name) if any(kind in path.removeprefix(wire_name) for kind in kinds)]


def test_a_contact_travels_as_ciphertext_and_as_nothing_else():
    assert list(paths(EVENTS["contact.changed.v1"].shape, "contact")) == ["contact.participant", "contact.sealed"]
