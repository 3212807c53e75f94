from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifications.adapters.header_guard import UnsafeHeader, one_address, safe
from notifications.adapters.mail import Address, build
from notifications.adapters.templates import Rendered
from shared.validation.discretion import is_discreet

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SENDER = Address("Circlework", "hello@circlework.example")
RENDERED = Rendered("A place is being held for you", "In short.", "Text: https://c.example/answer/abc=\n", "<p>Grüße</p>")
ICS = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Caf\xc3\xa9\r\nEND:VCALENDAR\r\n"
CRAFTED = "=?utf-8?q?hello=0ABcc:_x@y.example?="
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type"}


def sent(to="sam@home.example", subject=RENDERED.subject, invitation=None, sender=SENDER):
    """The message as it goes over the wire, and as a mailbox reads it."""
    rendered = Rendered(subject, "", RENDERED.text, RENDERED.html)
    raw = build(to, sender, rendered, "<M-1@circlework.example>", NOW, invitation).as_bytes()
    return raw, message_from_bytes(raw, policy=policy.default)


def test_a_message_has_one_recipient_and_only_the_headers_it_needs():
    _, mail = sent()
    assert [address.addr_spec for address in mail["To"].addresses] == ["sam@home.example"]
    assert str(mail["To"]) == "sam@home.example"
    assert str(mail["From"]) == "Circlework <hello@circlework.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == "<M-1@circlework.example>"
    assert set(mail.keys()) <= HEADERS | {"Content-Transfer-Encoding"}


def test_text_and_html_are_two_sides_of_one_message():
    _, mail = sent()
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("html",)).get_content().strip() == "<p>Grüße</p>"


def test_a_link_stays_whole_in_the_raw_message_and_nothing_needs_8bit():
    raw, _ = sent()
    assert b"https://c.example/answer/abc=\r\n" in raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert raw.isascii()


def test_an_invitation_comes_as_an_alternative_with_its_method_and_as_a_file_with_a_neutral_name():
    raw, mail = sent(invitation=ICS)
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert "Café" in parts["text/calendar"].get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["invitation.ics"]
    assert parts["application/ics"].get_content() == ICS
    assert is_discreet("invitation.ics")
    assert raw.isascii()


def test_a_cancellation_says_so_in_its_content_type():
    _, mail = sent(invitation=ICS.replace(b"REQUEST", b"CANCEL"))
    assert [part.get_param("method") for part in mail.walk() if part.get_content_type() == "text/calendar"] == ["CANCEL"]


def test_a_crafted_subject_does_not_become_a_bcc():
    with pytest.raises(UnsafeHeader):
        sent(subject=CRAFTED)


@pytest.mark.parametrize("name", [CRAFTED, "Circle\nBcc: x@y.example", "Circle\x00work"])
def test_a_crafted_sender_is_refused(name):
    with pytest.raises(UnsafeHeader):
        sent(sender=Address(name, "hello@circlework.example"))


@pytest.mark.parametrize(
    "to",
    [
        "",
        "sam",
        "sam@home",
        "a@home.example,b@home.example",
        "a@home.example, b@home.example",
        "Sam <a@home.example>",
        "<a@home.example>",
        "a@home.example;b@home.example",
        "a b@home.example",
        "a@home.example ",
        "a@home.example\n",
        "a@home.example\r\nBcc: b@home.example",
        "a@b@home.example",
        '"a b"@home.example',
        "a@[127.0.0.1]",
        ".a@home.example",
        "a..b@home.example",
        "(c)a@home.example",
        "friends:a@home.example;",
        "=?utf-8?q?a=40x.example=2C?=@home.example",
        "ä@home.example",
        f"{'a' * 65}@home.example",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}.example",
    ],
)
def test_whatever_is_not_exactly_one_plain_address_is_refused(to):
    with pytest.raises(UnsafeHeader) as refused:
        sent(to=to)
    assert not to or to not in str(refused.value)


@pytest.mark.parametrize("to", ["sam@home.example", "s.o'neill+x@mail.home.example", "a-b_c@h.co", "1@2.example"])
def test_plain_addresses_are_taken(to):
    assert [address.addr_spec for address in sent(to=to)[1]["To"].addresses] == [to]


@pytest.mark.parametrize("text", ["Reminder: Tuesday 12 January 2027, 6.30pm", "Grüße aus Köln: 2 = 2?", "日本", "x" * 300, "a=b ? c"])
def test_honest_subjects_arrive_as_written(text):
    assert sent(subject=text)[1]["Subject"] == text


def test_the_guard_does_not_repeat_what_it_refuses():
    with pytest.raises(UnsafeHeader) as refused:
        safe("Subject", "secret\nBcc: x@y.example")
    assert "secret" not in str(refused.value)


# Text that looks for trouble: encoded words in both codings, line ends of every kind, and the names of headers.
PIECES = st.sampled_from(
    [
        "=?utf-8?q?",
        "=?utf-8?b?",
        "=?latin-1?Q?",
        "?=",
        "=0A",
        "=0D=0A",
        "=0ABcc:_",
        "Cg==",
        "DQpCY2M6IHhAeS5leGFtcGxl",
        "=3D=3Futf-8",
        "_",
        "?",
        "=",
    ]
)
TROUBLE = st.lists(st.one_of(PIECES, st.text(max_size=6), st.sampled_from("\n\r\x00\x0b\x1c\x85\u2028\u2029 ,:<>@")), max_size=8).map(
    "".join
)


@settings(deadline=None, max_examples=300)
@given(TROUBLE)
@example(CRAFTED)
@example("=?utf-8?b?aGVsbG8KQmNjOiB4QHkuZXhhbXBsZQ==?=")
@example("=?utf-8*en?q?hello=0ABcc:_x@y.example?=")
@example("=?utf-8?q?=3D=3Futf-8=3Fq=3Fhello=3D0ABcc:_x=3F=3D?=")
def test_no_subject_ever_adds_a_header_or_a_line(subject):
    try:
        safe("Subject", subject)
    except UnsafeHeader:
        return
    raw, mail = sent(subject=subject or "x")
    assert set(mail.keys()) <= HEADERS | {"Content-Transfer-Encoding"}
    assert len(mail.keys()) == len(set(mail.keys()))
    names = [line.partition(b":")[0] for line in raw.partition(b"\r\n\r\n")[0].splitlines() if not line.startswith((b" ", b"\t"))]
    assert {name.decode() for name in names if name} <= HEADERS | {"Content-Transfer-Encoding"}


@settings(deadline=None, max_examples=300)
@given(st.one_of(TROUBLE, st.tuples(TROUBLE, st.just("@home.example")).map("".join), st.emails()))
def test_no_recipient_ever_becomes_two_or_another(to):
    try:
        one_address("To", to)
    except UnsafeHeader:
        return
    raw, mail = sent(to=to)
    assert [address.addr_spec for address in mail["To"].addresses] == [to]
    assert raw.count(b"\nTo:") == 1
