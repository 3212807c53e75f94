"""What is made of a server's answers, of its silence and of its lies; against a scripted server on a real socket."""

import re
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from notifications.adapters import mail, smtp
from notifications.adapters.smtp import SmtpConnections, SmtpServer
from notifications.adapters.templates import Rendered
from notifications.application.sending import Outcome
from support.smtp import CLOSE, HOST, SILENCE, Answer, Script, Scripted, certificate, serving

ADDRESS = "testina@post.example"
FROM = "hello@circlework.example"
ACCEPTED = Outcome("accepted")

NOT_NOW = (421, 450, 451, 452)
NEVER = (550, 552, 553, 554)
OF_ONE_MAIL = ("MAIL", "RCPT", "DATA")
BEFORE_THE_DOT = ("banner", "EHLO", *OF_ONE_MAIL)
AFTER_THE_DOT = ("cut", "cut-in-reply", "mute", "mute-in-reply")


def letter(text: str = "Dear Testi,\n\nSee you there.\n", number: int = 1) -> EmailMessage:
    rendered = Rendered("Where and when", "In short.", text, "<p>See you there.</p>")
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    return mail.build(ADDRESS, mail.Address("Circlework", FROM), rendered, f"<M-{number}@circlework.example>", at, None)


def written(sent: EmailMessage) -> bytes:
    return sent.as_bytes(policy=policy.SMTP)


def numbers(server: Scripted) -> list[str]:
    """Of the mails that the server holds, in their order: their `number`s."""
    return [message_from_bytes(held)["Message-ID"][3:].partition("@")[0] for held in server.held]


def client(server: Scripted, tls: str = "none") -> SmtpServer:
    return SmtpServer(HOST, server.port, tls, FROM)


def refusal(code: int) -> str:
    """As real servers say it: the address in the text."""
    return f"{code}-<{ADDRESS}> is not wanted\r\n{code} {ADDRESS}"


def go() -> None:
    """A `before_dot` that has nothing against it."""


def tried(script: Script, tls: str = "none") -> tuple[Outcome, Scripted, int]:
    """One mail that such a server does not take: what came of it, what the server saw, and how often the dot was reached."""
    reached: list[None] = []
    with serving(script) as server:
        outcome = client(server, tls).deliver(letter(), lambda: reached.append(None))
        server.over()
    return outcome, server, len(reached)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "COMMAND_TIMEOUT", 0.2)
    monkeypatch.setattr(smtp, "FINAL_TIMEOUT", 0.2)


def test_what_the_server_takes_is_accepted_and_arrives_as_it_was_written() -> None:
    sent = letter()
    with serving() as server:
        assert client(server).deliver(sent, go) == ACCEPTED
    assert server.held == [written(sent)]


def test_one_mail_has_one_recipient_and_the_sender_of_the_service() -> None:
    with serving() as server:
        client(server).deliver(letter(), go)
    assert server.said("RCPT") == [f"rcpt TO:<{ADDRESS}>"]
    assert server.said("MAIL") == [f"mail FROM:<{FROM}>"]


@pytest.mark.parametrize("phase", BEFORE_THE_DOT)
@pytest.mark.parametrize("code", NOT_NOW)
def test_not_now_is_deferred_at_every_phase_and_no_dot_is_sent(code: int, phase: str) -> None:
    outcome, server, reached = tried({phase: refusal(code)})
    assert (outcome.kind, server.held, reached) == ("deferred", [], 0)


@pytest.mark.parametrize("phase", OF_ONE_MAIL)
@pytest.mark.parametrize("code", NEVER)
def test_never_is_of_the_mailbox_only_where_it_says_so_and_no_dot_is_sent(code: int, phase: str) -> None:
    outcome, server, reached = tried({phase: refusal(code)})
    assert (outcome, server.held, reached) == (expected(phase, code), [], 0)


def expected(phase: str, code: int) -> Outcome:
    if phase == "RCPT" and code in {550, 553}:
        return Outcome("rejected", f"SMTP {code}")
    return Outcome("deferred", f"SMTP {code}", concerns_us=True)


@pytest.mark.parametrize(
    ("phase", "reply", "kind"),
    [
        ("RCPT", "550 5.1.1 no such user", "rejected"),
        ("RCPT", "556 5.1.10 null MX", "rejected"),
        ("RCPT", "550 5.2.1 mailbox disabled", "rejected"),
        ("dot", "550 5.1.1 no such user", "rejected"),
        ("MAIL", "550 5.7.60 you may not send as this sender", "ours"),
        ("MAIL", "550 5.1.1 who are you", "ours"),
        ("RCPT", "550 5.1.8 bad sender", "ours"),
        ("RCPT", "552 5.2.2 over quota", "ours"),
        ("RCPT", "554 5.7.1 blocked for policy", "ours"),
        ("RCPT", "550 5.7.1 relaying denied", "ours"),
        ("RCPT", "554 no", "ours"),
        ("dot", "550 5.7.1 looks like spam", "ours"),
        ("dot", "554 5.6.0 not understood", "ours"),
        ("RCPT", "450 4.2.1 later", "deferred"),
    ],
)
def test_only_what_says_that_the_mailbox_is_wrong_is_a_bounce(phase: str, reply: str, kind: str) -> None:
    outcome, _, _ = tried({phase: reply})
    code, enhanced = reply.split(maxsplit=1)[0], reply.split()[1]
    assert (outcome.kind, outcome.concerns_us) == ("rejected" if kind == "rejected" else "deferred", kind == "ours")
    assert outcome.reason == f"SMTP {code} {enhanced}".removesuffix(" no"), "and nothing of the server's text"


