"""Builds the e-mail: one envelope, one recipient, by construction. There is no way to give it two."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from notifications.adapters.calendar import FILE_NAME
from notifications.adapters.header_guard import UnsafeHeader, one_address, safe
from notifications.adapters.templates import Rendered

__all__ = ["Address", "UnsafeHeader", "build"]

_LONGEST_LINE = 990  # RFC 5322, 2.1.1: 998 characters


@dataclass(frozen=True, slots=True)
class Address:
    """The sender that a mailbox shows: a discreet name, and an address."""

    name: str
    email: str


def build(  # noqa: PLR0913, PLR0917 - one argument for each thing an e-mail has
    to: str, sender: Address, rendered: Rendered, message_id: str, date: datetime, invitation: bytes | None
) -> EmailMessage:
    """The message to the one address `to`. date: with a zone. message_id: in angle brackets. invitation: an .ics file.

    Raises UnsafeHeader when `to` is not exactly one plain address, or a header would break out of its line.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = HeaderAddress(safe("From", sender.name), addr_spec=one_address("From", sender.email))
    mail["To"] = HeaderAddress(addr_spec=one_address("To", to))
    mail["Subject"] = safe("Subject", rendered.subject)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = safe("Message-ID", message_id)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: prevents out-of-office replies
    mail["X-Auto-Response-Suppress"] = "All"  # Exchange's own header for the same
    mail.set_content(rendered.text, cte=_coding(rendered.text))
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    if invitation:
        _invite(mail, invitation)
    return mail


def _coding(text: str) -> str:
    """ASCII text is sent as it is, so that a link stays whole in a client that decodes nothing. Not every server supports 8bit."""
    is_plain = text.isascii() and all(len(line) < _LONGEST_LINE for line in text.splitlines())
    return "7bit" if is_plain else "quoted-printable"


def _invite(mail: EmailMessage, invitation: bytes) -> None:
    """Add it twice, as Google Calendar does: Outlook and Gmail read the alternative, Apple Mail and others the attachment."""
    method = "CANCEL" if b"\r\nMETHOD:CANCEL\r\n" in invitation else "REQUEST"
    mail.add_alternative(invitation.decode(), subtype="calendar", charset="utf-8", cte="base64", params={"method": method})
    mail.add_attachment(invitation, maintype="application", subtype="ics", filename=FILE_NAME)
