"""Who may ask what: the table of access fails closed."""

import pytest
from flask import jsonify
from flask_smorest import Blueprint

from shared.web.access import ANYBODY, AccessNotDeclared, cause, hub, known_hubs, principal, roles
from shared.web.principals import ROLES
from support.small_app import key, small_app

ACCESS = {
    ("GET", "/v1/groups"): roles("coordinator", "operator"),
    ("POST", "/v1/groups"): roles("coordinator"),
    ("GET", "/v1/groups/<group>"): roles("coordinator"),
    ("GET", "/v1/nobody"): roles(),
    ("GET", "/answer/<token>"): ANYBODY,
}


def blueprint():
    made = Blueprint("groups", __name__)
    made.get("/v1/groups")(lambda: jsonify(who=principal().key, hub=hub().code, hubs=sorted(known_hubs()), cause=cause().correlation))
    made.post("/v1/groups")(lambda: jsonify(made=True))
    made.get("/v1/groups/<group>")(lambda group: jsonify(group=group))
    made.get("/v1/nobody")(lambda: jsonify(secret=True))
    made.get("/answer/<token>")(lambda token: jsonify(token=token))
    return made


@pytest.fixture(scope="module")
def client():
    return small_app([blueprint()], ACCESS).test_client()


@pytest.mark.parametrize("route", ACCESS)
def test_an_app_with_a_route_that_the_table_lacks_is_refused_and_names_it(route):
    with pytest.raises(AccessNotDeclared) as refused:
        small_app([blueprint()], {known: allowed for known, allowed in ACCESS.items() if known != route})
    assert str(refused.value) == f"without an entry in the access table: {[route]}; without a route: []"


@pytest.mark.parametrize("route", [("DELETE", "/v1/groups"), ("GET", "/v1/groups/<id>"), ("GET", "/v2/groups"), ("HEAD", "/v1/groups")])
def test_an_app_with_an_entry_that_no_route_has_is_refused_and_names_it(route):
    with pytest.raises(AccessNotDeclared) as refused:
        small_app([blueprint()], ACCESS | {route: ANYBODY})
    assert str(refused.value) == f"without an entry in the access table: []; without a route: {[route]}"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "rule"), list(ACCESS))
def test_a_role_may_do_what_the_table_gives_it_and_nothing_else(client, role, method, rule):
    answer = client.open(rule.replace("<group>", "G-1").replace("<token>", "t"), method=method, headers=key(role))
    allowed = ACCESS[method, rule]
    assert answer.status_code == (200 if role in allowed or allowed == ANYBODY else 403)


def test_whose_role_may_not_is_told_which_may(client):
    answer = client.get("/v1/groups", headers=key("intake"))
    assert answer.json["type"].endswith("/not-your-role")
    assert answer.json["detail"] == "it needs one of these roles: coordinator, operator"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "coordinator-of-london"},
        {"Authorization": "Basic coordinator-of-london"},
        {"Authorization": "Bearer coordinator-of-paris"},
        {"Authorization": "Bearer coordinator-of-london x"},
        {"X-Api-Key": "coordinator-of-london"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/groups", "/v1/groups/G-1", "/v1/nobody"])
def test_without_a_key_that_is_known_nothing_is_answered(client, path, sent):
    answer = client.get(path, headers=sent)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json["type"].endswith("/unknown-key")


def test_a_scheme_is_taken_in_whatever_case(client):
    assert client.get("/v1/groups", headers={"Authorization": "bearer coordinator-of-london"}).status_code == 200


def test_a_key_of_a_hub_that_is_not_served_here_is_told_so(client):
    answer = client.get("/v1/groups", headers=key("coordinator", "leeds"))
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (403, "hub-not-served-here")


@pytest.mark.parametrize("path", ["/answer/t", "/livez", "/readyz", "/metrics", "/openapi.json"])
@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer nobody"}, key("coordinator", "leeds")])
def test_what_anybody_may_ask_needs_no_key_and_minds_none(client, path, sent):
    assert client.get(path, headers=sent).status_code == 200


def test_head_is_allowed_to_whom_get_is(client):
    assert client.head("/v1/groups").status_code == 401
    assert client.head("/v1/groups", headers=key("intake")).status_code == 403
    assert client.head("/v1/groups", headers=key("operator")).status_code == 200


def test_head_is_no_way_round_the_table_for_a_route_that_only_writes():
    writes = Blueprint("writes", __name__)
    writes.post("/v1/only")(lambda: jsonify(made=True))
    client = small_app([writes], {("POST", "/v1/only"): roles("coordinator")}).test_client()
    assert client.head("/v1/only", headers=key("coordinator")).status_code == 405
    assert client.options("/v1/only").status_code == 401


def test_what_does_not_exist_is_404_and_the_wrong_method_405_before_any_key_is_asked_for(client):
    assert client.get("/v1/nowhere").status_code == 404
    assert client.delete("/v1/groups").status_code == 405


def test_a_route_knows_who_asks_for_which_hub_and_what_the_request_begins(client):
    answer = client.get("/v1/groups", headers=key("operator", "wales")).json
    assert (answer["who"], answer["hub"], answer["hubs"]) == ("wales-operator", "wales", ["london", "wales"])
    assert answer["cause"].startswith("Q-")
