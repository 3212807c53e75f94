"""The routes, over the app itself: roles, ETags, idempotency keys, refusals, and the import of a file."""

import hashlib
import io
from copy import deepcopy

import openpyxl
import pytest
from unit.referral import fakes
from unit.referral.samples import scheduling_says
from unit.referral.test_schemas import REFERRAL

from referral.api.access import ACCESS
from referral.api.tables import XLSX
from referral.domain.staff import EVERY_HUB, Listed, StaffList
from referral.domain.values import Registration
from referral.web import BLUEPRINTS, MEANINGS
from shared.process.health import Gauges, Health
from shared.process.hubs import Hub
from shared.store.vault import Erased
from shared.web.access import AccessNotDeclared
from shared.web.app import AppConfig, make_app
from shared.web.principals import ROLES, Keyring, Principal

HUBS = {code: Hub(code, code.title(), "ENG", "Europe/London", "020", "hub@post.example") for code in ("london", "north-west")}
KEYS = {role: Principal(f"key-{role}", f"Somebody in {role}", frozenset({"london"}), frozenset({role})) for role in ROLES}
KEYS["theirs"] = Principal("key-theirs", "Elsewhere", frozenset({"north-west"}), frozenset({"clinician"}))
HASHED = {hashlib.sha256(name.encode()).hexdigest(): principal for name, principal in KEYS.items()}
COLUMNS = "source,person.name,person.email,wishes.modalities,person.birth_date,facts.profession,consent.given_at,consent.to"


@pytest.fixture
def hub():
    return fakes.Hub()


STAFF = StaffList(
    {
        each.code: each
        for each in (
            Listed("lee", "Dr Lee", Registration("GMC", "0000003"), (EVERY_HUB,)),
            Listed("london-only", "Dr Wu", Registration("GMC", "0000004"), ("london",)),
            Listed("away", "Dr Ho", Registration("GMC", "0000005"), ("north-west",)),
        )
    }
)
STAFFED = {"extensions": {"staff_list": STAFF}}


def config(hub, access=ACCESS):
    health = Health(hub, "", ())
    return AppConfig("referral", HUBS, Keyring(HASHED), health, BLUEPRINTS, MEANINGS, Gauges(health), access, hub.use_cases, **STAFFED)


@pytest.fixture
def ask(hub):
    client = make_app(config(hub)).test_client()

    def send(method, path, role="clinician", body=None, headers=None, **options):
        asked = {"Authorization": f"Bearer {role}"} | (headers or {})
        return client.open(f"/v1{path}", method=method, headers=asked, json=body, **options)

    return send


def a_body(number=0, **person):
    body = deepcopy(REFERRAL)
    body["person"]["registration"]["number"] = f"{number:07d}"
    body["person"] |= person
    return body


def refer(ask, number=0, **person):
    answer = ask("POST", "/referrals", "intake", a_body(number, **person))
    assert answer.status_code == 201, answer.text
    return answer.json["referral"]


def refused(answer, status, slug):
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (status, slug), answer.text
    return answer.json


def test_every_route_has_its_roles_and_an_app_that_lacks_one_is_not_made(hub):
    make_app(config(hub))
    for route in ACCESS:
        with pytest.raises(AccessNotDeclared):
            make_app(config(hub, {one: allowed for one, allowed in ACCESS.items() if one != route}))


@pytest.mark.parametrize("route", ACCESS, ids=" ".join)
@pytest.mark.parametrize("role", ROLES)
def test_each_route_is_for_its_roles_alone(ask, route, role):
    method, path = route
    answer = ask(method, path.removeprefix("/v1").replace("<referral>", "R-404"), role)
    assert (answer.status_code == 403) == (role not in ACCESS[route])


def test_a_coordinator_neither_submits_nor_sees_the_person():
    submitting = [ACCESS["POST", path] for path in ("/v1/referrals", "/v1/referrals/import")]
    assert submitting == [{"intake", "clinician"}] * 2


