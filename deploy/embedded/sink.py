"""An SMTP server that delivers every mail unchanged into a maildir: `python -m embedded.sink`."""

import mailbox
import signal
from pathlib import Path
from typing import Any

import click
from aiosmtpd.controller import Controller


class IntoMaildir:
    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        head = f"X-MailFrom: {envelope.mail_from}\r\nX-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n"
        self._box.add(head.encode() + envelope.content)
        return "250 OK"


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--maildir", type=click.Path(path_type=Path), required=True)
def main(port: int, maildir: Path) -> None:
    controller = Controller(IntoMaildir(maildir), hostname="127.0.0.1", port=port, data_size_limit=5_000_000)
    controller.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()


if __name__ == "__main__":
    main()
