"""The API on the fakes: schemas, routes, views and roles; the store's part is tested in tests/integration."""

import hashlib
from datetime import datetime, timedelta

import pytest
from unit.scheduling.fakes import NOW, SOUTH, TUESDAY_EVENING, FakeHub, group, tokens
from unit.scheduling.test_groups import CATALOGUE

from scheduling import web
from scheduling.api import groups, memberships, modalities, sessions, waiting
from scheduling.api.access import ACCESS
from shared.process.health import Gauges, Health
from shared.process.hubs import Hub
from shared.web.app import AppConfig, make_app
from shared.web.principals import ROLES, Keyring, Principal


class OnFakes:
    """Runs use cases as shared.store.use_cases.UseCases does, on a FakeHub."""

    def __init__(self, hub):
        self._hub = hub

    def around(self, use_case, command, hub, _cause, wrap):
        return wrap(None, lambda: self._hub.run(use_case, command, hub))

    def read(self, use_case, query, hub, _cause):
        return self._hub.run(use_case, query, hub)


def keyring():
    keys = {f"{role}-of-{hub}": Principal(role, role, frozenset({hub}), frozenset({role})) for role in ROLES for hub in ("north", SOUTH)}
    return Keyring({hashlib.sha256(key.encode()).hexdigest(): principal for key, principal in keys.items()})


class Asking:
    """A client with the key of one role at one hub."""

    def __init__(self, client, key):
        self._client, self._headers = client, {"Authorization": f"Bearer {key}"}

    def get(self, path):
        return self._client.get(path, headers=self._headers)

    def post(self, path, **body):
        return self.send(path, body)

    def send(self, path, body):
        return self._client.post(path, json=body, headers=self._headers)


@pytest.fixture(scope="module")
def app_and_fakes():
    hub = FakeHub(CATALOGUE)
    hubs = {code: Hub(code, code, "ENG", "Europe/London", "", "") for code in ("north", SOUTH)}
    health = Health(None, "", ())
    blueprints = [modalities.blueprint, groups.blueprint, sessions.blueprint, memberships.blueprint, waiting.blueprint]
    config = AppConfig("scheduling", hubs, keyring(), health, blueprints, web.MEANINGS, Gauges(health), ACCESS, OnFakes(hub))
    return make_app(config), hub


@pytest.fixture
def hub(app_and_fakes):
    """The hub behind the app, as good as new."""
    hub = app_and_fakes[1]
    hub.__post_init__()
    hub.now = NOW
    hub.knows_staff("alex")
    return hub


@pytest.fixture
def asking(app_and_fakes):
    return lambda role="coordinator", at="north": Asking(app_and_fakes[0].test_client(), f"{role}-of-{at}")


CHOIR = {"modality": "choir", "facilitators": ["F-alex"], "venue": "Room 3", "first_session": "2027-01-12T18:30"}


def test_a_group_that_was_opened_can_be_read(hub, asking):
    opened = asking().post("/v1/groups", **CHOIR, offer_hours=24)
    assert (opened.status_code, list(opened.json)) == (201, ["group"])
    found = asking().get(f"/v1/groups/{opened.json['group']}")
    assert found.headers["ETag"] == f'"{hub.group(opened.json["group"]).version}"'
    assert found.json == {
        "group": opened.json["group"],
        "modality": "choir",
        "variant": None,
        "length": None,
        "topic": None,
        "name": "Thursday evening",
        "state": "open",
        "facilitators": [{"facilitator": "F-alex", "display_name": "Alex"}],
        "venue": "Room 3",
        "place": "Room 3",
        "zone": "Europe/London",
        "sessions": 8,
        "first_session": "2027-01-12T18:30:00+00:00",
        "capacity": 10,
        "seats_taken": 0,
        "seats_held": 0,
    }


