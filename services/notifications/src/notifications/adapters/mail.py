"""Builds the e-mail: one message, one envelope, one recipient. There is no parameter that could take two."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage

from notifications.adapters.templates import Rendered

ATTACHMENT = "invitation.ics"
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class UnsafeHeader(ValueError):
    """A header value that could become more than the header it is meant for."""


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    email: str


def build(to: str, sender: Address, rendered: Rendered, message_id: str, date: datetime, calendar: bytes | None) -> EmailMessage:
    """Raises UnsafeHeader for a value with control characters, or a recipient that is not exactly one plain address."""
    if not _ADDRESS.fullmatch(to):
        raise UnsafeHeader("To")
    mail = EmailMessage(policy=policy.SMTP)
    headers = {
        "From": f"{sender.name} <{sender.email}>",
        "To": to,
        "Subject": rendered.subject,
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers it
        "X-Auto-Response-Suppress": "All",
    }
    for name, value in headers.items():
        mail[name] = safe(name, value)
    mail["Date"] = date
    # Plain ASCII goes out as it is, so that a link stays in one piece even for a reader that decodes nothing.
    mail.set_content(rendered.text, cte="7bit" if rendered.text.isascii() else "quoted-printable")
    mail.add_alternative(rendered.html, subtype="html")
    if calendar is not None:
        _add_calendar(mail, calendar)
    return mail


def safe(name: str, value: str) -> str:
    """`value`, if it holds no control character as it stands nor after RFC 2047 decoding.

    The standard library of Python 3.11.7 writes a real `Bcc:` line from a crafted encoded word (measured).
    """
    try:
        decoded = str(make_header(decode_header(value)))
    except (ValueError, LookupError) as error:
        raise UnsafeHeader(name) from error
    if any(not character.isprintable() for character in value + decoded):
        raise UnsafeHeader(name)
    return value


def _add_calendar(mail: EmailMessage, calendar: bytes) -> None:
    """As an alternative, for clients that show invitations, and as a file, for those that do not."""
    method = re.search(rb"^METHOD:(\w+)", calendar, re.MULTILINE)
    text = calendar.decode()
    mail.add_alternative(text, subtype="calendar", params={"method": method.group(1).decode() if method else "REQUEST"})
    mail.add_attachment(text, subtype="calendar", filename=ATTACHMENT)
