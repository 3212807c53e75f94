"""What staff may read of messages, by role: whoever knows the person does not learn the group."""

import hashlib
import json
from datetime import timedelta

import pytest
from unit.notifications.fakes import FIRST, World
from unit.notifications.test_sending import Mails

from notifications.adapters.links import SignedLinks
from notifications.api.access import ACCESS
from notifications.api.messages import blueprint
from notifications.application.sending import Outcome
from notifications.domain.messages import STATES
from notifications.domain.wording import FILTERS
from notifications.pages.answers import answer_pages
from notifications.web import MEANINGS
from shared.contracts import referral
from shared.web.app import AppConfig, make_app
from shared.web.pages.kit import Pages
from shared.web.principals import ROLES, Keyring

FULL, NARROW = ("coordinator", "operator"), ("intake", "clinician")
FIELDS = {
    "message",
    "participant",
    "template",
    "cause",
    "state",
    "reason",
    "tries",
    "planned_at",
    "due",
    "submitted_at",
    "settled_at",
}


@pytest.fixture
def world():
    world = World()
    world.hear(referral.ContactChanged(person="P-1", sealed="c2VhbGVk"))
    return world


@pytest.fixture
def get(world, tmp_path):
    rows = [
        {"id": f"{hub}-{role}", "sha256": hashlib.sha256(f"{hub}-{role}".encode()).hexdigest(), "hub": hub, "role": role}
        for hub in world.hubs
        for role in ROLES
    ]
    (tmp_path / "keys.json").write_text(json.dumps(rows))
    config = AppConfig(
        name="notifications",
        hubs=world.hubs,
        keyring=Keyring.read(tmp_path / "keys.json"),
        health=None,
        blueprints=[blueprint],
        meanings=MEANINGS,
        gauges=None,
        access=ACCESS,
        use_cases=world.use_cases,
        pages=Pages("notifications.pages", [answer_pages()], FILTERS),
        extensions={"links": SignedLinks(b"l" * 32)},
    )
    client = make_app(config).test_client()

    def get(path, role="coordinator", hub="leeds"):
        return client.get(f"/v1/messages{path}", headers={"Authorization": f"Bearer {hub}-{role}"})

    return get


def items(answer):
    assert answer.status_code == 200, answer.text
    return answer.json["items"]


@pytest.mark.parametrize("role", FULL)
def test_coordinators_and_operators_see_template_cause_state_times_and_reason_and_no_address(world, get, role):
    event = world.offered()
    world.send(Mails(), Outcome("rejected", "SMTP 550"))
    (row,) = items(get("", role))
    assert row.keys() == FIELDS
    assert (row["participant"], row["template"], row["state"], row["reason"]) == ("P-1", "offer", "rejected", "SMTP 550")
    assert row["cause"] == {"event": event, "type": "membership.offered.v1"}
    assert get(f"/{row['message']}", role).json == row
    told = json.dumps(row)
    assert not any(secret in told for secret in ("home.example", "Sam", "Weekly", "S-1", "Larch", "2027-01-12"))


@pytest.mark.parametrize("role", NARROW)
def test_who_knows_the_person_sees_one_row_with_one_word_and_nothing_else(world, get, role):
    world.offered()
    world.send(Mails())
    world.taken()
    world.send(Mails(), Outcome("rejected", "SMTP 550"))
    assert get("", role).json == {"items": [{"participant": "P-1", "state": "rejected"}], "next": None}


@pytest.mark.parametrize("role", NARROW)
def test_who_knows_the_person_cannot_tell_from_a_reminder_when_a_group_meets(world, get, role):
    world.taken()
    world.send(Mails(), Outcome("rejected", "SMTP 550"))
    before = get("", role).json
    world.now = FIRST - timedelta(hours=24)
    world.send(Mails())
    assert world.message("session-reminder").state == "accepted"
    assert get("", role).json == before


@pytest.mark.parametrize("role", NARROW)
@pytest.mark.parametrize("which", ["theirs", "none"])
def test_a_single_message_is_not_for_who_knows_the_person(world, get, role, which):
    world.offered()
    answer = get(f"/{world.message('offer').id if which == 'theirs' else 'M-none'}", role)
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (403, "not-your-role")


