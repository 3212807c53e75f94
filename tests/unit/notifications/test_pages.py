from html.parser import HTMLParser

import pytest
from flask import Blueprint, Flask, render_template

from notifications.pages import assets
from notifications.pages.assets import AssetsNotInstalled, stylesheets
from notifications.pages.environment import keep_to_itself, prepare
from shared.validation.discretion import telling_words

HUB = {"name": "London", "phone": "020 7946 0000", "email": "hello@circlework.example"}
SESSION = {"session": "S-1", "start": "2027-07-06T17:30:00+00:00", "end": "2027-07-06T19:00:00+00:00", "zone": "Europe/London", "place": ""}
OFFER = {
    "hub": HUB,
    "series": {"name": "Weekly evening A", "place": "Room 3", "cadence": "weekly", "sessions": [SESSION, SESSION]},
    "first_session": SESSION,
    "deadline": "2027-06-30T16:00:00+00:00",
    "answer": None,
    "reason": "the time to answer this offer has passed",
}
PAGES = ("answer.html", "answered.html", "gone.html", "later.html")
every_page = pytest.mark.parametrize("page", PAGES)


@pytest.fixture
def show():
    """Shows a page as a browser gets it."""
    app, answer, context = Flask("notifications", static_folder=None), Blueprint("answer", __name__), {}
    answer.after_request(keep_to_itself)
    answer.get("/<page>")(lambda page: render_template(page, **context))
    app.register_blueprint(answer)
    prepare(app)

    def get(path, **changes):
        context.clear()
        context.update(OFFER | changes)
        return app.test_client().get(f"/{path}")

    return get


class Read(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_of_an_offer_says_what_when_where_and_until_when(show):
    text = Read(show("answer.html").text).text
    for said in ("Weekly evening A", "Tuesday 6 July 2027, 6.30pm to 8pm", "Room 3", "5pm on Wednesday 30 June 2027"):
        assert said in text


def test_one_form_posts_one_of_two_answers_to_the_page_itself(show):
    page = Read(show("answer.html").text)
    (form,) = page.all("form")
    assert form == {"method": "post"}
    assert [(button["name"], button["value"], button["type"]) for button in page.all("button")] == [
        ("answer", "accept", "submit"),
        ("answer", "decline", "submit"),
    ]


@pytest.mark.parametrize(("answer", "said"), [("accept", "You said yes"), ("decline", "You said no")])
def test_what_was_answered_before_is_said_and_cannot_be_asked_again(show, answer, said):
    page = Read(show("answered.html", answer=answer).text)
    assert said in page.text
    assert not page.all("form")


def test_a_link_that_is_gone_says_why_and_whom_to_ring(show):
    text = Read(show("gone.html").text).text
    assert "The time to answer this offer has passed." in text
    assert "020 7946 0000" in text
    assert "nothing is lost" in text


def test_a_link_that_names_no_hub_points_to_the_message_for_the_phone_number(show):
    assert "at the foot of the message" in Read(show("gone.html", hub=None, reason="").text).text


@every_page
def test_no_page_gives_anything_away(show, page):
    html = show(page, answer="accept").text
    assert telling_words(Read(html).text) == ()
    assert "<svg" not in html


@every_page
def test_every_page_is_readable_by_everybody(show, page):
    read = Read(show(page, answer="accept").text)
    assert read.all("html") == [{"lang": "en-GB"}]
    assert len(read.all("h1")) == len(read.all("main")) == len(read.all("title")) == 1
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in read.all("meta")
    assert {"name": "robots", "content": "noindex"} in read.all("meta")


@every_page
def test_every_page_keeps_its_address_to_itself(show, page):
    answer = show(page)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert not Read(answer.text).all("script")


def test_a_place_with_markup_in_its_name_is_shown_as_text(show):
    series = OFFER["series"] | {"name": "<script>alert(1)</script>", "place": "<b>Room</b> & 'Co'"}
    for page in ("answer.html", "answered.html"):
        html = show(page, series=series).text
        assert "<script>" not in html
        assert "<b>" not in html
        assert "<script>alert(1)</script>" in Read(html).text


def test_every_stylesheet_that_a_page_names_is_served_from_here(show):
    for link in Read(show("answer.html").text).all("link"):
        if link["rel"] == "stylesheet":
            answer = show(link["href"].removeprefix("/"))
            assert (answer.status_code, answer.mimetype) == (200, "text/css")


@pytest.mark.parametrize("name", ["other.css", "..%2fenvironment.py", "nhsuk-frontend-10.4.2.min.js"])
def test_nothing_else_is_served(show, name):
    assert show(f"assets/{name}").status_code == 404


def test_a_missing_stylesheet_is_told_with_its_cure(monkeypatch):
    stylesheets.cache_clear()
    monkeypatch.setattr(assets, "find_spec", lambda _: None)
    with pytest.raises(AssetsNotInstalled, match=r"requirements/notifications-assets\.txt"):
        stylesheets()
