"""What a hub's staff can and cannot do over HTTP."""

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pytest

from embedded.stack import Stack
from support.hub import Hub, eventually, fresh_hub, person


@pytest.fixture(scope="module")
def quiet_hub(stack: Stack) -> Hub:
    """A hub at which everything is refused: its tests may share it, because nothing of theirs is kept."""
    return fresh_hub(stack)


def stored(hub: Hub) -> int:
    return len(hub.get("referral", "/v1/referrals?limit=200", "intake")["items"])


def test_another_hubs_referral_looks_exactly_like_a_missing_one(hub: Hub, another_hub: Hub) -> None:
    referral = hub.refer(person())["referral"]
    theirs = another_hub.ask("GET", "referral", f"/v1/referrals/{referral}", "intake")
    missing = another_hub.ask("GET", "referral", "/v1/referrals/R-NONE", "intake")
    assert theirs.status_code == missing.status_code == 404
    assert theirs.text.replace(referral, "X") == missing.text.replace("R-NONE", "X")
    for step in ("accept", "return", "decline"):
        body = {"question": "?"} if step == "return" else {"reason": "other"}
        assert another_hub.ask("POST", "referral", f"/v1/referrals/{referral}/{step}", "clinician", json=body).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        person(person__email={"$ne": None}),
        person(person__name="x" * 1_000_000),
        person(person__name="Bob\r\nBcc: all@post.example"),
        person(person__name="=?utf-8?q?a=0ABcc:_x@y.example?="),
        person(person__email="not an address"),
        person(person__email="one@post.example,two@post.example"),
        person(person__birth_date="2999-01-01"),
        person(wishes__modalities=["no-such-kind"]),
        person(consent__to=[]),
        person(facts__grade="emperor"),
        person(urgency=5),
        {**person(), "surprise": 1},
        [],
        {},
    ],
    ids=lambda body: str(body)[:40] if isinstance(body, list) else str(sorted(body))[:30],
)
def test_bad_input_is_refused_with_field_reason_and_cure_and_nothing_is_stored(quiet_hub: Hub, body: object) -> None:
    answer = quiet_hub.ask("POST", "referral", "/v1/referrals", "intake", json=body)
    problem = answer.json()
    assert answer.status_code == 422, answer.text[:300]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["type"].startswith("https://circlework.example/problems/")
    assert all(row["field"] and row["reason"] and row["cure"] for row in problem["problems"])
    assert problem["problems"]
    assert stored(quiet_hub) == 0


