"""Two SMTP servers that do as a test says: one on a real socket, phase by phase, and one that only plays the sender's port."""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from socket import SHUT_RDWR, socket
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Lock, Thread
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.application.sending import Outcome

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """What goes out, as it stands; then the connection is closed, or not."""

    text: str = ""
    closes: bool = False


SILENCE = Answer()
CLOSE = Answer(closes=True)

Script = dict[str, str | Answer]  # a plain string is a whole reply; it gets its line end

USUAL: Mapping[str, str] = {
    "banner": "220 ready",
    "EHLO": "250 here",  # HELO is answered with the same
    "STARTTLS": "220 go on",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    "dot": "250 taken",
}


@dataclass
class Visit:
    """One connection, as the server saw it. clear: what was said before TLS.  undotted: a mail whose final dot did not come."""

    said: list[str] = field(default_factory=list)
    clear: list[str] = field(default_factory=list)
    undotted: bytes = b""
    ended: Event = field(default_factory=Event)

    def verbs(self) -> list[str]:
        return [line.partition(" ")[0].upper() for line in self.said]


@dataclass
class Scripted:
    """script may be changed between two mails.  held: every mail whose final dot arrived, whatever was answered."""

    port: int
    script: Script
    tls: ssl.SSLContext | None
    visits: list[Visit] = field(default_factory=list)
    held: list[bytes] = field(default_factory=list)

    def answer(self, phase: str) -> Answer:
        scripted = self.script.get(phase, USUAL[phase])
        return scripted if isinstance(scripted, Answer) else Answer(f"{scripted}\r\n")

    def over(self) -> None:
        """Return once the server has seen the end of every connection; fails when a client keeps one open."""
        for number, visit in enumerate(self.visits):
            assert visit.ended.wait(5), f"connection {number} is still open; it said {visit.said}"

    def said(self, verb: str) -> list[str]:
        """Every command of that verb, on all connections."""
        return [line for visit in self.visits for line in visit.said if line.upper().startswith(verb)]


@contextmanager
def serving(script: Script | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """A server on a free port, gone at the end. tls: offers STARTTLS with this certificate."""
    script = {"EHLO": "250-here\r\n250 STARTTLS"} | (script or {}) if tls else script or {}
    with _Listener((HOST, 0), _Conversation) as listener:
        listener.scripted = Scripted(listener.server_address[1], script, tls)
        thread = Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield listener.scripted
        finally:
            listener.shutdown()
            thread.join()


class _Listener(ThreadingTCPServer):
    daemon_threads = True
    scripted: Scripted


class _Closed(Exception):
    pass


class _Conversation(BaseRequestHandler):
    server: _Listener
    request: socket

    def handle(self) -> None:
        self.scripted, self.visit = self.server.scripted, Visit()
        self.scripted.visits.append(self.visit)
        self.lines: BinaryIO = self.request.makefile("rb")
        with suppress(_Closed, OSError):
            self._answer("banner")
            while line := self.lines.readline():
                self._hear(line.decode("latin-1").rstrip("\r\n"))
        with suppress(OSError):
            self.request.shutdown(SHUT_RDWR)
        self.lines.close()
        self.request.close()
        self.visit.ended.set()

    def _hear(self, command: str) -> None:
        self.visit.said.append(command)
        if not isinstance(self.request, ssl.SSLSocket):
            self.visit.clear.append(command)
        verb = command.partition(" ")[0].upper()
        phase = "EHLO" if verb == "HELO" else verb
        if phase not in USUAL:
            self.request.sendall(b"500 what?\r\n")
            return
        self._answer(phase)
        answered = self.scripted.answer(phase).text
        if phase == "STARTTLS" and answered.startswith("220") and self.scripted.tls:
            self._cover(self.scripted.tls)
        if phase == "DATA" and answered.startswith("354"):
            self._take()

    def _answer(self, phase: str) -> None:
        answer = self.scripted.answer(phase)
        self.request.sendall(answer.text.encode())
        if answer.closes:
            raise _Closed

    def _cover(self, tls: ssl.SSLContext) -> None:
        self.request = tls.wrap_socket(self.request, server_side=True)
        self.lines.close()
        self.lines = self.request.makefile("rb")

    def _take(self) -> None:
        """The text of a mail, up to the dot or the end of the connection."""
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise _Closed
            self.visit.undotted += re.sub(rb"^\.", b"", line)
        self.scripted.held.append(self.visit.undotted)
        self.visit.undotted = b""
        self._answer("dot")


def certificate(folder: Path, name: str = HOST) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS with a certificate signed by itself, for an address or a name; and the file of that certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    known_as = x509.IPAddress(ip_address(name)) if name == HOST else x509.DNSName(name)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(own, own, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([known_as]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, pem, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return context, file


Step = Callable[[], None]
Part = Callable[[Step], Outcome]  # what a server does with one mail


class Killed(BaseException):
    """kill -9, as far as a test can."""


def answers(kind: str, reason: str = "") -> Part:
    """All of it is taken, and the dot too; then this is the answer."""

    def play(before_dot: Step) -> Outcome:
        before_dot()
        return Outcome(kind, reason)

    return play


def refuses(kind: str, reason: str) -> Part:
    """Nothing is taken, and the dot is never sent."""
    return lambda _before_dot: Outcome(kind, reason)


def dies_before_the_dot(_before_dot: Step) -> Outcome:
    raise Killed


def dies_after_the_dot(before_dot: Step) -> Outcome:
    before_dot()
    raise Killed


ACCEPTS = answers("accepted")


@dataclass
class PlayedServer:
    """parts: one for each mail; when none is left, it accepts.  dots: the Message-IDs it may hold, in their order."""

    parts: list[Part] = field(default_factory=list)
    dots: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=Lock)

    def deliver(self, mail: EmailMessage, before_dot: Step) -> Outcome:
        def dotted() -> None:
            before_dot()
            with self.lock:
                self.dots.append(mail["Message-ID"])

        with self.lock:
            part = self.parts.pop(0) if self.parts else ACCEPTS
        return part(dotted)
