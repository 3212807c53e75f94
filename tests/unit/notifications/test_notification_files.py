import shutil
from pathlib import Path

import pytest

import notifications
from notifications.adapters import notification_files, samples
from notifications.adapters.notification_files import BadNotification, load
from notifications.adapters.templates import Templates
from notifications.domain.happenings import SUBJECTS
from notifications.domain.notification import NoSuchNotification, Particulars
from shared.contracts import EVENTS
from shared.validation.discretion import telling_words

DATA = Path(notifications.__file__).parent / "data"
CODES = ("offer", "seat-confirmed", "offer-expired", "offer-withdrawn", "open-access-times", "session-reminder", "referral-received")


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def add(folder, **fields):
    """A well-formed entry "extra", with `fields` changed, and its templates."""
    entry = {"on": '"membership.ended.v1"', "still_true": '"always"', "resend_when_unsure": "false", "preheader": '"As promised."'} | fields
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
    seat = Particulars(kind="seat")
    assert [entry.code for entry in found.caused_by("membership.offered.v1", seat)] == ["offer"]
    assert [entry.code for entry in found.caused_by("membership.taken.v1", seat)] == ["seat-confirmed"]
    assert [entry.code for entry in found.caused_by("membership.taken.v1", Particulars(kind="pass"))] == ["open-access-times"]
    assert [entry.code for entry in found.caused_by("reminder", seat)] == ["session-reminder"]
    assert found.caused_by("waiting.started.v1", Particulars()) == ()
    assert "membership.taken.v1" in found.events


@pytest.mark.parametrize("on", [*{entry.on for entry in load(DATA).entries.values()}])
@pytest.mark.parametrize("kind", ["runs", "booking", "staff"])
def test_nothing_shipped_is_sent_to_who_runs_a_group_has_booked_or_works_here(on, kind):
    lapsed = load(DATA).caused_by(on, Particulars(kind, "lapsed" if kind == "runs" else None, "hub"))
    assert lapsed == ()


def test_only_those_who_referred_themselves_are_told_that_it_arrived():
    found = load(DATA)
    assert [entry.code for entry in found.caused_by("referral.submitted.v1", Particulars(source="self"))] == ["referral-received"]
    assert found.caused_by("referral.submitted.v1", Particulars(source="hub")) == ()


def test_only_what_does_no_harm_twice_is_sent_again_when_unsure():
    assert [entry.code for entry in load(DATA).entries.values() if entry.resend_when_unsure] == ["referral-received"]


def test_an_unknown_code_is_named_in_the_error():
    with pytest.raises(NoSuchNotification, match="birthday"):
        load(DATA).get("birthday")


def test_adding_an_entry_and_its_templates_is_all_it_takes(folder):
    found = load(add(folder))
    assert [entry.code for entry in found.caused_by("membership.ended.v1", Particulars("seat", "lapsed"))] == [
        "offer-expired",
        "extra",
    ]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("on", '"offer.imagined.v1"', "not a known value"),
        ("on", '"group.listed.v1"', "not a known value"),
        ("on", '"contact.changed.v1"', "not a known value"),
        ("on", '"person.state.v1"', "not a known value"),
        ("still_true", '"probably"', "not a known value"),
        ("still_true", None, "Missing data"),
        ("still_true", '"session_ahead"', "only a reminder"),
        ("calendar", '"series"', "membership.ended.v1 has no place"),
        ("answers", '["accept"]', "membership.ended.v1 has no place"),
        ("only_if", '{ colour = "red" }', "'colour' is no condition"),
        ("only_if", '{ source = "self" }', "membership.ended.v1 has no source"),
        ("only_if", '{ kind = "runs" }', "'runs' is no kind that gets mail"),
        ("only_if", '{ kind = "throne" }', "'throne' is no kind that gets mail"),
        ("only_if", '{ kind = ["seat", "throne"] }', "'throne' is no kind that gets mail"),
        ("preheader", '"A word about your group"', "gives too much away (group)"),
        ("resend_when_unsure", '"perhaps"', "Not a valid boolean"),
        ("wish", "1", "Unknown field"),
    ],
)
def test_a_bad_field_is_refused_by_file_entry_field_and_cure(folder, field, value, said):
    found = mistakes(add(folder, **{field: value}))["extra", field]
    assert said in found.reason
    assert found.file == "notifications.toml"
    assert found.cure


