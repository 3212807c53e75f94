"""`python -m notifications api | consumer | relay | timers | sender | indexes | …`: each a separate program."""

from notifications.bootstrap import build
from shared.process.commands import commands, started
from shared.process.loop import Stop

group = commands("notifications", build, look_every=5)


@group.command(help="Send the messages that are due.")
def sender() -> None:
    service = started(build, "sender")
    sending, wakeup, restoration = service.sender(), service.runtime.wakeup("messages"), service.runtime.restoration
    is_start = True

    def send(stop: Stop) -> None:
        nonlocal is_start
        if restoration.is_under_way():
            return  # messages that are planned may have been sent before
        if is_start:
            sending.recover(is_start=True)
            is_start = False
        while not stop and sending.send_due(stop.is_told):
            pass
        sending.recover(is_start=False)  # after what is due, which it need not keep waiting

    service.runtime.run("sender", send, lambda _stop: wakeup.wait(0.5))


if __name__ == "__main__":
    group()
