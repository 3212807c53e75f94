"""What a mail server's refusal is about: the mailbox, or us.

Only what says that the mailbox is wrong counts as a bounce: somebody must then ask the doctor for another address. What is about our
sender, our rate, our content or the server's own trouble is ours to mend, whatever the first digit says: such mails are kept.
Codes: RFC 5321, 4.2.3; enhanced ones: RFC 3463, RFC 5248, RFC 7505.
"""

import re

from notifications.application.sending import Outcome

_FOR_GOOD = 5
_ENHANCED = re.compile(rb"\s*([245])\.(\d{1,3})\.(\d{1,3})(?:\s|$)")
# Bad mailbox, system, syntax or destination; moved; null MX. Not 5.1.7 and 5.1.8, which are about the sender's address.
_WRONG_ADDRESS = {("1", detail) for detail in ("0", "1", "2", "3", "4", "6", "10")}
_CLOSED_MAILBOX = {("2", "1")}  # disabled; not full (5.2.2), which passes
_WRONG = _WRONG_ADDRESS | _CLOSED_MAILBOX
# Without an enhanced code, at RCPT: not available, not local, name not allowed.
_PLAIN = {550, 551, 553}


def refusal(phase: str, code: int, text: bytes) -> Outcome:
    """phase: MAIL, RCPT, DATA or dot. Only codes are kept: a server's text may quote the address."""
    enhanced = _ENHANCED.match(text)
    told = f"SMTP {code}" + (f" {enhanced[0].decode().strip()}" if enhanced else "")
    if code // 100 != _FOR_GOOD:
        return Outcome("deferred", told)
    if phase != "MAIL" and _is_of_the_mailbox(phase, code, enhanced):
        return Outcome("rejected", told)
    return Outcome("deferred", told, concerns_us=True)


def _is_of_the_mailbox(phase: str, code: int, enhanced: "re.Match[bytes] | None") -> bool:
    if enhanced:
        return enhanced[1] == b"5" and (enhanced[2].decode(), enhanced[3].decode()) in _WRONG
    return phase == "RCPT" and code in _PLAIN
