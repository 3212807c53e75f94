"""Refuses headers that would turn into something other than they appear to be.

Python 3.11.7 decodes an encoded word (RFC 2047) in a header it is given and writes the result out as it is: a subject of
`=?utf-8?q?hello=0ABcc:_x@y.example?=` becomes two headers, the second a real Bcc. So a header is judged by what it decodes to.
"""

import re
import unicodedata
from email.errors import MessageError
from email.header import decode_header, make_header
from email.policy import SMTP

# Control characters, lone surrogates, line and paragraph separators: each can end a line for some parser.
_REFUSED = {"Cc", "Cs", "Zl", "Zp"}
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDR_SPEC = re.compile(rf"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}})@(?:{_LABEL}\.)+{_LABEL}")
_LONGEST = 254  # characters of an address; RFC 5321, 4.5.3.1.3


class UnsafeHeader(ValueError):
    """A header value that is not sent. The error names the header and never quotes the value."""


def safe(name: str, value: str) -> str:
    """`value` itself. Raises UnsafeHeader when it, or its decoded form, contains a control character or a second encoding."""
    try:
        readings = (str(make_header(decode_header(value))), str(SMTP.header_factory(name, value)))
    except (MessageError, LookupError, ValueError, IndexError) as error:
        raise UnsafeHeader(f"{name}: cannot be decoded") from error
    if any(unicodedata.category(character) in _REFUSED for text in (value, *readings) for character in text):
        raise UnsafeHeader(f"{name}: holds a control character")
    if any("=?" in text for text in readings):
        raise UnsafeHeader(f"{name}: holds a coded word inside another")
    return value


def one_address(name: str, value: str) -> str:
    """`value` itself, when it is one plain addr-spec (RFC 5322, 3.4.1, dot-atoms only). Raises UnsafeHeader."""
    found = _ADDR_SPEC.fullmatch(value)
    if not found or len(value) > _LONGEST or "=?" in value or not all(found["local"].split(".")):
        raise UnsafeHeader(f"{name}: not exactly one plain address")
    return safe(name, value)
