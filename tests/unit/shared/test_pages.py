"""The page kit: forms from our own pages only, and headers that keep a page's address to itself."""

import pytest
from flask import Blueprint

from shared.web.access import ANYBODY
from shared.web.pages.assets import stylesheets
from shared.web.pages.kit import POLICY, Pages
from support.small_app import small_app

ACCESS = {("GET", "/answer/<token>"): ANYBODY, ("POST", "/answer/<token>"): ANYBODY, ("GET", "/assets/<name>"): ANYBODY}


@pytest.fixture(scope="module")
def client():
    blueprint = Blueprint("answers", __name__)
    blueprint.get("/answer/<token>", endpoint="shown")(lambda token: f"<p>{token}</p>")
    blueprint.post("/answer/<token>", endpoint="taken")(lambda token: f"<p>passed on: {token}</p>")
    return small_app([], ACCESS, pages=Pages("shared.web.pages", [blueprint])).test_client()


def sent(client, **headers):
    return client.post("/answer/t", headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_form_of_our_own_page_is_taken_whatever_its_origin_says(client, site):
    for origin in ("http://localhost", "null", "https://elsewhere.example"):
        assert sent(client, Sec_Fetch_Site=site, Origin=origin).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "SAME-ORIGIN", "anything"])
def test_a_form_of_another_site_is_refused_whatever_its_origin_says(client, site):
    for headers in ({}, {"Origin": "http://localhost"}, {"Origin": "null"}):
        answer = sent(client, Sec_Fetch_Site=site, **headers)
        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (403, "sent-from-another-site")


def test_an_older_browser_says_so_by_its_origin(client):
    assert sent(client, Origin="http://localhost").status_code == 200
    assert sent(client, Origin="https://elsewhere.example").status_code == 403
    assert sent(client, Origin="http://localhost.elsewhere.example").status_code == 403
    assert sent(client, Origin="http://localhost:8080").status_code == 403


def test_an_older_browser_that_sends_no_referrer_says_null_and_is_taken(client):
    assert sent(client, Origin="null").status_code == 200


@pytest.mark.parametrize("origin", ["", "file://", "localhost", "about:blank"])
def test_an_origin_that_is_not_ours_is_refused(client, origin):
    assert sent(client, Origin=origin).status_code == 403


def test_a_client_that_is_no_browser_is_taken(client):
    assert sent(client).status_code == 200


def test_reading_a_page_from_a_link_in_a_mail_is_always_allowed(client):
    answer = client.get("/answer/t", headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"})
    assert answer.status_code == 200


def test_a_page_keeps_its_address_to_itself(client):
    headers = client.get("/answer/t").headers
    assert headers["Content-Security-Policy"] == POLICY
    assert (headers["Referrer-Policy"], headers["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "script-src 'none'" in POLICY


def test_stylesheets_come_from_us_and_may_be_kept_for_a_day(client):
    for name in stylesheets():
        answer = client.get(f"/assets/{name}")
        assert (answer.status_code, answer.mimetype) == (200, "text/css")
        assert "max-age=86400" in answer.headers["Cache-Control"]
    assert client.get("/assets/page.js").status_code == 404
