"""The page of a signed link, from the browser to what stands."""

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from flask import Flask, g, render_template
from unit.notifications.fakes import NOW, World, meeting, place

from notifications.adapters import samples
from notifications.adapters.links import SignedLinks
from notifications.application.ports import Link
from notifications.domain.answers import Answer
from notifications.domain.standings import Standing
from notifications.domain.wording import FILTERS
from notifications.pages.answers import answer_pages
from shared.contracts import notifications as told
from shared.contracts import referral
from shared.errors import Retryable
from shared.events.sealing import SealingKey
from shared.events.tracing import Cause
from shared.validation.discretion import telling_words
from shared.web.pages import assets, kit
from shared.web.problems import Problem, answer

LINKS = SignedLinks(b"l" * 32)
TEMPLATES = ("answer.html", "answered.html", "gone.html", "later.html")
JULY = place(
    meetings=(meeting(0, NOW.replace(year=2027, month=7, day=6, hour=17, minute=30)), meeting(1)),
    deadline=NOW.replace(year=2027, month=6, day=30, hour=16),
)
every_page = pytest.mark.parametrize("page", TEMPLATES)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def app(world):
    app = Flask("notifications", static_folder=None)
    app.extensions.update(links=LINKS, hubs=world.hubs, use_cases=world.use_cases)
    app.register_error_handler(Problem, answer)
    kit.prepare(app, kit.Pages("notifications.pages", [answer_pages()], FILTERS))

    @app.before_request
    def begin():
        g.cause = Cause("Q-1", "Q-1", "")

    return app


@pytest.fixture
def browser(app):
    return app.test_client()


@pytest.fixture
def show(app):
    """A page as its template makes it, of any context."""

    def rendered(name, **context):
        with app.test_request_context():
            hub = {"name": "London", "phone": "020 7946 0000", "email": "hello@circlework.example"}
            given = {"hub": hub, "place": samples.place(), "answer": None, "reason": "the time to answer this offer has passed"}
            return render_template(name, **(given | context))

    return rendered


def path(membership="S-1", person="P-1"):
    return f"/answer/{LINKS.sign(Link(person, membership))}"


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


def test_the_page_of_an_offer_says_what_when_where_and_until_when(world, browser):
    world.offered(JULY)
    text = Read(browser.get(path()).text).text
    for said in ("Weekly evening A", "Tuesday 6 July 2027, 6.30pm to 8pm", "Larch House", "5pm on Wednesday 30 June 2027", "Meetings 2"):
        assert said in text
    assert "0113 496 0000" in text, "of the hub that the person belongs to"


def test_one_form_posts_one_of_two_answers_to_the_page_itself(world, browser):
    world.offered()
    page = Read(browser.get(path()).text)
    (form,) = page.all("form")
    assert form == {"method": "post"}
    assert [(button["name"], button["value"], button["type"]) for button in page.all("button")] == [
        ("answer", "accept", "submit"),
        ("answer", "decline", "submit"),
    ]


def test_reading_changes_nothing_however_often_a_scanner_follows_the_link(world, browser):
    world.offered()
    before = dict(world.standings.docs)
    for _ in range(3):
        assert browser.get(path()).status_code == 200
    assert (world.standings.docs, world.said) == (before, [])


@pytest.mark.parametrize(("word", "said"), [("accept", "You said yes"), ("decline", "You said no")])
def test_an_answer_is_taken_once_and_then_shown(world, browser, word, said):
    world.offered()
    for given in (word, "accept", "decline"):
        page = Read(browser.post(path(), data={"answer": given}).text)
        assert said in page.text
        assert not page.all("form")
    assert said in Read(browser.get(path()).text).text
    assert world.said == [told.Answered(person="P-1", to="S-1", answer=word, answered_at=NOW)]
    assert world.standing().answers == (Answer("S-1", word, NOW),)


def test_after_a_yes_it_is_passed_on_and_a_confirmation_follows_and_nothing_says_that_it_is_theirs(world, browser):
    world.offered()
    text = Read(browser.post(path(), data={"answer": "accept"}).text).text
    assert "We have passed your answer on. You will shortly receive a confirmation" in text
    assert "yours" not in text
    world.taken()
    assert "yours" not in Read(browser.get(path()).text).text


def test_a_yes_that_came_too_late_still_reads_as_passed_on(world, browser):
    world.offered()
    browser.post(path(), data={"answer": "accept"})
    world.ended("lapsed")
    world.taken(membership="S-2")
    assert "You said yes" in browser.get(path()).text


@pytest.mark.parametrize("given", [{}, {"answer": ""}, {"answer": "perhaps"}, {"other": "accept"}])
def test_another_answer_is_refused_and_changes_nothing(world, browser, given):
    world.offered()
    page = browser.post(path(), data=given)
    assert page.status_code == 422
    assert "Choose one of accept, decline." in Read(page.text).text
    assert world.said == []


def test_two_clicks_at_once_give_one_answer(world, browser, monkeypatch):
    world.offered()
    answered = Standing.answer

    def while_another_clicks(standing, offer, word, at):
        monkeypatch.setattr(Standing, "answer", answered)
        browser.post(path(), data={"answer": "decline"})
        return answered(standing, offer, word, at)

    monkeypatch.setattr(Standing, "answer", while_another_clicks)
    assert "You said no" in browser.post(path(), data={"answer": "accept"}).text
    assert [fact.answer for fact in world.said] == ["decline"]