def test_a_referral_is_submitted_with_a_warning_where_there_is_one(ask):
    answer = ask("POST", "/referrals", "intake", a_body())
    assert (answer.status_code, answer.json) == (201, {"referral": "R-2", "participant": "P-1", "status": "submitted", "warnings": []})
    warned = ask("POST", "/referrals", "intake", a_body(1, email="sam@nhs.net"))
    assert [warning["field"] for warning in warned.json["warnings"]] == ["person.email"]


def test_whoever_is_referred_already_is_named_by_that_referral(ask):
    first = refer(ask)
    assert first in refused(ask("POST", "/referrals", "intake", a_body()), 409, "already-referred")["detail"]


@pytest.mark.parametrize(
    ("path", "value", "slug"),
    [
        ("person.email", "sam", "invalid-request"),
        ("person.birth_date", "2999-01-01", "invalid-request"),
        ("wishes.modalities", ["yoga"], "unknown-wish"),
    ],
)
def test_what_is_wrong_is_named_by_field_reason_and_cure_and_nothing_is_kept(hub, ask, path, value, slug):
    body = a_body()
    part, _, name = path.partition(".")
    body[part][name] = value
    (problem,) = refused(ask("POST", "/referrals", "intake", body), 422, slug)["problems"]
    assert problem["field"].startswith(path)
    assert problem["reason"]
    assert problem["cure"]
    assert not hub.referrals.rows


def test_before_the_catalogue_has_arrived_one_is_told_to_try_again(hub, ask):
    hub.modalities.rows.clear()
    refused(ask("POST", "/referrals", "intake", a_body()), 503, "catalogue-not-here")