def test_the_old_name_of_the_venue_is_still_taken_and_one_of_the_two_is_needed(hub, asking):
    old = {**CHOIR, "place": "Room 9"}
    assert asking().post("/v1/groups", **old).status_code == 422
    del old["venue"]
    opened = asking().post("/v1/groups", **old)
    assert hub.group(opened.json["group"]).venue == "Room 9"
    del old["place"]
    refused = asking().post("/v1/groups", **old)
    assert (refused.status_code, [each["field"] for each in refused.json["problems"]]) == (422, ["venue"])


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({"first_session": "2027-01-12T18:30+01:00"}, "first_session", "not a local time"),
        ({"first_session": "2027-02-02"}, "first_session", "not a local time"),
        ({"first_session": 20270202}, "first_session", "not a local time"),
        ({"capacity": 7.9}, "capacity", "not a whole number"),
        ({"sessions": "8.5"}, "sessions", "not a whole number"),
        ({"zone": "localtime"}, "zone", "not an IANA time zone"),
        ({"zone": "Factory"}, "zone", "not an IANA time zone"),
        ({"zone": "EST"}, "zone", "not an IANA time zone"),
        ({"zone": "Mars/Olympus"}, "zone", "not an IANA time zone"),
        ({"capacity": 61}, "capacity", "out of range"),
        ({"minutes": 5}, "minutes", "out of range"),
        ({"cadence": "daily"}, "cadence", "not a known value"),
        ({"colour": "blue"}, "colour", "Unknown field"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_by_its_field(hub, asking, wrong, field, reason):
    refused = asking().post("/v1/groups", **{**CHOIR, **wrong})
    assert refused.status_code == 422
    (problem,) = refused.json["problems"]
    assert problem["field"] == field
    assert reason in problem["reason"] + problem["cure"]
    assert hub.kept["groups"] == {}


@pytest.mark.parametrize("body", [[], [CHOIR], "choir", 7, None, {"first_session": {"$gt": ""}}])
def test_a_body_of_another_shape_is_refused_and_breaks_nothing(hub, asking, body):
    refused = asking().send("/v1/groups", body)
    assert refused.status_code in {400, 422}
    assert refused.json["problems"] or refused.json["detail"]


def test_a_group_that_cannot_be_opened_is_refused_with_every_problem_and_its_cure(hub, asking):
    refused = asking().post("/v1/groups", **{**CHOIR, "facilitators": ["F-9"], "variant": "alto"})
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (422, "bad-group")
    assert {each["field"]: each["cure"] for each in refused.json["problems"]} == {
        "variant": "leave this field out",
        "facilitators.0": "register them with the referral service for this hub, then try again in a few seconds",
    }


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/v1/groups/G-9", "no-such-group"),
        ("/v1/groups/G-9/sessions", "no-such-group"),
        ("/v1/groups/G-9/memberships", "no-such-group"),
        ("/v1/waiting/W-9", "no-such-waiting-entry"),
        ("/v1/waiting/P-9", "no-such-waiting-entry"),
        ("/v1/modalities/band", "no-such-modality"),
    ],
)
def test_what_there_is_not_is_not_found(hub, asking, path, slug):
    missing = asking().get(path)
    assert (missing.status_code, missing.json["type"].rpartition("/")[2]) == (404, slug)


def test_what_belongs_to_another_hub_is_not_found(hub, asking):
    hub.keep(group())
    hub.accepts("sam")
    for path in ("/v1/groups/G-1", "/v1/groups/G-1/sessions", "/v1/groups/G-1/memberships", "/v1/waiting/P-sam"):
        assert asking().get(path).status_code == 200
        assert asking(at=SOUTH).get(path).status_code == 404
    assert asking(at=SOUTH).get("/v1/groups").json["items"] == asking(at=SOUTH).get("/v1/waiting").json["items"] == []


READS = ["/v1/modalities", "/v1/groups", "/v1/groups/G-1", "/v1/groups/G-1/sessions"]
WHO_IS_WHERE = ["/v1/groups/G-1/memberships", "/v1/groups/G-1/seats", "/v1/waiting", "/v1/waiting/P-sam", "/v1/offers?participant=P-sam"]


@pytest.mark.parametrize("path", WHO_IS_WHERE)
@pytest.mark.parametrize("role", ROLES)
def test_who_is_where_is_for_coordinators_only(hub, asking, path, role):
    hub.keep(group())
    hub.accepts("sam")
    assert asking(role).get(path).status_code == (200 if role == "coordinator" else 403)


@pytest.mark.parametrize("path", READS[1:])
@pytest.mark.parametrize("role", ["intake", "clinician"])
def test_who_knows_who_a_pseudonym_is_sees_no_groups(hub, asking, path, role):
    hub.keep(group())
    assert asking(role).get(path).status_code == 403
    assert asking(role).get("/v1/modalities").status_code == 200


def test_a_roster_shows_pseudonyms_and_who_meets_a_colleague(hub, asking):
    hub.keep(group())
    for name in ("sam", "jo"):
        hub.accepts(name)
        hub.match()
    hub.accept("sam")
    rows = asking().get("/v1/groups/G-1/memberships").json["items"]
    assert [(row["participant"], row["kind"], row["state"], row["meets_a_colleague"]) for row in rows] == [
        ("F-alex", "runs", "taken", False),
        ("P-sam", "seat", "taken", False),
        ("P-jo", "seat", "held", False),
    ]
    hub.accept("jo")
    for name in ("sam", "jo"):
        hub.knows(name, tokens(name, "site-7"))
    seats = asking().get("/v1/groups/G-1/seats").json["items"]
    assert [(row["participant"], row["seat"] == row["offer"], row["meets_a_colleague"]) for row in seats] == [
        ("P-sam", True, True),
        ("P-jo", True, True),
    ]
    assert asking().get("/v1/groups/G-1").json["seats_taken"] == 2