GONE = [
    (lambda _world: None, "This offer is no longer open.", False),
    (lambda world: world.offered(membership="S-2"), "This offer is no longer open.", True),
    (lambda world: world.offered(place(deadline=NOW)), "The time to answer this offer has passed.", True),
    (lambda world: (world.offered(), world.ended("lapsed")), "The time to answer this offer has passed.", True),
    (lambda world: world.taken(), "The time to answer this offer has passed.", True),
    (lambda world: (world.offered(), world.ended("cancelled")), "The place is no longer being held.", True),
    (lambda world: (world.taken(), world.ended("withdrawn")), "The place is no longer being held.", True),
    (lambda world: (world.offered(), world.hear(referral.ParticipantErased(person="P-1"))), "This offer is no longer open.", True),
]


@pytest.mark.parametrize(("before", "reason", "is_known"), GONE)
def test_a_link_that_is_gone_says_why_and_whom_to_ring(world, browser, before, reason, is_known):
    before(world)
    for page in (browser.get(path()), browser.post(path(), data={"answer": "accept"})):
        text = Read(page.text).text
        assert page.status_code == 410
        assert reason in text
        assert "nothing is lost" in text
        assert ("0113 496 0000" in text) is is_known
    assert world.said == []


def test_a_link_that_is_none_of_ours_points_to_the_message_for_the_phone_number(browser):
    page = browser.get("/answer/none-of-ours")
    assert page.status_code == 410
    assert "This link is not valid, or it has expired." in Read(page.text).text
    assert "at the foot of the message" in Read(page.text).text


def test_a_person_of_a_hub_that_is_served_elsewhere_is_told_so(world, browser):
    world.offered(hub="york")
    assert "01904 960 000" in browser.get(path()).text
    del world.hubs["york"]
    page = browser.get(path())
    assert page.status_code == 410
    assert "This link does not belong to this website." in Read(page.text).text


def test_while_the_store_is_away_or_a_key_is_missing_the_page_asks_to_come_back(world, browser, monkeypatch):
    world.offered()
    world.keys[:] = [SealingKey("2031-01", b"o" * 32)]
    pages = [browser.get(path()), browser.post(path(), data={"answer": "accept"})]
    monkeypatch.setattr(world.use_cases.store, "read", lambda *_: (_ for _ in ()).throw(Retryable("away")))
    pages.append(browser.get(path()))
    for page in pages:
        assert page.status_code == 503
        assert "Sorry, we cannot do this just now" in Read(page.text).text
    assert world.said == []


def test_a_form_that_another_site_sent_is_refused(world, browser):
    world.offered()
    answer = browser.post(path(), data={"answer": "accept"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, world.said) == (403, [])


def test_an_offer_without_dates_still_has_a_page(world, browser):
    world.offered(place(meetings=()))
    page = Read(browser.get(path()).text)
    assert "First meeting" not in page.text
    assert "Weekly evening A" in page.text


def test_no_page_says_who_runs_the_group(world, browser):
    world.offered()
    assert "Ficta" not in browser.get(path()).text + browser.post(path(), data={"answer": "accept"}).text


def test_the_answer_is_timed_by_the_clock_of_the_domain(world, browser):
    world.offered()
    world.now = NOW + timedelta(days=1)
    browser.post(path(), data={"answer": "decline"})
    assert world.said[0].answered_at == NOW + timedelta(days=1)


@every_page
def test_no_page_gives_anything_away(show, page):
    html = show(page, answer="accept")
    assert telling_words(Read(html).text) == ()
    assert "<svg" not in html


@every_page
def test_every_page_is_readable_by_everybody(show, page):
    read = Read(show(page, answer="accept"))
    assert read.all("html") == [{"lang": "en-GB"}]
    assert len(read.all("h1")) == len(read.all("main")) == len(read.all("title")) == 1
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in read.all("meta")
    assert {"name": "robots", "content": "noindex"} in read.all("meta")


def test_every_page_keeps_its_address_to_itself(world, browser):
    world.offered()
    for page in (browser.get(path()), browser.post(path(), data={"answer": "accept"}), browser.get("/answer/gone")):
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert "script-src 'none'" in page.headers["Content-Security-Policy"]
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert not Read(page.text).all("script")


def test_a_place_with_markup_in_its_name_is_shown_as_text(show):
    crafted = replace(samples.place(), name="<script>alert(1)</script>", venue="<b>Room</b> & 'Co'")
    for page in ("answer.html", "answered.html"):
        html = show(page, place=crafted)
        assert "<script>" not in html
        assert "<b>" not in html
        assert "<script>alert(1)</script>" in Read(html).text


def test_every_stylesheet_that_a_page_names_is_served_from_here(world, browser):
    world.offered()
    for link in Read(browser.get(path()).text).all("link"):
        if link["rel"] == "stylesheet":
            answer = browser.get(link["href"])
            assert (answer.status_code, answer.mimetype) == (200, "text/css")


@pytest.mark.parametrize("name", ["other.css", "..%2fkit.py", "nhsuk-frontend-10.4.2.min.js"])
def test_nothing_else_is_served(browser, name):
    assert browser.get(f"/assets/{name}").status_code == 404


def test_a_missing_stylesheet_is_told_with_its_cure(monkeypatch):
    assets.stylesheets.cache_clear()
    monkeypatch.setattr(assets, "find_spec", lambda _: None)
    with pytest.raises(assets.AssetsNotInstalled, match=r"requirements/\S+\.txt"):
        assets.stylesheets()
