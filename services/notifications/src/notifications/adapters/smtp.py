"""Delivers a message to an SMTP server, and reports the exact outcome (RFC 5321, RFC 1047)."""

import re
import smtplib
import socket
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage

from notifications.adapters.replies import refusal
from notifications.application.sending import Outcome

_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)

# The first digit of a reply: RFC 5321, 4.2.1.
_DONE, _NOT_NOW, _FOR_GOOD = 2, 4, 5
_REFUSALS = (_NOT_NOW, _FOR_GOOD)

COMMAND_TIMEOUT = 10.0  # seconds for each command
FINAL_TIMEOUT = 20.0  # for the answer to the final dot; shorter than a submitted claim lasts

Step = Callable[[], None]


@dataclass(slots=True)
class SmtpConnections:
    """Of several threads: each mail goes over a connection that no other mail is using; one is opened when there is none.

    A deque's append and pop are safe from several threads.
    """

    open: Callable[[], "SmtpServer"]
    _free: "deque[SmtpServer]" = field(default_factory=deque, init=False)

    def deliver(self, mail: EmailMessage, before_dot: Step) -> Outcome:
        """As SmtpServer does."""
        try:
            server = self._free.pop()
        except IndexError:
            server = self.open()
        try:
            return server.deliver(mail, before_dot)
        finally:
            self._free.append(server)


@dataclass(slots=True)
class SmtpServer:
    """tls: `starttls` (verified; nothing is sent in the clear if it is not offered) or `none`. The connection is kept and reused."""

    host: str
    port: int
    tls: str
    sender: str
    _link: smtplib.SMTP | None = field(default=None, init=False)

    def deliver(self, mail: EmailMessage, before_dot: Step) -> Outcome:
        """Send `mail` to the one address in its To. `before_dot` is called when only the final dot is missing: until then
        the server has no message. If `before_dot` raises, the connection is closed and nothing has been sent."""
        try:
            refused = self._announce(mail["To"].addresses[0].addr_spec)
            if refused:
                return refused
            self._pour(mail)
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            return Outcome("deferred", type(error).__name__)
        return self._finish(before_dot)

    def _announce(self, recipient: str) -> Outcome | None:
        """MAIL, RCPT and DATA, each only once the one before was accepted. Returns the server's refusal, or None."""
        link = self._connected()
        steps: tuple[tuple[str, Callable[[], tuple[int, bytes]], int], ...] = (
            ("MAIL", lambda: link.mail(self.sender), 2),
            ("RCPT", lambda: link.rcpt(recipient), 2),
            ("DATA", lambda: link.docmd("DATA"), 3),
        )
        for phase, ask, wanted in steps:
            code, text = ask()
            if code // 100 != wanted:
                return self._refused(phase, code, text)
        return None

    def _pour(self, mail: EmailMessage) -> None:
        """Send all of the message but the final dot."""
        text = mail.as_bytes(policy=policy.SMTP)
        self._connected().send(_LINE_START_DOT.sub(b"..", text))

    def _finish(self, before_dot: Step) -> Outcome:
        link = self._connected()
        try:
            before_dot()
        except BaseException:
            self._hang_up()
            raise
        try:
            link.send(b".\r\n")
        except (OSError, smtplib.SMTPException) as error:  # it was never sent: the server has no message
            self._hang_up()
            return Outcome("deferred", type(error).__name__)
        return self._answer_to_the_dot(link)

    def _answer_to_the_dot(self, link: smtplib.SMTP) -> Outcome:
        try:
            if link.sock:
                link.sock.settimeout(FINAL_TIMEOUT)
            code, text = link.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            return Outcome("unsure", type(error).__name__)
        if code // 100 == _DONE:
            if link.sock:
                link.sock.settimeout(COMMAND_TIMEOUT)
            return Outcome("accepted")
        if code // 100 in _REFUSALS:
            return self._refused("dot", code, text)
        self._hang_up()
        return Outcome("unsure", "no answer that means anything")

    def _refused(self, phase: str, code: int, text: bytes) -> Outcome:
        self._hang_up()
        return refusal(phase, code, text)

    def _connected(self) -> smtplib.SMTP:
        if self._link is None:
            link = smtplib.SMTP(self.host, self.port, timeout=COMMAND_TIMEOUT)
            if link.sock:  # otherwise the lone final dot waits 40 ms for a delayed acknowledgement (RFC 896, RFC 1122 4.2.3.2)
                link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link.ehlo_or_helo_if_needed()
            if self.tls == "starttls":
                link.starttls(context=ssl.create_default_context())  # raises when it is not offered
                link.ehlo()
            self._link = link
        return self._link

    def _hang_up(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()
