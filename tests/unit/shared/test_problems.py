import json

import pytest
from marshmallow import Schema, ValidationError, fields

from shared.errors import Misconfigured
from shared.validation.problems import BadData, FieldProblem, Mistake, Refused, from_messages, problems_in
from shared.web.problems import Problem, answer, invalid


def rows(messages):
    return [(problem.field, problem.reason, problem.cure) for problem in from_messages(messages)]


def test_a_problem_is_told_as_rfc_9457_with_field_reason_and_cure():
    response = answer(Problem(422, "invalid-request", "No", "grade: unknown", [FieldProblem("grade", "unknown", "use one of gp")]))
    assert (response.status_code, response.mimetype) == (422, "application/problem+json")
    assert json.loads(response.data) == {
        "type": "https://circlework.example/problems/invalid-request",
        "title": "No",
        "status": 422,
        "detail": "grade: unknown",
        "problems": [{"field": "grade", "reason": "unknown", "cure": "use one of gp"}],
    }


def test_a_problem_of_no_field_has_an_empty_list_and_not_none():
    body = json.loads(answer(Problem(404, "no-such-referral", "No such referral")).data)
    assert (body["problems"], body["detail"]) == ([], "")


@pytest.mark.parametrize(
    ("status", "header", "value"), [(401, "WWW-Authenticate", "Bearer"), (503, "Retry-After", "2"), (422, "Retry-After", None)]
)
def test_whoever_may_try_again_is_told_how(status, header, value):
    assert answer(Problem(status, "x", "X")).headers.get(header) == value


def test_an_invalid_request_names_every_field_in_one_line():
    problem = invalid([FieldProblem("a", "missing", "add it"), FieldProblem("b.0", "empty", "fill it")])
    assert (problem.status, problem.type) == (422, "invalid-request")
    assert problem.detail == "a: missing; b.0: empty"
    assert [row["field"] for row in problem.body()["problems"]] == ["a", "b.0"]


def test_the_line_of_a_request_with_a_thousand_faults_stays_a_line_and_the_faults_are_all_there():
    problem = invalid(FieldProblem(f"f{number}", "missing", "add it") for number in range(1000))
    assert len(problem.detail) == 500
    assert len(problem.body()["problems"]) == 1000


def test_the_path_of_a_field_is_dotted():
    assert rows({"person": {"email": ["bad; do this"]}, "availability": {0: {"from": ["bad; do that"]}}}) == [
        ("person.email", "bad", "do this"),
        ("availability.0.from", "bad", "do that"),
    ]


def test_what_is_wrong_with_a_part_as_a_whole_is_named_by_the_part():
    assert rows({"consent": {"_schema": ["bad; do this"]}}) == [("consent", "bad", "do this")]
    assert rows({"_schema": ["bad; do this"]}) == [("body", "bad", "do this")]


def test_a_field_with_two_faults_is_named_twice():
    assert rows({"a": ["one; x", "two; y"]}) == [("a", "one", "x"), ("a", "two", "y")]


def test_a_single_message_is_a_fault_too():
    assert rows("bad; do this") == [("body", "bad", "do this")]
    assert rows({"a": "bad; do this"}) == [("a", "bad", "do this")]


def test_a_cure_may_hold_a_semicolon_itself():
    assert rows({"a": ["bad; do this; then that"]}) == [("a", "bad", "do this; then that")]


class Anything(Schema):
    text = fields.String(required=True)
    number = fields.Integer()
    several = fields.List(fields.String())
    part = fields.Nested(lambda: Anything(only=("text",)))


@pytest.mark.parametrize(
    ("body", "field", "cure"),
    [
        ({}, "text", "add this field"),
        ({"text": "a", "colour": 1}, "colour", "remove it, or correct its spelling"),
        ({"text": None}, "text", "give a value, or leave the field out"),
        ({"text": 7}, "text", "send a JSON string"),
        ({"text": "a", "number": "x"}, "number", "send a whole number"),
        ({"text": "a", "several": "x"}, "several", "send a JSON list"),
        ({"text": "a", "part": "x"}, "part", "send a JSON object"),
        ([], "body", "send a JSON object"),
    ],
)
def test_what_marshmallow_itself_refuses_has_a_cure(body, field, cure):
    with pytest.raises(ValidationError) as refused:
        Anything().load(body)
    (problem,) = problems_in(refused.value)
    assert (problem.field, problem.cure) == (field, cure)
    assert not problem.reason.endswith(".")


def test_a_reason_that_nobody_thought_of_points_to_the_documentation():
    assert rows({"a": ["Strange."]}) == [("a", "Strange", "see /docs for the allowed values")]


def test_a_mistake_in_a_data_file_is_the_same_problem_with_where_it_stands():
    mistake = Mistake("capacity.least", "out of range", "a group has 6 to 60 places", "peer-circle.toml", "peer-circle")
    assert str(mistake) == "peer-circle.toml: peer-circle: capacity.least: out of range; a group has 6 to 60 places"
    assert isinstance(mistake, FieldProblem)


def test_bad_data_stops_the_process_and_names_every_mistake_one_a_line():
    mistakes = [Mistake("a", "bad", "mend it", "x.toml", "one"), Mistake("b", "missing", "add it", "x.toml", "two")]
    bad = BadData(mistakes)
    assert isinstance(bad, Misconfigured)
    assert str(bad).splitlines() == ["x.toml: one: a: bad; mend it", "x.toml: two: b: missing; add it"]
    assert bad.mistakes == tuple(mistakes)


def test_what_is_refused_names_each_field_and_why():
    refused = Refused([FieldProblem("wishes.0", "unknown", "use one of analytic"), FieldProblem("hub", "missing", "add it")])
    assert str(refused) == "wishes.0: unknown; hub: missing"
    assert [problem.cure for problem in refused.problems] == ["use one of analytic", "add it"]