@pytest.mark.parametrize("role", ["facilitator", "auditor"])
@pytest.mark.parametrize("path", ["", "/M-1"])
def test_other_roles_see_no_messages(get, role, path):
    assert get(path, role).status_code == 403


def test_another_hubs_messages_are_as_those_that_are_not_there(world, get):
    world.offered()
    identity = world.message("offer").id
    assert [items(get("", role, "york")) for role in (*FULL, *NARROW)] == [[]] * 4
    away, missing = get(f"/{identity}", hub="york"), get("/M-none", hub="york")
    assert (away.status_code, missing.status_code) == (404, 404)
    assert away.json["type"] == missing.json["type"]


@pytest.mark.parametrize("role", NARROW)
def test_who_knows_the_person_cannot_tell_a_message_that_arrived_from_none(world, get, role):
    world.offered()
    assert items(get("", role)) == []
    world.send(Mails())
    assert items(get("", role)) == items(get("?state=accepted", role)) == items(get("?participant=P-1", role)) == []


@pytest.mark.parametrize("role", NARROW)
@pytest.mark.parametrize(("outcome", "state"), [("rejected", "rejected"), ("unsure", "ambiguous")])
def test_who_knows_the_person_finds_whom_a_message_did_not_reach_until_one_does(world, get, role, outcome, state):
    world.offered()
    world.send(Mails(), Outcome(outcome, "SMTP 550"))
    world.offered(person="P-2", membership="S-2")
    assert items(get("", role)) == items(get(f"?state={state}&participant=P-1", role)) == [{"participant": "P-1", "state": state}]
    assert items(get("?participant=P-2", role)) == []
    world.taken()
    world.send(Mails())
    assert items(get("", role)) == []


@pytest.mark.parametrize("role", FULL)
def test_lists_are_chosen_by_participant_and_by_state(world, get, role):
    world.hear(referral.ContactChanged(person="P-2", sealed="c2VhbGVk"))
    world.offered()
    world.send(Mails())
    world.offered(person="P-2", membership="S-2")
    assert [row["participant"] for row in items(get("?participant=P-2", role))] == ["P-2"]
    assert [row["participant"] for row in items(get("?state=accepted", role))] == ["P-1"]
    assert items(get("?participant=P-2&state=accepted", role)) == []
    assert items(get("?participant=P-9", role)) == []


@pytest.mark.parametrize("role", [*FULL, *NARROW])
def test_a_long_list_comes_in_pages(world, get, role):
    for number in range(5):
        world.hear(referral.ContactChanged(person=f"P-{number}", sealed="c2VhbGVk"))
        world.offered(person=f"P-{number}", membership=f"S-{number}")
        world.send(Mails(), Outcome("rejected", "SMTP 550"))
    seen, path = [], "?limit=2"
    while path:
        answer = get(path, role).json
        seen += [row["participant"] for row in answer["items"]]
        path = f"?limit=2&cursor={answer['next']}" if answer["next"] else ""
    assert sorted(seen) == [f"P-{number}" for number in range(5)]


@pytest.mark.parametrize("query", ["?state=lost", "?limit=0", "?limit=201", "?colour=red", f"?participant={'P' * 41}"])
@pytest.mark.parametrize("role", ["coordinator", "intake"])
def test_a_question_that_makes_no_sense_is_refused_with_the_field(get, query, role):
    answer = get(query, role)
    assert answer.status_code == 422
    assert all(problem["field"] and problem["reason"] and problem["cure"] for problem in answer.json["problems"])


@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_asked_for(get, state):
    assert items(get(f"?state={state}")) == []


@pytest.mark.parametrize("role", NARROW)
def test_somebody_erased_is_in_no_list_of_who_was_not_reached(world, get, role):
    world.offered()
    world.send(Mails(), Outcome("rejected", "SMTP 550"))
    assert items(get("", role))
    world.hear(referral.ParticipantErased(person="P-1"))
    assert items(get("", role)) == []
