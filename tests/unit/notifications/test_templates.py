from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from jinja2.exceptions import SecurityError

import notifications
from notifications.adapters import notification_files, samples
from notifications.adapters.templates import HubCard, MailContext, NotOneLine, Templates
from notifications.domain.places import Meeting
from notifications.domain.wording import NoClock, clock, day

DATA = Path(notifications.__file__).parent / "data"
SHIPPED = notification_files.load(DATA)
everything = pytest.mark.parametrize("code", SHIPPED.entries)


def render(code, **changes):
    return Templates(DATA).render(code, replace(samples.context(replace(SHIPPED.get(code), preheader="In short.")), **changes))


def bare(known_as="Sam"):
    return MailContext(known_as, HubCard("London", "020 7946 0000", "hello@circlework.example"), "")


def written(folder, subject="S", text="T", html="<p>H</p>"):
    (folder / "templates" / "x").mkdir(parents=True)
    for name, content in (("subject.txt", subject), ("body.txt", text), ("body.html", html)):
        (folder / "templates" / "x" / name).write_text(content)
    return Templates(folder)


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attributes]

    def handle_data(self, data):
        self.words += data.split()


@everything
def test_every_message_uses_the_persons_own_name_and_tells_how_to_reach_the_hub(code):
    rendered = render(code)
    for body in (rendered.text, rendered.html):
        assert "Dear Sam," in body
        assert "020 7946 0000" in body
        assert "hello@circlework.example" in body


@everything
def test_text_and_html_tell_the_same_names_dates_times_and_numbers(code):
    rendered = render(code)
    told, shown = ({word.strip(".,:;") for word in words} for words in (rendered.text.split(), Page(rendered.html).words))
    steps = set("123") if code == "referral-received" else set()  # HTML numbers its list by itself
    assert {word for word in shown if word[:1].isdigit()} == {word for word in told if word[:1].isdigit()} - steps
    assert ("A name" in rendered.text) == ("A name" in rendered.html)
    assert ("A venue" in rendered.text) == ("A venue" in rendered.html)


@everything
def test_html_is_accessible_and_fetches_nothing(code):
    page = Page(render(code).html)
    assert ("html", "lang", "en-GB") in page.attributes
    assert page.tags.count("h1") == 1
    assert not {"table", "img", "script", "link", "style", "iframe"} & set(page.tags)
    assert not [value for _, name, value in page.attributes if name == "src" or (name == "style" and "url(" in value)]


def test_the_preheader_is_the_first_text_of_the_body_and_hidden():
    html = render("offer").html
    first = html.partition("<body")[2].partition(">")[2].lstrip()
    assert first.startswith('<div style="display:none')
    assert first.partition(">")[2].startswith("In short.</div>")


def test_the_offer_says_until_when_what_silence_means_and_carries_its_link():
    rendered = render("offer", link="https://circlework.example/answer/abc")
    for body in (rendered.text, rendered.html):
        assert "6.30pm on Tuesday 29 December 2026" in body
        assert "Tuesday 12 January 2027, 6.30pm to 8pm" in body
        assert "https://circlework.example/answer/abc" in body
        assert "keep your place" in body


def test_the_reminder_names_its_own_session():
    times = (datetime.fromisoformat(f"2027-07-06T{time}:00+00:00") for time in ("17:00", "18:30"))
    session = Meeting("X-2", *times, "Europe/London", "Room 9")
    rendered = render("session-reminder", session=session)
    assert rendered.subject == "Reminder: Tuesday 6 July 2027, 6pm"
    assert "6pm to 7.30pm" in rendered.text
    assert "Room 9" in rendered.text


def test_what_a_person_is_called_is_text_never_markup():
    rendered = render("offer", known_as="<b>Sam & Co</b>")
    assert "&lt;b&gt;Sam &amp; Co&lt;/b&gt;" in rendered.html
    assert "<b>Sam & Co</b>" in rendered.text


def test_a_name_that_is_not_there_is_an_error_and_never_a_gap(tmp_path):
    with pytest.raises(jinja2.UndefinedError):
        written(tmp_path, text="Dear {{ salutation }}").render("x", bare())


def test_a_subject_that_a_value_would_break_is_refused(tmp_path):
    with pytest.raises(NotOneLine):
        written(tmp_path, subject="For {{ known_as }}").render("x", bare("a\r\nBcc: x@y.example"))


@pytest.mark.parametrize("name", ["place.name", "session.venue", "link"])
def test_what_a_message_is_not_about_is_not_there_for_its_template(tmp_path, name):
    with pytest.raises(jinja2.UndefinedError):
        written(tmp_path, text=f"{{{{ {name} }}}}").render("x", bare())


def test_a_reminder_in_a_session_without_a_venue_of_its_own_names_that_of_the_series():
    session = replace(samples.MEETINGS[0], venue="")
    assert "A venue" in render("session-reminder", session=session).text


@pytest.mark.parametrize("may_come", [True, False])
def test_open_access_says_kindly_that_colleagues_may_come_where_they_may(may_come):
    rendered = render("open-access-times", place=replace(samples.place("pass"), colleagues_may_come=may_come))
    for body in (rendered.text, rendered.html):
        assert ("Other people from your area may come too, including perhaps a colleague of yours." in body) is may_come


def test_a_template_cannot_reach_into_python(tmp_path):
    with pytest.raises(SecurityError):
        written(tmp_path, text="{{ ''.__class__.__mro__ }}").render("x", bare())


@pytest.mark.parametrize(
    ("instant", "zone", "said"),
    [
        ("2027-01-12T18:30:00+00:00", "Europe/London", ("Tuesday 12 January 2027", "6.30pm")),
        ("2027-07-12T17:30:00+00:00", "Europe/London", ("Monday 12 July 2027", "6.30pm")),
        ("2027-03-28T00:59:00+00:00", "Europe/London", ("Sunday 28 March 2027", "12.59am")),
        ("2027-03-28T01:00:00+00:00", "Europe/London", ("Sunday 28 March 2027", "2am")),
        ("2027-10-31T00:30:00+00:00", "Europe/London", ("Sunday 31 October 2027", "1.30am")),
        ("2027-10-31T01:30:00+00:00", "Europe/London", ("Sunday 31 October 2027", "1.30am")),
        ("2027-06-30T23:00:00+00:00", "Europe/London", ("Thursday 1 July 2027", "midnight")),
        ("2028-02-29T12:00:00+00:00", "Europe/London", ("Tuesday 29 February 2028", "midday")),
    ],
)
def test_instants_are_told_on_the_wall_clock_of_the_place(instant, zone, said):
    at = datetime.fromisoformat(instant)
    assert (day(at, zone), clock(at, zone)) == said
    assert (day(Meeting("X", at, at, zone, "")), clock(Meeting("X", at, at, zone, ""))) == said


@pytest.mark.parametrize(
    ("instant", "zone"), [("2027-01-12T18:30:00", "Europe/London"), ("2027-01-12T18:30:00+00:00", ""), (None, "Europe/London")]
)
def test_a_time_is_never_guessed(instant, zone):
    with pytest.raises(NoClock):
        clock(instant and datetime.fromisoformat(instant), zone)
