import shutil
from pathlib import Path

import pytest

import notifications
from notifications.adapters import notification_files, samples
from notifications.adapters.notification_files import BadNotification, load
from notifications.adapters.templates import Templates
from notifications.domain.notification import NoSuchNotification
from shared.contracts import EVENTS
from shared.contracts import load as load_event
from shared.validation.discretion import telling_words

DATA = Path(notifications.__file__).parent / "data"
CODES = ("offer", "seat-confirmed", "offer-expired", "open-access-times", "session-reminder", "referral-received")


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def add(folder, **fields):
    """A well-formed entry "extra", with `fields` changed, and its templates."""
    entry = {"on": '"offer.expired.v1"', "still_true": '"always"', "resend_when_unsure": "false", "preheader": '"As promised."'} | fields
    lines = "\n".join(f"{name} = {value}" for name, value in entry.items() if value is not None)
    toml = folder / notification_files.FILE
    toml.write_text(f"{toml.read_text()}\n[extra]\n{lines}\n")
    shutil.copytree(folder / "templates" / "offer-expired", folder / "templates" / "extra")
    return folder


def mistakes(folder):
    with pytest.raises(BadNotification) as refused:
        load(folder)
    return {(found.entry, found.field): found for found in refused.value.mistakes}


def test_every_shipped_notification_loads():
    assert tuple(load(DATA).entries) == CODES


def test_an_event_causes_the_notifications_that_hang_on_it():
    found = load(DATA)
    assert [entry.code for entry in found.caused_by("offer.made.v1", {})] == ["offer"]
    assert [entry.code for entry in found.caused_by("reminder", {})] == ["session-reminder"]
    assert found.caused_by("waiting.started.v1", {}) == ()
    assert "seat.taken.v1" in found.events


def test_only_those_who_referred_themselves_are_told_that_it_arrived():
    found = load(DATA)
    assert [entry.code for entry in found.caused_by("referral.submitted.v1", {"source": "self"})] == ["referral-received"]
    assert found.caused_by("referral.submitted.v1", {"source": "hub"}) == ()


def test_only_what_does_no_harm_twice_is_sent_again_when_unsure():
    assert [entry.code for entry in load(DATA).entries.values() if entry.resend_when_unsure] == ["referral-received"]


def test_an_unknown_code_is_named_in_the_error():
    with pytest.raises(NoSuchNotification, match="birthday"):
        load(DATA).get("birthday")


def test_adding_an_entry_and_its_templates_is_all_it_takes(folder):
    assert [entry.code for entry in load(add(folder)).caused_by("offer.expired.v1", {})] == ["offer-expired", "extra"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("on", '"offer.imagined.v1"', "not a known value"),
        ("on", '"group.opened.v1"', "not a known value"),
        ("still_true", '"probably"', "not a known value"),
        ("still_true", None, "Missing data"),
        ("still_true", '"seat_taken"', "holds no 'seat'"),
        ("still_true", '"session_ahead"', "only a reminder"),
        ("calendar", '"series"', "holds no 's"),
        ("only_if", '{ colour = "red" }', "holds no 'colour'"),
        ("preheader", '"A word about your group"', "tells too much (group)"),
        ("resend_when_unsure", '"perhaps"', "Not a valid boolean"),
        ("wish", "1", "Unknown field"),
    ],
)
def test_a_bad_field_is_refused_by_file_entry_field_and_cure(folder, field, value, said):
    found = mistakes(add(folder, **{field: value}))["extra", field]
    assert said in found.reason
    assert found.file == "notifications.toml"
    assert found.cure


def test_every_mistake_is_told_at_once(folder):
    add(folder, still_true='"probably"')
    (folder / "templates" / "offer" / "subject.txt").write_text("Your doctor has a place for you")
    (folder / "templates" / "seat-confirmed" / "body.html").unlink()
    assert set(mistakes(folder)) == {("extra", "still_true"), ("offer", "subject.txt"), ("seat-confirmed", "body.html")}


def test_a_template_that_uses_what_its_event_lacks_is_refused(folder):
    (folder / "templates" / "offer-expired" / "body.txt").write_text("{{ event.series.name }}")
    assert "series" in mistakes(folder)["offer-expired", "template"].reason


def test_a_subject_of_two_lines_is_refused(folder):
    (folder / "templates" / "offer" / "subject.txt").write_text("One\nTwo")
    assert "2 lines" in mistakes(folder)["offer", "template"].reason


def test_a_file_that_is_not_toml_is_refused_with_its_name(folder):
    (folder / "notifications.toml").write_text("[offer")
    assert mistakes(folder)["-", "-"].file == "notifications.toml"


def test_the_sample_of_every_event_is_one_that_its_own_schema_takes():
    for name in EVENTS:
        load_event(name, samples.event_data(name))


@pytest.mark.parametrize("code", CODES)
def test_no_shipped_body_says_more_than_it_must(code):
    entry = load(DATA).get(code)
    rendered = Templates(DATA).render(code, samples.context(entry))
    assert telling_words(f"{rendered.subject} {rendered.preheader} {rendered.text}") == ()
    assert "Dr" not in rendered.text.split()