@pytest.mark.parametrize("code", [*NOT_NOW, *NEVER])
def test_after_the_dot_a_refusal_without_a_reason_is_not_held_against_the_address(code: int) -> None:
    with serving({"dot": refusal(code)}) as server:
        assert client(server).deliver(letter(), go) == Outcome("deferred", f"SMTP {code}", concerns_us=code in NEVER)


def test_of_several_refusals_the_first_counts() -> None:
    outcome, _, _ = tried({"MAIL": "451 later", "RCPT": "503 mail first", "DATA": "503 mail first"})
    assert outcome == Outcome("deferred", "SMTP 451")


@pytest.mark.parametrize("phase", BEFORE_THE_DOT)
@pytest.mark.parametrize("how", [CLOSE, SILENCE, Answer("25")], ids=["cut", "mute", "mute-in-reply"])
def test_a_server_that_goes_or_falls_silent_before_the_dot_holds_nothing(impatient: None, how: Answer, phase: str) -> None:
    outcome, server, reached = tried({phase: how})
    assert (outcome.kind, server.held, reached) == ("deferred", [], 0)


@pytest.mark.parametrize("how", [CLOSE, Answer("250-taken\r\n", closes=True), SILENCE, Answer("25")], ids=AFTER_THE_DOT)
def test_a_server_that_goes_or_falls_silent_after_the_dot_leaves_it_unsure(how: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "FINAL_TIMEOUT", 0.2)
    started = time.monotonic()
    outcome, server, reached = tried({"dot": how})
    assert (outcome.kind, len(server.held), reached) == ("unsure", 1, 1)
    assert time.monotonic() - started < smtp.COMMAND_TIMEOUT / 2  # the answer to the dot has a limit of its own


def test_nobody_at_the_port_is_deferred() -> None:
    with serving() as server:
        link = client(server)
    assert link.deliver(letter(), go) == Outcome("deferred", "ConnectionRefusedError")


OFFERED = {"EHLO": "250-here\r\n250 STARTTLS"}
STRIPPED: dict[str, Script] = {
    "never-offered": {},
    "refused": OFFERED | {"STARTTLS": "454 not now"},
    "mute": OFFERED | {"STARTTLS": SILENCE},
    "cut": OFFERED | {"STARTTLS": CLOSE},
    "promised-only": OFFERED | {"STARTTLS": "220 go on"},
}


@pytest.mark.parametrize("script", STRIPPED.values(), ids=STRIPPED)
def test_without_tls_nothing_of_a_mail_is_said_in_clear(impatient: None, script: Script) -> None:
    outcome, server, reached = tried(script, "starttls")
    assert (outcome.kind, reached) == ("deferred", 0)
    assert not [line for line in server.visits[0].said if line.upper().startswith("MAIL") or ADDRESS in line]