def offers(asking):
    return [(each["group"], each["state"]) for each in asking().get("/v1/offers?participant=P-sam").json["items"]]


def test_the_offers_of_a_participant_show_what_became_of_each(hub, asking):
    for number in (1, 2, 3, 4):
        hub.keep(group(f"G-{number}", first=TUESDAY_EVENING + timedelta(days=number)))
    hub.accepts("sam")
    hub.match()
    assert offers(asking) == [("G-1", "open")]
    hub.decline("sam")
    hub.match()
    hub.stay_silent("sam")
    hub.match()
    hub.knows_staff("alex", never_with=("own-of-sam",))
    assert offers(asking) == [("G-1", "declined"), ("G-2", "expired"), ("G-3", "cancelled")]
    hub.knows_staff("alex")
    hub.match()
    hub.accept("sam")
    assert offers(asking)[-1][1] == "accepted"
    hub.withdraw("sam")
    assert offers(asking)[-1][1] == "accepted", "what ended it later is no answer"
    first = asking().get("/v1/offers?participant=P-sam").json["items"][0]
    assert (first["made_at"], first["deadline"]) == (NOW.isoformat(), (NOW + timedelta(hours=72)).isoformat())


def test_who_waits_is_shown_with_the_clock_and_every_reason_why_not(hub, asking):
    hub.keep(group(capacity=0))
    hub.accepts("sam", "soon", days_ago=5, wishes=("analytic",))
    (item,) = asking().get("/v1/waiting").json["items"]
    assert (item["participant"], item["referral"], item["state"], item["urgency"]) == ("P-sam", "R-sam", "waiting", "soon")
    assert (item["days_waited"], item["clock_start"]) == (5, (NOW - timedelta(days=5)).isoformat())
    assert datetime.fromisoformat(item["received"]) < datetime.fromisoformat(item["clock_start"])
    assert item["wishes"] == {"modalities": ["analytic"], "topics": [], "variants": []}
    assert item["why_not"] == [
        {
            "group": "G-1",
            "name": "Weekly evening",
            "venue": "Room 3",
            "starts": "2027-01-12T18:30:00+00:00",
            "rejections": [{"policy": "has_room", "reason": "all 0 places are taken or held"}],
        }
    ]
    assert (item["group"], item["seat"]) == (None, None)


def test_who_has_a_seat_is_shown_with_it(hub, asking):
    hub.keep(group())
    hub.accepts("sam")
    hub.match()
    held = asking().get("/v1/waiting/P-sam").json
    assert (held["state"], held["group"], held["seat"]) == ("offered", "G-1", None)
    hub.accept("sam")
    taken = asking().get("/v1/waiting/P-sam").json
    assert (taken["state"], taken["group"], taken["seat"]) == ("met", "G-1", hub.offer_of("sam").id)


def test_long_lists_come_page_by_page(hub, asking):
    for number in range(3):
        hub.keep(group(f"G-{number}"))
    first = asking().get("/v1/groups?limit=2").json
    second = asking().get(f"/v1/groups?limit=2&cursor={first['next']}").json
    assert [[row["group"] for row in page["items"]] for page in (first, second)] == [["G-0", "G-1"], ["G-2"]]
    assert second["next"] is None


def test_the_sessions_of_a_day_show_its_parts_after_it_on_the_wall_clock(hub, asking):
    day = {**CHOIR, "modality": "day", "first_session": "2027-07-13T09:00"}
    opened = asking().post("/v1/groups", **day).json["group"]
    rows = asking().get(f"/v1/groups/{opened}/sessions").json["items"]
    (session,) = hub.kept["sessions"]
    assert [(row["session"], row["parent"], row["name"], row["start"]) for row in rows] == [
        (session, None, "", "2027-07-13T09:00:00+01:00"),
        (f"{session}-1", session, "Morning", "2027-07-13T09:00:00+01:00"),
    ]
    assert rows[1]["end"] == "2027-07-13T10:30:00+01:00"


def test_the_catalogue_is_shown_with_who_each_group_is_for(hub, asking):
    items = {row["code"]: row for row in asking("clinician").get("/v1/modalities").json["items"]}
    assert list(items) == ["choir", "voices", "short", "day"]
    choir = items["choir"]
    assert (choir["way_in"], choir["colleagues"], choir["capacity"]) == ("referral", "apart", {"least": 6, "most": 12, "usual": 10})
    assert choir["eligibility"]["professions"] == ["doctor"]
    assert [each["code"] for each in items["voices"]["lengths"]] == ["30-weeks", "open-ended"]
    assert asking().get("/v1/modalities/short").json["topics"] == ["breath", "rhythm"]