def test_malformed_json_is_refused(quiet_hub: Hub) -> None:
    answer = quiet_hub.ask(
        "POST", "referral", "/v1/referrals", "intake", content=b'{"source": ', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert stored(quiet_hub) == 0


def test_the_same_idempotency_key_gives_the_same_answer_and_refuses_another_body(hub: Hub) -> None:
    body, key = person(), {"Idempotency-Key": "k-1"}
    first = hub.ask("POST", "referral", "/v1/referrals", "intake", json=body, headers=key)
    again = hub.ask("POST", "referral", "/v1/referrals", "intake", json=body, headers=key)
    other = hub.ask("POST", "referral", "/v1/referrals", "intake", json=person(), headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert other.status_code == 422
    assert stored(hub) == 1


def test_a_stale_decision_is_refused(hub: Hub) -> None:
    referral = hub.refer(person())["referral"]
    path = f"/v1/referrals/{referral}"
    read = hub.ask("GET", "referral", path, "clinician").headers["ETag"]
    hub.post("referral", f"{path}/return", "clinician", {"question": "Which post?"})
    stale = hub.ask("POST", "referral", f"{path}/accept", "clinician", headers={"If-Match": read})
    fresh = hub.ask("GET", "referral", path, "clinician").headers["ETag"]
    assert stale.status_code == 412
    assert hub.ask("POST", "referral", f"{path}/accept", "clinician", headers={"If-Match": fresh}).status_code == 200


def test_declining_comes_with_signposts_and_only_for_a_known_reason(hub: Hub) -> None:
    referral = hub.refer(person())["referral"]
    unknown = hub.ask("POST", "referral", f"/v1/referrals/{referral}/decline", "clinician", json={"reason": "dunno"})
    assert unknown.status_code == 422
    declined = hub.post("referral", f"/v1/referrals/{referral}/decline", "clinician", {"reason": "not_suitable"})
    assert declined["status"] == "declined"
    assert any("Doctors' Support Group" in signpost["name"] for signpost in declined["signposts"])


def test_each_role_may_do_its_own_and_sees_what_it_needs(hub: Hub) -> None:
    body = person()
    referral = hub.refer(body)["referral"]
    assert hub.ask("POST", "referral", f"/v1/referrals/{referral}/accept", "intake").status_code == 403
    assert hub.ask("GET", "referral", "/v1/referrals", "intake", headers={"Authorization": "Bearer nonsense"}).status_code == 401
    intake = hub.get("referral", f"/v1/referrals/{referral}", "intake")
    coordinator = hub.get("referral", f"/v1/referrals/{referral}", "coordinator")
    operator = hub.get("referral", f"/v1/referrals/{referral}", "operator")
    assert intake["person"]["email"] == body["person"]["email"]
    assert "person" not in coordinator
    assert "facts" in coordinator
    assert "facts" not in operator


def test_a_csv_takes_good_rows_names_bad_ones_and_takes_nothing_twice(hub: Hub) -> None:
    csv = (
        "source,person.name,person.email,person.registration.body,person.registration.number,facts.profession,"
        "wishes.modalities,consent.given_at,consent.to\n"
        "hub,Ann Ficta,ann.ficta@post.example,GMC,0077001,doctor,men-only,2026-11-01T09:00:00Z,referral;status_to_referrer\n"
        "hub,Bea Ficta,bea.ficta@,GMC,0077002,doctor,men-only,2026-11-01T09:00:00Z,referral\n"
        "hub,Cy Ficta,cy.ficta@nhs.net.example,GMC,0077003,doctor,men-only,2026-11-01T09:00:00Z,referral\n"
        "hub,Di Ficta,di.ficta@post.example,GMC,0077004,doctor,men-only,,\n"
        "hub,Ann Again,ann2@post.example,GMC,007 7001,doctor,men-only,2026-11-01T09:00:00Z,referral\n"
        "hub,Ed Ficta,ed.ficta@post.example,GMC,0077005,doctor,tap-dance,2026-11-01T09:00:00Z,referral\n"
    )
    report = hub.ask("POST", "referral", "/v1/referrals/import", "intake", content=csv, headers={"Content-Type": "text/csv"}).json()
    assert [(row["line"], row["outcome"]) for row in report["rows"]] == [
        (2, "taken"),
        (3, "refused"),
        (4, "taken"),
        (5, "refused"),
        (6, "already"),
        (7, "refused"),
    ]
    assert report["rows"][1]["problems"][0]["column"] == "person.email"
    assert report["rows"][2]["warnings"][0]["column"] == "person.email"
    assert {problem["column"] for problem in report["rows"][3]["problems"]} & {"consent.to", "consent.given_at"}
    assert report["rows"][5]["problems"][0]["column"] == "wishes.modalities"
    again = hub.ask("POST", "referral", "/v1/referrals/import", "intake", content=csv, headers={"Content-Type": "text/csv"}).json()
    assert (again["taken"], again["already"]) == (0, 3)


def test_lists_go_page_by_page(hub: Hub) -> None:
    referrals = [hub.refer(person())["referral"] for _ in range(5)]
    first = hub.get("referral", "/v1/referrals?limit=3", "intake")
    second = hub.get("referral", f"/v1/referrals?limit=3&cursor={first['next']}", "intake")
    assert [item["referral"] for item in (*first["items"], *second["items"])] == referrals
    assert second["next"] is None


def test_a_group_is_refused_for_what_is_wrong_with_it(hub: Hub) -> None:
    body = {
        "modality": "analytic",
        "facilitators": ["F-NOBODY"],
        "place": "Therapy suite",
        "first_session": "2027-02-02T18:30",
        "zone": "Europe/London",
        "capacity": 60,
    }
    problem = hub.ask("POST", "scheduling", "/v1/groups", json=body).json()
    assert {row["field"] for row in problem["problems"]} == {"variant", "length", "capacity", "facilitators.0", "place"}
    assert hub.ask("POST", "scheduling", "/v1/groups", json={**body, "modality": "tap"}).status_code == 404


def test_every_service_serves_its_openapi_and_a_page_to_read_it(hub: Hub) -> None:
    for service in ("referral", "scheduling", "notifications"):
        spec = hub.get(service, "/openapi.json")
        assert spec["openapi"].startswith("3.1")
        assert any(path.startswith("/v1/") for path in spec["paths"])
        assert hub.ask("GET", service, "/docs/").status_code == 200
        assert hub.ask("GET", service, "/metrics").status_code == 200


def test_when_scheduling_hears_of_a_facilitator_they_can_run_a_group(hub: Hub) -> None:
    group = hub.group()
    sessions = eventually(lambda: hub.get("scheduling", f"/v1/groups/{group}/sessions")["items"])
    assert len(sessions) == 8


def test_a_file_of_several_hubs_gives_each_its_own_rows(hub: Hub) -> None:
    columns = "hub,source,person.name,person.email,facts.profession,consent.given_at,consent.to"
    mine = f"{hub.code},hub,Ida Ficta,ida@post.example,doctor,2026-11-01T09:00:00+00:00,referral"
    theirs = "another,hub,Odo Ficta,odo@post.example,doctor,2026-11-01T09:00:00+00:00,referral"
    csv = f"{columns}\n{mine}\n{theirs}".encode()
    report = hub.ask("POST", "referral", "/v1/referrals/import", "intake", content=csv, headers={"Content-Type": "text/csv"}).json()
    assert [(row["line"], row["outcome"]) for row in report["rows"]] == [(2, "taken"), (3, "refused")]
    assert report["rows"][1]["problems"][0]["column"] == "hub"


def test_a_facilitator_of_a_hub_that_nobody_knows_is_refused(hub: Hub) -> None:
    body = {"staff": "ada", "hubs": ["atlantis"]}
    answer = hub.ask("POST", "referral", "/v1/facilitators", "intake", json=body)
    assert answer.status_code == 422
    assert "atlantis" in answer.json()["problems"][0]["reason"]


def test_intake_cannot_invent_a_facilitator(hub: Hub) -> None:
    invented = {"display_name": "Dr No", "registration": {"body": "GMC", "number": "1234567"}}
    answer = hub.ask("POST", "referral", "/v1/facilitators", "intake", json=invented)
    assert (answer.status_code, answer.json()["problems"][0]["reason"]) == (422, "not on this hub's list of staff")
    listed = hub.get("referral", "/v1/staff", "intake")["items"]
    assert {"staff": "ada", "display_name": "Ada Ficta", "registration": {"body": "GMC", "number": "0000009"}} in listed


def test_a_group_without_a_zone_meets_on_the_hubs_own_clock(hub: Hub) -> None:
    group = hub.group(zone=None)
    assert hub.get("scheduling", f"/v1/groups/{group}")["zone"] == "Europe/London"


@pytest.mark.parametrize("service", ["referral", "scheduling", "notifications"])
def test_every_service_serves_its_api_s_description_and_a_page_to_read_it(hub: Hub, service: str) -> None:
    described = hub.ask("GET", service, "/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert all(path.startswith("/v1/") for path in described["paths"])
    assert set(described["components"]["schemas"]["Problem"]["properties"]) == {"type", "title", "status", "detail", "problems"}
    page = hub.ask("GET", service, "/docs/")
    assert page.status_code == 200
    looks_for = re.search(r'url: "([^"]+)"', page.text)
    assert looks_for is not None
    assert hub.ask("GET", service, looks_for.group(1), follow_redirects=True).json() == described


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 50_000, b'{"urgency":' + b"9" * 6000 + b"}"])
def test_json_that_no_parser_should_read_is_refused(quiet_hub: Hub, body: bytes) -> None:
    answer = quiet_hub.ask("POST", "referral", "/v1/referrals", "intake", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert stored(quiet_hub) == 0


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"urgency":' + b"9" * 6000 + b"}"])
def test_json_that_no_parser_should_read_is_refused_in_pieces_too(quiet_hub: Hub, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = quiet_hub.ask("POST", "referral", "/v1/referrals", "intake", content=in_pieces(body), headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_file_in_pieces_that_is_too_long_is_refused_whole(quiet_hub: Hub) -> None:
    columns = b"source,person.name,person.email,facts.profession,consent.given_at,consent.to\n"
    row = b"hub,Ida Ficta,ida@post.example,doctor,2026-11-01T09:00:00+00:00,referral\n"
    body, headers = columns + row + b"\n" * 6_000_000 + row, {"Content-Type": "text/csv"}
    answer = quiet_hub.ask("POST", "referral", "/v1/referrals/import", "intake", content=in_pieces(body), headers=headers)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert stored(quiet_hub) == 0


NAMES = ["GMC No.", "Name", "E-mail", "Profession", "Consent date", "Consent", "Our ref"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_a_workbook_is_tried_and_then_taken(hub: Hub) -> None:
    book = openpyxl.Workbook()
    anita = ["GMC 9300001", "KUMAR, Anita", "anita@post.example", "Dr", "20/11/2026", "Yes", "L-1"]
    for line in (NAMES, anita, [None] * 7, [96461, *"x" * 6]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    for query, referrals in (("?dry_run=true", 0), ("", 1)):
        options = {"content": out.getvalue(), "headers": {"Content-Type": XLSX}}
        report = hub.ask("POST", "referral", f"/v1/referrals/import{query}", "intake", **options).json()
        assert [(row["row"], row["reference"], row["outcome"]) for row in report["rows"]] == [(2, "L-1", "taken"), (4, "x", "refused")]
        assert stored(hub) == referrals
    assert "a spreadsheet has dropped zeros" in str(report["rows"][1]["problems"])


def test_every_one_of_many_bad_rows_is_reported(quiet_hub: Hub) -> None:
    lines = [",".join(NAMES), *(f"1,Nobody,nobody@,wizard,someday,perhaps,{n}" for n in range(12_000))]
    body, headers = "\n".join(lines).encode(), {"Content-Type": "text/csv"}
    answer = quiet_hub.ask("POST", "referral", "/v1/referrals/import", "intake", content=body, headers=headers)
    assert answer.status_code == 200, answer.text[:300]
    report = answer.json()
    told, at = report["rows"], report["next"]
    while at is not None:
        page = quiet_hub.get("referral", f"/v1/referrals/imports/{report['import']}?cursor={at}", "intake")
        told, at = [*told, *page["items"]], page["next"]
    assert [row["reference"] for row in told] == [str(n) for n in range(12_000)]
    assert (report["refused"], stored(quiet_hub)) == (12_000, 0)


def in_pieces(body: bytes) -> Iterator[bytes]:
    """Sent without a length (RFC 9112, 7.1)."""
    for at in range(0, len(body), 65_536):
        yield body[at : at + 65_536]


def test_who_knows_the_person_does_not_see_which_group_they_are_in(hub: Hub) -> None:
    participant = hub.refer(person())["participant"]
    for path in (f"/v1/waiting/{participant}", "/v1/waiting", f"/v1/offers?participant={participant}", f"/v1/groups/{hub.group()}/seats"):
        for role in ("intake", "clinician", "operator"):
            assert hub.ask("GET", "scheduling", path, role).status_code == 403, (role, path)


def test_a_misspelt_filter_is_named_and_does_not_return_everything(hub: Hub) -> None:
    answer = hub.ask("GET", "referral", "/v1/referrals?participent=P-1", "intake")
    assert answer.status_code == 422
    assert "participent" in answer.text


def test_a_facilitator_of_another_hub_only_is_not_registered_here(hub: Hub, another_hub: Hub) -> None:
    body = {"staff": "ada", "hubs": [another_hub.code]}
    assert hub.ask("POST", "referral", "/v1/facilitators", "intake", json=body).status_code == 422


def test_a_file_sent_again_with_its_key_gets_the_same_report_and_another_file_does_not(hub: Hub) -> None:
    columns = "source,person.name,person.email,facts.profession,consent.given_at,consent.to"
    files = [f"{columns}\nhub,Ida Ficta,ida{n}@post.example,doctor,2026-11-01T09:00:00+00:00,referral".encode() for n in range(2)]
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "monday's file"}
    first, again, other = (
        hub.ask("POST", "referral", "/v1/referrals/import", "intake", content=file, headers=headers)
        for file in (files[0], files[0], files[1])
    )
    assert first.json()["taken"] == 1
    assert again.json() == first.json()
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")
    assert stored(hub) == 1


def test_a_file_sent_thrice_at_once_with_one_key_gives_one_report_of_rows_that_were_all_taken(hub: Hub) -> None:
    columns = "source,person.name,person.email,facts.profession,consent.given_at,consent.to"
    rows = [f"hub,Ida Ficta,ida{number}@post.example,doctor,2026-11-01T09:00:00+00:00,referral" for number in range(12)]
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "monday's file"}

    def send(_time: int) -> dict[str, object]:
        file = "\n".join([columns, *rows]).encode()
        found: dict[str, object] = hub.ask("POST", "referral", "/v1/referrals/import", "intake", content=file, headers=headers).json()
        return found

    with ThreadPoolExecutor(3) as pool:
        first, *others = pool.map(send, range(3))
    assert (first["taken"], first["already"], first["refused"]) == (12, 0, 0)
    assert others == [first, first]
    assert stored(hub) == 12