@pytest.mark.parametrize(("name", "trusted"), [(HOST, "nobody"), ("another.example", "own")])
def test_a_certificate_of_nobody_we_trust_or_of_another_name_gets_no_mail(
    name: str, trusted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, file = certificate(tmp_path, name)
    if trusted == "own":
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(tls=tls) as server:
        assert client(server, "starttls").deliver(letter(), go) == Outcome("deferred", "SSLCertVerificationError")
        server.over()
    assert server.visits[0].verbs() == ["EHLO", "STARTTLS"]


def test_with_a_certificate_to_trust_all_of_the_mail_goes_under_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls, file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(tls=tls) as server:
        assert client(server, "starttls").deliver(letter(), go) == ACCEPTED
    assert [line.split()[0] for line in server.visits[0].clear] == ["ehlo", "STARTTLS"]
    assert len(server.held) == 1


@pytest.mark.parametrize("stop", [LookupError, KeyboardInterrupt])
def test_what_stops_us_before_the_dot_cuts_the_link_and_passes_on(stop: type[BaseException]) -> None:
    def stopped() -> None:
        raise stop

    sent = letter(number=1)
    with serving() as server:
        link = client(server)
        with pytest.raises(stop):
            link.deliver(sent, stopped)
        server.over()
        assert (server.held, server.visits[0].undotted) == ([], written(sent))
        assert link.deliver(letter(number=2), go) == ACCEPTED
    assert numbers(server) == ["2"]


def test_the_connection_is_kept_for_the_next_mail() -> None:
    with serving() as server:
        link = client(server)
        assert [link.deliver(letter(number=number), go) for number in range(3)] == [ACCEPTED] * 3
    assert [visit.verbs() for visit in server.visits] == [["EHLO", *OF_ONE_MAIL * 3]]
    assert numbers(server) == ["0", "1", "2"]


@pytest.mark.parametrize("phase", [*BEFORE_THE_DOT, "dot"])
@pytest.mark.parametrize("how", ["451 later", "554 never", CLOSE, SILENCE], ids=["451", "554", "cut", "mute"])
def test_after_a_failure_the_next_mail_opens_a_connection_of_its_own(
    impatient: None, how: str | Answer, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving({phase: how}) as server:
        link = client(server)
        assert link.deliver(letter(number=1), go) != ACCEPTED
        server.over()
        server.script.clear()
        monkeypatch.undo()  # patient again
        assert link.deliver(letter(number=2), go) == ACCEPTED
    assert len(server.visits) == 2
    assert numbers(server)[-1] == "2"


def test_a_connection_that_the_server_ended_between_two_mails_costs_the_second_a_wait_only() -> None:
    with serving({"dot": Answer("250 taken\r\n", closes=True)}) as server:
        link = client(server)
        assert link.deliver(letter(number=1), go) == ACCEPTED
        server.over()
        assert [link.deliver(letter(number=2), go).kind for _ in range(2)] == ["deferred", "accepted"]
    assert numbers(server) == ["1", "2"]


@pytest.mark.parametrize("text", [".\n", "..\n.\n.hidden\n. \n...\n", "a\n.\nQUIT\n", "no end of line\n."])
def test_lines_that_begin_with_dots_arrive_unchanged(text: str) -> None:
    sent = letter(text)
    with serving() as server:
        assert client(server).deliver(sent, go) == ACCEPTED
        assert client(server).deliver(letter(), go) == ACCEPTED
    assert len(server.held) == 2
    assert server.held[0] == written(sent)
    arrived = message_from_bytes(server.held[0], policy=policy.SMTP).get_body(("plain",)).get_content()
    assert arrived.replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


TELLING = [refusal(450), refusal(550), Answer(f"250-{ADDRESS}\r\n", closes=True), Answer(ADDRESS)]


@pytest.mark.parametrize("phase", [*BEFORE_THE_DOT, "dot"])
@pytest.mark.parametrize("how", TELLING, ids=["450", "550", "cut", "mute"])
def test_a_reason_never_repeats_what_the_server_said(impatient: None, how: str | Answer, phase: str) -> None:
    with serving({phase: how}) as server:
        outcome = client(server).deliver(letter(), go)
    assert outcome.kind != "accepted"
    assert re.fullmatch(r"SMTP \d{3}|[A-Z][A-Za-z]+", outcome.reason)


@pytest.mark.parametrize("reply", [Answer("2", True), Answer("55", True), Answer("550-no\r\n55", True), "hello there", "354 more"])
def test_an_answer_to_the_dot_that_means_nothing_leaves_it_unsure(impatient: None, reply: str | Answer) -> None:
    outcome, server, _ = tried({"dot": reply})
    assert outcome.kind == "unsure"
    assert len(server.held) == 1


@pytest.mark.parametrize("reply", [Answer("25", True), Answer("5", True), "250 ok", "hello there"])
def test_no_dot_is_sent_to_a_server_that_did_not_ask_for_the_mail(impatient: None, reply: str | Answer) -> None:
    outcome, server, dots = tried({"DATA": reply})
    assert (outcome.kind, len(server.held), dots) == ("deferred", 0, 0)


@pytest.mark.parametrize(
    ("phase", "code", "kind"), [("RCPT", 550, "rejected"), ("RCPT", 554, "deferred"), ("MAIL", 550, "deferred"), ("MAIL", 421, "deferred")]
)
def test_a_refusal_counts_though_the_server_goes_at_once_and_no_more_is_told(
    impatient: None,
    phase: str,
    code: int,
    kind: str,
) -> None:
    outcome, server, _ = tried({phase: Answer(f"{code} bye\r\n", True)})
    assert (outcome.kind, outcome.reason) == (kind, f"SMTP {code}")
    assert [visit.verbs()[-1] for visit in server.visits] == [phase]


def test_each_mail_under_way_has_a_connection_of_its_own_and_a_free_one_is_used_again() -> None:
    with serving() as server:
        opened = list[SmtpServer]()

        def connect() -> SmtpServer:
            opened.append(client(server))
            return opened[-1]

        connections = SmtpConnections(connect)
        outcomes = list[Outcome]()
        outcomes.append(connections.deliver(letter(number=1), lambda: outcomes.append(connections.deliver(letter(number=2), go))))
        outcomes += [connections.deliver(letter(number=number), go) for number in (3, 4)]
        assert (outcomes, len(opened)) == ([ACCEPTED] * 4, 2)
        assert numbers(server) == ["2", "1", "3", "4"]