def test_the_same_key_gives_the_same_answer_and_refuses_another_body(hub, ask):
    key = {"Idempotency-Key": "k-1"}
    first, again = (ask("POST", "/referrals", "intake", a_body(), key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    refused(ask("POST", "/referrals", "intake", a_body(1), key), 422, "idempotency-key-reused")
    assert len(hub.referrals.rows) == 1


@pytest.mark.parametrize(
    ("step", "body"),
    [("accept", None), ("return", {"question": "Which grade?"}), ("decline", {"reason": "not_eligible"}), ("withdraw", {})],
)
def test_a_decision_sent_again_with_its_key_gets_the_same_answer(hub, ask, step, body):
    path, key = f"/referrals/{refer(ask)}/{step}", {"Idempotency-Key": "k-1"}
    first, again = (ask("POST", path, body=body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert len(hub.said_of("P-1")) == (3 if step == "accept" else 2)


def test_an_accepted_referral_is_answered_with_its_new_status_and_who_decided_is_kept(hub, ask):
    referral = refer(ask)
    answer = ask("POST", f"/referrals/{referral}/accept")
    assert (answer.status_code, answer.json["status"], answer.json["referral"]) == (200, "accepted", referral)
    assert set(answer.json) == {"referral", "participant", "status", "source", "urgency", "submitted_at", "changed_at"}
    assert hub.referrals.rows[referral].decided_by == "Somebody in clinician"
    refused(ask("POST", f"/referrals/{referral}/accept"), 409, "not-now")


def test_a_declined_referral_is_answered_with_its_signposts(ask):
    path = f"/referrals/{refer(ask)}/decline"
    refused(ask("POST", path, body={"reason": "dunno"}), 422, "unknown-reason")
    answer = ask("POST", path, body={"reason": "not_eligible"}).json
    assert (answer["status"], answer["reason"], answer["signposts"][0]["name"]) == ("declined", "not_eligible", "Samaritans")


def test_a_referral_is_withdrawn_without_a_body(ask):
    assert ask("POST", f"/referrals/{refer(ask)}/withdraw", "coordinator").json["status"] == "withdrawn"


def test_a_decision_on_what_has_changed_since_it_was_read_is_refused(ask):
    path = f"/referrals/{refer(ask)}"
    read = ask("GET", path).headers["ETag"]
    ask("POST", f"{path}/return", body={"question": "Which post?"})
    refused(ask("POST", f"{path}/accept", headers={"If-Match": read}), 412, "stale")
    fresh = ask("GET", path).headers["ETag"]
    assert ask("POST", f"{path}/accept", headers={"If-Match": fresh}).status_code == 200


@pytest.mark.parametrize("stands", ["waiting", "offered", "placed", "nothing"])
def test_without_consent_neither_etag_nor_if_match_tells_how_far_it_has_come(hub, ask, stands):
    silent = a_body()
    silent["consent"]["to"] = ["referral"]
    path = f"/referrals/{ask('POST', '/referrals', 'intake', silent).json['referral']}"
    ask("POST", f"{path}/accept")
    before = ask("GET", path)
    scheduling_says(hub, before.json["referral"], stands)
    after = ask("GET", path)
    assert (after.headers["ETag"], after.json) == (before.headers["ETag"], before.json)
    withdrawn = ask("POST", f"{path}/withdraw", headers={"If-Match": before.headers["ETag"]})
    assert (withdrawn.status_code, withdrawn.json["status"]) == (200, "withdrawn")


@pytest.mark.parametrize("step", ["", "/accept", "/return", "/decline", "/withdraw"])
def test_another_hub_s_referral_is_as_one_that_is_not_there(ask, step):
    referral = refer(ask)
    body = {"/return": {"question": "?"}, "/decline": {"reason": "not_eligible"}}.get(step)
    method = "POST" if step else "GET"
    missing = ask(method, f"/referrals/R-404{step}", body=body)
    refused(missing, 404, "no-such-referral")
    assert referral not in missing.text


def test_lists_go_page_by_page_and_a_misspelt_filter_is_named(ask):
    made = [refer(ask, number, email=f"sam{number}@home.example") for number in range(3)]
    first = ask("GET", "/referrals?limit=2").json
    second = ask("GET", f"/referrals?limit=2&cursor={first['next']}").json
    assert [item["referral"] for item in (*first["items"], *second["items"])] == made
    assert second["next"] is None
    assert "participent" in refused(ask("GET", "/referrals?participent=P-1"), 422, "invalid-request")["problems"][0]["field"]


def test_a_person_who_was_erased_at_this_moment_is_gone(hub, ask):
    path = f"/referrals/{refer(ask)}"
    hub.vault.destroy_key("P-1")
    refused(ask("GET", path), 410, "erased")
    assert MEANINGS[Erased][0] == 410


def test_while_the_vault_is_away_one_is_told_to_try_again(hub, ask):
    hub.vault.is_away = True
    refused(ask("POST", "/referrals", "intake", a_body()), 503, "try-again")


def test_the_reasons_for_declining_are_listed(ask):
    assert [item["code"] for item in ask("GET", "/decline-reasons").json["items"]] == ["not_eligible"]


FACILITATOR = {"staff": "lee"}


@pytest.mark.parametrize("role", ["coordinator", "clinician", "operator"])
def test_only_intake_registers_facilitators(ask, role):
    """A coordinator could invent one who must never meet a doctor, and read from "why not" which pseudonym that is."""
    assert ask("POST", "/facilitators", role, FACILITATOR).status_code == 403


def test_a_facilitator_works_for_the_hub_that_registers_them_if_nobody_said_more(hub, ask):
    answer = ask("POST", "/facilitators", "intake", FACILITATOR)
    assert (answer.status_code, answer.json) == (201, {"facilitator": "F-1"})
    assert hub.staff.rows["F-1"].hubs == ("london",)
    again = ask("POST", "/facilitators", "intake", FACILITATOR | {"hubs": ["north-west", "london"]})
    assert (again.json, hub.staff.rows["F-1"].hubs) == ({"facilitator": "F-1"}, ("north-west", "london"))


def test_a_facilitator_is_somebody_on_the_hubs_list_however_their_registration_is_written(hub, ask):
    by_number = {"registration": {"body": "gmc", "number": "000 0003"}, "display_name": "Dr Lee-Ho"}
    assert ask("POST", "/facilitators", "intake", FACILITATOR).json == {"facilitator": "F-1"}
    assert hub.staff.rows["F-1"].display_name == "Dr Lee"
    assert ask("POST", "/facilitators", "intake", by_number).json == {"facilitator": "F-1"}
    assert hub.staff.rows["F-1"].display_name == "Dr Lee-Ho"


@pytest.mark.parametrize(
    ("picked", "field"),
    [
        ({"staff": "nobody"}, "staff"),
        ({"staff": "away"}, "staff"),
        ({"registration": {"body": "GMC", "number": "0000009"}}, "registration"),
        ({"registration": {"body": "GDC", "number": "000003"}}, "registration"),
        ({}, "staff"),
        ({"staff": "lee", "registration": {"body": "GMC", "number": "0000003"}}, "staff"),
    ],
)
def test_nobody_can_register_a_facilitator_who_is_not_on_the_hubs_list(hub, ask, picked, field):
    (problem,) = refused(ask("POST", "/facilitators", "intake", picked | {"display_name": "Dr No"}), 422, "invalid-request")["problems"]
    assert problem["field"] == field
    assert "GET /v1/staff" in problem["cure"] + problem["reason"]
    assert not hub.staff.rows


def test_a_facilitator_is_registered_for_hubs_that_list_them_only(hub, ask):
    answer = ask("POST", "/facilitators", "intake", {"staff": "london-only", "hubs": ["london", "north-west"]})
    assert refused(answer, 422, "invalid-request")["problems"][0]["reason"] == "north-west does not list them as staff"
    assert not hub.staff.rows


def test_intake_reads_the_list_of_the_hubs_staff_and_no_others(ask):
    listed = ask("GET", "/staff", "intake").json["items"]
    assert [(each["staff"], each["display_name"]) for each in listed] == [("lee", "Dr Lee"), ("london-only", "Dr Wu")]
    assert listed[0]["registration"] == {"body": "GMC", "number": "0000003"}
    assert {ask("GET", "/staff", role).status_code for role in ("coordinator", "clinician", "operator")} == {403}


@pytest.mark.parametrize(("hubs", "reason"), [(["atlantis"], "atlantis: unknown hub"), (["north-west"], "does not include your own hub")])
def test_a_facilitator_of_no_hub_or_another_only_is_refused(hub, ask, hubs, reason):
    answer = ask("POST", "/facilitators", "intake", FACILITATOR | {"hubs": hubs})
    assert refused(answer, 422, "invalid-request")["problems"][0]["reason"] == reason
    assert not hub.staff.rows


def upload(ask, *rows, headers=None):
    csv = "\n".join([COLUMNS, *rows])
    return ask("POST", "/referrals/import", "intake", headers={"Content-Type": "text/csv"} | (headers or {}), data=csv.encode())


def row(name, address="", wishes="analytic", born="", consent="2026-11-01T09:00:00Z"):
    return f"hub,{name} Ficta,{address or name.lower()}@post.example,{wishes},{born},doctor,{consent},referral"


def test_a_file_takes_good_rows_names_bad_ones_and_takes_nobody_twice(ask):
    rows = [row("Ann"), "hub,Bea,bea@,,,doctor,2026-11-01T09:00:00Z,referral", row("Again", "ann"), row("Ed", wishes="yoga")]
    rows += [row("Flo", born="2999-01-01"), row("Gus", consent="2999-01-01T00:00:00Z"), row("Hal")]
    report = upload(ask, *rows).json
    assert [(told["line"], told["outcome"]) for told in report["rows"]] == [
        (2, "taken"),
        (3, "refused"),
        (4, "already"),
        (5, "refused"),
        (6, "refused"),
        (7, "refused"),
        (8, "taken"),
    ]
    assert (report["taken"], report["already"], report["refused"]) == (2, 1, 4)
    assert report["rows"][2]["referral"] == report["rows"][0]["referral"]
    columns = [told["problems"][0]["column"] for told in report["rows"] if told["outcome"] == "refused"]
    assert columns == ["person.email", "wishes.modalities", "person.birth_date", "consent.given_at"]
    again = upload(ask, *rows).json
    assert (again["taken"], again["already"]) == (0, 3)


def test_a_file_warns_of_employers_addresses(ask):
    report = upload(ask, "hub,Ann Ficta,ann@nhs.net,analytic,,doctor,2026-11-01T09:00:00Z,referral").json
    assert report["rows"][0]["warnings"][0]["column"] == "person.email"


def test_a_file_sent_again_with_its_key_gets_the_same_report_and_another_file_does_not(hub, ask):
    key = {"Idempotency-Key": "monday's file"}
    first, again, other = (upload(ask, row(name), headers=key) for name in ("Ida", "Ida", "Odo"))
    assert (first.json["taken"], again.json) == (1, first.json)
    refused(other, 422, "idempotency-key-reused")
    assert len(hub.referrals.rows) == 1


def test_what_is_no_csv_is_refused(ask):
    refused(ask("POST", "/referrals/import", "intake", {}), 415, "unsupported-media-type")
    refused(ask("POST", "/referrals/import", "intake", headers={"Content-Type": "text/csv"}, data=b'"'), 422, "unreadable-csv")


def test_a_file_is_tried_without_taking_anybody(hub, ask):
    csv = "\n".join([COLUMNS, row("Ann"), row("Again", "ann"), row("Ed", wishes="yoga")]).encode()
    trying = ask("POST", "/referrals/import?dry_run=true", "intake", headers={"Content-Type": "text/csv"}, data=csv).json
    assert trying["dry_run"] is True
    assert [(told["outcome"], told["referral"]) for told in trying["rows"]] == [("taken", None), ("already", None), ("refused", None)]
    assert (hub.referrals.rows, hub.participants.rows) == ({}, {})
    real = ask("POST", "/referrals/import", "intake", headers={"Content-Type": "text/csv"}, data=csv).json
    assert [told["outcome"] for told in real["rows"]] == [told["outcome"] for told in trying["rows"]]


def test_a_report_of_many_rows_is_kept_and_read_in_pages(ask):
    rows = [f"{n},{row(f'Nobody{n}', consent='yesterday')}" for n in range(2350)]
    csv = "\n".join([f"ref,{COLUMNS}", *rows]).encode()
    report = ask("POST", "/referrals/import", "intake", headers={"Content-Type": "text/csv"}, data=csv).json
    assert (report["refused"], len(report["rows"]), report["next"]) == (2350, 1000, 1000)
    told, at = report["rows"], report["next"]
    while at is not None:
        page = ask("GET", f"/referrals/imports/{report['import']}?cursor={at}", "intake").json
        told, at = [*told, *page["items"]], page["next"]
    assert [each["reference"] for each in told] == [str(n) for n in range(2350)]
    assert [each["row"] for each in told] == list(range(2, 2352))
    assert ask("GET", f"/referrals/imports/{report['import']}", "intake").json["items"] == told[:200]


def test_a_report_that_is_not_there_is_named(ask):
    refused(ask("GET", "/referrals/imports/I-none", "intake"), 404, "no-such-report")
    refused(ask("GET", "/referrals/imports/I-none?cursor=-1", "intake"), 422, "invalid-request")


def test_the_blank_template_is_read_back_without_a_complaint(ask):
    for kind, mimetype in (("csv", "text/csv"), ("xlsx", XLSX)):
        blank = ask("GET", f"/referrals/import/template?format={kind}", "intake")
        assert (blank.status_code, blank.mimetype) == (200, mimetype)
        report = ask("POST", "/referrals/import", "intake", headers={"Content-Type": mimetype}, data=blank.data)
        assert (report.status_code, report.json["rows"]) == (200, [])


def test_the_workbook_says_of_each_column_what_it_takes(ask):
    book = openpyxl.load_workbook(io.BytesIO(ask("GET", "/referrals/import/template", "intake").data))
    titles = [cell.value for cell in book["Referrals"][1]]
    assert {"Name", "Email", "Profession", "Consent date", "Consent"} <= set(titles)
    told = {line[0].value: line[2].value for line in book["What each column takes"].iter_rows(min_row=2)}
    assert set(titles) <= set(told)
    assert all(told.values())
    assert book["Referrals"]["A2"].number_format == "@", "so that no zero in front is dropped"
