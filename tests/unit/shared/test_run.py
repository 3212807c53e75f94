"""How a route reaches its use case, and what an Idempotency-Key does round it."""

from dataclasses import dataclass
from itertools import count

import pytest
from flask import jsonify, request
from flask_smorest import Blueprint

from shared.errors import ChangedSinceRead, Retryable, Stale, expect
from shared.store.unit import Unit
from shared.store.use_cases import TwoSteps
from shared.validation.problems import FieldProblem, Refused
from shared.web.access import roles
from shared.web.run import read, run, run_each, run_one
from shared.web.versions import if_match
from support.fake_store import FakeStore
from support.small_app import key, small_app


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class NoteWork:
    unit: Unit

    def write(self, text: str) -> str:
        number = len(self.unit.db["effects"].rows)
        self.unit.db["effects"].insert_one({"_id": f"{self.unit.hub}: {text} {number}"})
        return f"{text} {number}"


class NotNow(Exception):
    """The example of what a domain refuses."""


def note(command: Note, work: NoteWork) -> str:
    expect(3, command.version)
    done = work.write(command.text)
    if command.text == "refused":
        raise Refused([FieldProblem("text", "not a note", "write another")])
    if command.text == "broken":
        raise ZeroDivisionError
    if command.text == "away":
        raise Retryable("away")
    return done


def listed(_query: Note, work: NoteWork) -> list[str]:
    assert work.unit.session is None
    return [row for row in work.unit.db["effects"].rows if row.startswith(work.unit.hub)]


class Service:
    """The app, and how often something was prepared."""

    def __init__(self):
        self.store, self.prepared = FakeStore(), count()
        blueprint = Blueprint("notes", __name__)
        self.refuses = False

        def prepare(command: Note, work: NoteWork) -> int:
            assert work.unit.session is None
            if self.refuses:
                raise NotNow("it has a note already")
            return next(self.prepared)

        def decide(command: Note, prepared: int, work: NoteWork) -> str:
            return f"{work.write(command.text)}, prepared {prepared}"

        two_steps = TwoSteps(prepare, decide)

        @blueprint.post("/notes")
        def write():
            return jsonify(run(note, Note(request.json["text"], if_match()), lambda done: {"done": done}))

        @blueprint.post("/sealed-notes")
        def write_sealed():
            return jsonify(run(two_steps, Note(request.json["text"]), lambda done: {"done": done}))

        @blueprint.post("/many-notes")
        def write_many():
            return jsonify(run_each(lambda: {"done": [run_one(note, Note(text)) for text in request.json["texts"]]}))

        @blueprint.get("/notes")
        def all_notes():
            return jsonify(items=read(listed, Note("")))

        routes = [("POST", "/notes"), ("POST", "/sealed-notes"), ("POST", "/many-notes"), ("GET", "/notes")]
        access = {route: roles("coordinator", "intake") for route in routes}
        meanings = {NotNow: (409, "not-now", "That is not possible now")}
        app = small_app([blueprint], access, store=self.store, works={NoteWork: NoteWork}, meanings=meanings)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        self.client = app.test_client()

    def post(self, path, body, *, role="coordinator", hub="london", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, json=body, headers=key(role, hub) | named)

    @property
    def effects(self):
        return list(self.store.db["effects"].rows)


@pytest.fixture
def service():
    return Service()


def test_the_command_goes_in_and_the_view_of_what_came_of_it_goes_out(service):
    assert service.post("/notes", {"text": "one"}).json == {"done": "one 0"}
    assert service.effects == ["london: one 0"]


def test_a_use_case_acts_for_the_hub_of_who_asks(service):
    service.post("/notes", {"text": "one"}, hub="wales")
    assert service.effects == ["wales: one 0"]
    assert service.client.get("/notes", headers=key("coordinator")).json == {"items": []}
    assert service.client.get("/notes", headers=key("coordinator", "wales")).json == {"items": ["wales: one 0"]}


EACH = [("/notes", {"text": "one"}), ("/sealed-notes", {"text": "one"}), ("/many-notes", {"texts": ["one", "two"]})]
every_way = pytest.mark.parametrize(("path", "body"), EACH, ids=[path for path, _ in EACH])


@every_way
def test_without_a_key_the_same_request_twice_has_two_effects(service, path, body):
    first, second = service.post(path, body), service.post(path, body)
    assert first.json != second.json
    assert len(service.effects) == 2 * len(body.get("texts", [1]))


@every_way
def test_with_a_key_the_same_request_has_one_effect_and_one_answer(service, path, body):
    answers = [service.post(path, body, Idempotency_Key="k") for _ in range(3)]
    assert answers[0].json == answers[1].json == answers[2].json
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len(service.effects) == len(body.get("texts", [1]))


