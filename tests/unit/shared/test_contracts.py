import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, FrozenInstanceError, fields, is_dataclass
from datetime import UTC, date, datetime
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.contracts import EVENTS, Fact, UnknownEvent, described, load, notifications, referral, scheduling, serialised, subject_of
from shared.contracts.registry import event, sealed_for

NAMES = sorted(EVENTS)
every_event = pytest.mark.parametrize("wire_name", NAMES)
SERVICES = {"referral", "scheduling", "notifications"}
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
WHICH_GROUP = ("group", "kind", "modality", "variant", "topic", "wish", "venue", "name", "run_by", "start", "zone", "cadence", "deadline")
# A bookable or open group is public, and about no person.
MAY_BE_SAID = {"group.listed.v1.name", "group.listed.v1.modality"}
EXAMPLES = {str: "x", int: 7, bool: True, date: date(2026, 11, 23), datetime: datetime(2026, 11, 23, 9, tzinfo=UTC)}
MADE_UP = {
    str: st.text(max_size=12),
    int: st.integers(0, 10**9),
    bool: st.booleans(),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def without_none(hint: Any) -> Any:
    return next(each for each in get_args(hint) if each is not NoneType) if get_origin(hint) is UnionType else hint


def made_up(hint: Any) -> st.SearchStrategy[Any]:
    """Made-up data for a type hint, as it would stand in an event."""
    if hint in MADE_UP:
        return MADE_UP[hint]
    if get_origin(hint) is UnionType:
        return st.none() | made_up(without_none(hint))
    if get_origin(hint) is tuple:
        return st.lists(made_up(get_args(hint)[0]), max_size=2).map(tuple)
    assert is_dataclass(hint), f"an event may not carry {hint}"
    return st.builds(hint, **{name: made_up(inner) for name, inner in get_type_hints(hint).items()})


def an_example(wire_name: str) -> Fact:
    """An instance of an event with something in every field."""

    def filled(hint: Any) -> Any:
        hint = without_none(hint)
        if hint in EXAMPLES:
            return EXAMPLES[hint]
        if get_origin(hint) is tuple:
            return (filled(get_args(hint)[0]),)
        return hint(**{name: filled(inner) for name, inner in get_type_hints(hint).items()})

    return filled(EVENTS[wire_name].shape)


def read_back(fact: Fact, data: dict[str, Any]) -> Fact:
    return load(described(fact).type, subject_of(fact), data)


def in_clear(hint: Any, path: str, sealed: Any = ()) -> Iterator[str]:
    """The dotted path of every field in an event that is not sealed, through all it carries."""
    for name, inner in get_type_hints(hint).items():
        if name in sealed:
            continue
        yield f"{path}.{name}"
        inside = without_none(inner)
        inside = get_args(inside)[0] if get_origin(inside) is tuple else inside
        if is_dataclass(inside):
            yield from in_clear(inside, f"{path}.{name}")


def clear(wire_name: str) -> list[str]:
    return list(in_clear(EVENTS[wire_name].shape, wire_name, EVENTS[wire_name].sealed))


@every_event
def test_the_wire_name_says_what_happened_and_in_which_version(wire_name):
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.v[1-9][0-9]*", wire_name)
    assert EVENTS[wire_name].type == wire_name


@every_event
def test_an_event_travels_on_its_service_s_topic_and_a_contact_on_its_own(wire_name):
    declared = EVENTS[wire_name]
    assert declared.service in SERVICES
    assert declared.family == ("contacts" if wire_name.startswith("contact.") else declared.service)


@pytest.mark.parametrize(("module", "service"), [(referral, "referral"), (scheduling, "scheduling"), (notifications, "notifications")])
def test_every_event_of_a_service_is_declared_in_its_file(module, service):
    public = [thing for name, thing in vars(module).items() if not name.startswith("_")]
    declared = [thing for thing in public if isinstance(thing, type) and thing.__module__ == module.__name__]
    assert {described(shape).type for shape in declared} == {name for name, event in EVENTS.items() if event.service == service}


@every_event
def test_what_is_about_a_person_is_told_under_that_person_and_the_rest_under_what_it_lists(wire_name):
    assert EVENTS[wire_name].subject in {"person", "listing", "group"}
    assert EVENTS[wire_name].subject in {field.name for field in fields(EVENTS[wire_name].shape)}


def test_whatever_concerns_a_referral_a_booking_or_a_membership_is_told_under_its_person():
    kinds = ("participant.", "referral.", "booking.", "staff.", "contact.", "task.", "waiting.", "membership.", "message.", "person.")
    assert {EVENTS[name].subject for name in NAMES if name.startswith(kinds)} == {"person"}


def test_each_service_can_say_all_that_it_says_of_a_person_at_once():
    assert {name: EVENTS[name].service for name in NAMES if EVENTS[name].is_state} == {
        "participant.state.v1": "referral",
        "staff.changed.v1": "referral",
        "person.state.v1": "scheduling",
        "modality.listed.v1": "scheduling",
        "standing.state.v1": "notifications",
    }


def test_only_an_erasure_is_final_and_only_that_of_a_contact_is_a_tombstone():
    assert [name for name in NAMES if EVENTS[name].is_final] == ["participant.erased.v1"]
    assert [name for name in NAMES if EVENTS[name].is_tombstone] == ["contact.erased.v1"]


@pytest.mark.parametrize("wire_name", ["participant.erased.v1", "contact.erased.v1"])
def test_an_erasure_says_nothing_but_of_whom(wire_name):
    assert serialised(an_example(wire_name)) == {}


@every_event
def test_what_has_happened_cannot_be_changed(wire_name):
    fact = an_example(wire_name)
    for field in fields(fact):
        with pytest.raises(FrozenInstanceError):
            setattr(fact, field.name, "something else")


@every_event
def test_an_event_is_found_by_itself_and_by_its_class(wire_name):
    fact = an_example(wire_name)
    assert described(fact) is described(type(fact)) is EVENTS[wire_name]


@every_event
def test_what_was_written_reads_as_what_was_said(wire_name):
    @settings(max_examples=12, deadline=None)
    @given(made_up(EVENTS[wire_name].shape))
    def said(fact):
        assert read_back(fact, json.loads(json.dumps(serialised(fact)))) == fact

    said()


@every_event
def test_fields_of_a_later_release_are_ignored(wire_name):
    fact = an_example(wire_name)

    def later(value):
        if isinstance(value, dict):
            return {name: later(inner) for name, inner in value.items()} | {"of_a_later_release": {"$ne": None}}
        return [later(inner) for inner in value] if isinstance(value, list) else value

    assert read_back(fact, later(serialised(fact))) == fact


@every_event
def test_the_data_cannot_say_that_an_event_is_about_somebody_else(wire_name):
    fact = an_example(wire_name)
    assert read_back(fact, serialised(fact) | {EVENTS[wire_name].subject: "P-SOMEBODY"}) == fact


@every_event
def test_an_event_that_lacks_a_field_is_refused_by_that_field(wire_name):
    fact = an_example(wire_name)
    written = serialised(fact)
    needed = [field.name for field in fields(fact) if field.default is MISSING and field.name != EVENTS[wire_name].subject]
    for name in needed:
        with pytest.raises(ValidationError) as refused:
            read_back(fact, {other: value for other, value in written.items() if other != name})
        assert list(refused.value.messages) == [name]


@every_event
@pytest.mark.parametrize("wrong", [None, {"$ne": None}, 7.5])
def test_a_field_that_holds_another_type_is_refused_by_that_field(wire_name, wrong):
    fact = an_example(wire_name)
    written, hints = serialised(fact), get_type_hints(type(fact))
    for name in written:
        if hints[name] is str:
            with pytest.raises(ValidationError) as refused:
                read_back(fact, written | {name: wrong})
            assert list(refused.value.messages) == [name]


def test_a_producer_never_publishes_what_it_could_not_read():
    with pytest.raises(ValidationError) as refused:
        serialised(referral.Withdrawn(person="P-1", referral=None, source="hub"))
    assert list(refused.value.messages) == ["referral"]


def test_a_time_leaves_with_its_offset():
    answered = notifications.Answered(person="P-1", to="S-1", answer="accept", answered_at=datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert serialised(answered)["answered_at"] == "2026-11-23T09:00:00+00:00"


@pytest.mark.parametrize(
    "wire_name", ["referral.submitted", "referral.submitted.v2", "Referral.Submitted.v1", "", "participant.renamed.v1"]
)
def test_a_name_or_version_that_nobody_declared_is_named(wire_name):
    with pytest.raises(UnknownEvent, match=f"^{re.escape(wire_name)} is not an event this release knows"):
        load(wire_name, "P-1", {})


@every_event
def test_no_event_has_a_field_in_clear_for_who_somebody_is_or_what_ails_them(wire_name):
    telling = {path for path in clear(wire_name) if any(word in path.rpartition(".")[2] for word in WHO_IT_IS)}
    assert telling <= MAY_BE_SAID


def test_what_may_be_said_is_said_indeed():
    assert {path for name in NAMES for path in clear(name)} >= MAY_BE_SAID


@pytest.mark.parametrize("wire_name", [name for name in NAMES if EVENTS[name].subject == "person" and EVENTS[name].service != "referral"])
def test_in_clear_nothing_about_a_person_tells_which_group_of_which_kind_where_or_when(wire_name):
    about = [path.removeprefix(wire_name) for path in clear(wire_name) if not path.endswith((".clock", ".answered_at"))]
    assert not [path for path in about if any(word in path for word in WHICH_GROUP)]


@pytest.mark.parametrize("wire_name", [name for name in NAMES if EVENTS[name].service == "referral" and EVENTS[name].family == "referral"])
def test_wishes_and_the_group_of_a_booking_are_text_that_referral_has_sealed(wire_name):
    """Whatever is called so: opacity of some wishes only would tell."""
    found = {path for path in in_clear(EVENTS[wire_name].shape, wire_name) if path.rpartition(".")[2] in {"wishes", "group"}}
    shapes = {name: get_type_hints(EVENTS[wire_name].shape)[name] for name in EVENTS[wire_name].sealed}
    assert all(hint is str for hint in shapes.values())
    assert {path for path in found if path.count(".") == wire_name.count(".") + 1} == {
        f"{wire_name}.{name}" for name in shapes if name in {"wishes", "group"}
    }


SEALED = [(name, field) for name in NAMES for field in EVENTS[name].sealed]


@pytest.mark.parametrize(("wire_name", "field"), SEALED)
def test_a_sealed_field_names_another_service_a_purpose_and_a_shape(wire_name, field):
    sealing = EVENTS[wire_name].sealed[field]
    assert sealing.reader in SERVICES - {EVENTS[wire_name].service}
    assert sealing.purpose == f"{wire_name.partition('.')[0]}.{field}"
    assert is_dataclass(sealing.shape)


def test_what_is_sealed_is_sealed_for_whom_the_design_says():
    assert {(EVENTS[name].sealed[field].purpose, EVENTS[name].sealed[field].reader) for name, field in SEALED} == {
        ("referral.wishes", "scheduling"),
        ("booking.group", "scheduling"),
        ("staff.name_for_scheduling", "scheduling"),
        ("staff.name_for_notifications", "notifications"),
        ("membership.place", "notifications"),
    }


def test_one_purpose_has_one_reader_and_one_shape():
    sealings = [EVENTS[name].sealed[field] for name, field in SEALED]
    for sealing in sealings:
        assert [other for other in sealings if other.purpose == sealing.purpose and other != sealing] == []


def test_a_contact_travels_as_ciphertext_and_as_nothing_else():
    assert clear("contact.changed.v1") == ["contact.changed.v1.person", "contact.changed.v1.sealed"]


def test_a_declared_event_is_registered_with_all_that_was_said_of_it(monkeypatch):
    monkeypatch.setattr("shared.contracts.registry.EVENTS", {})

    class Renamed(Fact):
        person: str
        known: str = sealed_for("notifications", scheduling.Place)

    shape = event("participant.renamed.v1", is_state=True)(Renamed)
    declared = described(shape)
    assert (declared.type, declared.subject, declared.is_state, declared.is_final) == ("participant.renamed.v1", "person", True, False)
    assert (declared.sealed["known"].reader, declared.sealed["known"].purpose) == ("notifications", "participant.known")
    assert serialised(shape(person="P-1", known="k.x")) == {"known": "k.x"}