@pytest.mark.parametrize(
    ("on", "changed", "said", "cure"),
    [
        ("referral.submitted.v1", {"only_if": '{ kind = "seat" }'}, "has no kind", "it has source"),
        ("waiting.started.v1", {"only_if": '{ reason = "met" }'}, "has no reason", "leave only_if out"),
        ("membership.taken.v1", {"only_if": '{ reason = "lapsed" }'}, "has no reason", "it has kind"),
        ("reminder", {"only_if": '{ source = "self" }'}, "has no source", "it has kind"),
        (
            "referral.submitted.v1",
            {"still_true": '"seat_taken"'},
            "has no membership",
            "it has person, referral, source, urgency, received",
        ),
    ],
)
def test_a_condition_that_its_event_lacks_is_refused_with_those_it_has(folder, on, changed, said, cure):
    found = mistakes(add(folder, on=f'"{on}"', **changed))["extra", *changed]
    assert found.reason == f"{on} {said}"
    assert found.cure == cure


@pytest.mark.parametrize(
    ("on", "only_if"),
    [
        ("membership.ended.v1", '{ kind = "seat", reason = "cancelled" }'),
        ("referral.withdrawn.v1", '{ source = "gp" }'),
        ("booking.cancelled.v1", '{ reason = "lapsed" }'),
        ("waiting.closed.v1", '{ reason = "withdrawn" }'),
        ("membership.paused.v1", '{ kind = "booking" }'),
        ("membership.ended.v1", '{ kind = ["seat", "staff"], reason = ["cancelled", "left"] }'),
    ],
)
def test_whatever_its_event_has_may_be_a_condition(folder, on, only_if):
    assert load(add(folder, on=f'"{on}"', only_if=only_if)).get("extra").on == on


def test_every_mistake_is_told_at_once(folder):
    add(folder, still_true='"probably"')
    (folder / "templates" / "offer" / "subject.txt").write_text("Your doctor has a place for you")
    (folder / "templates" / "seat-confirmed" / "body.html").unlink()
    assert set(mistakes(folder)) == {("extra", "still_true"), ("offer", "subject.txt"), ("seat-confirmed", "body.html")}


def test_a_template_that_uses_what_its_event_lacks_is_refused(folder):
    (folder / "templates" / "offer-expired" / "body.txt").write_text("{{ session.venue }}")
    assert "session" in mistakes(folder)["offer-expired", "template"].reason


@pytest.mark.parametrize(
    ("on", "has_one"), [("membership.offered.v1", True), ("membership.taken.v1", False), ("membership.ended.v1", False)]
)
def test_a_deadline_is_there_for_a_template_only_while_a_place_is_held(folder, on, has_one):
    add(folder, on=f'"{on}"')
    (folder / "templates" / "extra" / "body.txt").write_text("{{ place.deadline | day('Europe/London') }}")
    if has_one:
        assert load(folder).get("extra")
    else:
        assert "cannot be rendered" in mistakes(folder)["extra", "template"].reason


def test_a_subject_of_two_lines_is_refused(folder):
    (folder / "templates" / "offer" / "subject.txt").write_text("One\nTwo")
    assert "2 lines" in mistakes(folder)["offer", "template"].reason


def test_a_file_that_is_not_toml_is_refused_with_its_name(folder):
    (folder / "notifications.toml").write_text("[offer")
    assert mistakes(folder)["-", "-"].file == "notifications.toml"


def test_a_message_may_hang_on_every_event_of_a_persons_way(folder):
    told = mistakes(add(folder, on='"nothing"'))["extra", "on"]
    for name in EVENTS:
        assert (f" {name}" in told.cure) is (name.partition(".")[0] in SUBJECTS)


@pytest.mark.parametrize("code", CODES)
def test_no_shipped_body_says_more_than_it_must(code):
    entry = load(DATA).get(code)
    rendered = Templates(DATA).render(code, samples.context(entry))
    assert telling_words(f"{rendered.subject} {rendered.preheader} {rendered.text}") == ()
    assert "Dr" not in rendered.text.split()