@every_way
def test_a_key_with_another_request_is_refused(service, path, body):
    service.post(path, body, Idempotency_Key="k")
    answer = service.post(path, {name: ["other"] if name == "texts" else "other" for name in body}, Idempotency_Key="k")
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")
    assert len(service.effects) == len(body.get("texts", [1]))


@pytest.mark.parametrize("other", [{"hub": "wales"}, {"role": "intake"}])
def test_the_same_key_of_somebody_else_is_another_key(service, other):
    service.post("/notes", {"text": "one"}, Idempotency_Key="k")
    service.post("/notes", {"text": "one"}, Idempotency_Key="k", **other)
    assert len(service.effects) == 2


def test_the_same_key_at_another_route_is_another_key(service):
    service.post("/notes", {"text": "one"}, Idempotency_Key="k")
    service.post("/sealed-notes", {"text": "one"}, Idempotency_Key="k")
    assert len(service.effects) == 2


def test_a_key_is_not_kept_in_the_clear_for_it_may_be_made_of_a_name(service):
    service.post("/notes", {"text": "one"}, Idempotency_Key="dr-jane-doe")
    (row,) = service.store.db["idempotency"].rows.values()
    assert "jane" not in repr(row)


@pytest.mark.parametrize("wrong", ["", "x" * 201, "tab\tbed"])
@every_way
def test_a_key_that_is_none_is_refused_by_its_name(service, path, body, wrong):
    answer = service.post(path, body, Idempotency_Key=wrong)
    assert answer.status_code == 422
    assert answer.json["problems"][0]["field"] == "Idempotency-Key"
    assert service.effects == []


def test_what_was_refused_is_not_remembered_and_may_be_sent_again(service):
    assert service.post("/notes", {"text": "away"}, Idempotency_Key="k").status_code == 503
    assert service.store.db["idempotency"].rows == {}
    assert service.effects == []


def test_an_answered_request_is_answered_again_though_it_would_be_refused_by_now(service):
    first = service.post("/sealed-notes", {"text": "one"}, Idempotency_Key="k")
    service.refuses = True
    assert service.post("/sealed-notes", {"text": "two"}).status_code == 409
    assert service.post("/sealed-notes", {"text": "one"}, Idempotency_Key="k").json == first.json
    assert next(service.prepared) == 1, "nothing was prepared for the second"


def test_the_same_request_sent_twice_at_once_has_one_effect(service, monkeypatch):
    """The second finds the key only when it writes: it is stale, reads again, and answers as the first did."""
    from shared.store import idempotency  # noqa: PLC0415

    seen, recall = count(), idempotency.recall
    service.post("/notes", {"text": "one"}, Idempotency_Key="k")
    monkeypatch.setattr(idempotency, "recall", lambda unit, asked: recall(unit, asked) if next(seen) else None)
    assert service.post("/notes", {"text": "one"}, Idempotency_Key="k").json == {"done": "one 0"}
    assert service.effects == ["london: one 0"]


def test_who_read_an_older_version_is_refused_with_412(service):
    answer = service.post("/notes", {"text": "one"}, If_Match='"2"')
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (412, "stale")
    assert answer.json["detail"] == "fetch it again, check what has changed, then send the new ETag"
    assert service.post("/notes", {"text": "one"}, If_Match='"3"').status_code == 200


def test_expect_refuses_every_version_but_the_one_read():
    assert expect(3, None) is expect(3, {3}) is expect(3, {2, 3}) is None
    for others in ({2}, set()):
        with pytest.raises(ChangedSinceRead):
            expect(3, others)


@pytest.mark.parametrize(
    ("text", "status", "slug"), [("refused", 422, "invalid-request"), ("broken", 500, "internal-error"), ("away", 503, "try-again")]
)
def test_whatever_goes_wrong_is_told_in_one_shape_and_nothing_is_kept(service, text, status, slug):
    answer = service.post("/notes", {"text": text})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert set(answer.json) == {"type", "title", "status", "detail", "problems"}
    assert answer.json["type"] == f"https://circlework.example/problems/{slug}"
    assert service.effects == []


def test_what_a_use_case_refuses_names_the_field_the_reason_and_the_cure(service):
    assert service.post("/notes", {"text": "refused"}).json["problems"] == [
        {"field": "text", "reason": "not a note", "cure": "write another"}
    ]


def test_what_is_wrong_on_our_side_is_not_told_in_our_words(service):
    assert "Zero" not in service.post("/notes", {"text": "broken"}).text


def test_a_use_case_that_stays_stale_is_to_be_sent_again(service, monkeypatch):
    def never_fits(_command: Note, work: NoteWork) -> str:
        raise Stale("somebody was quicker")

    monkeypatch.setitem(globals(), "note", never_fits)
    assert service.post("/notes", {"text": "one"}).status_code == 503
