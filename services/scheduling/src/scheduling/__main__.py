"""`python -m scheduling api | consumer | relay | matcher | timers | indexes | resay | …`: each a separate program."""

from scheduling.bootstrap import build
from shared.process.commands import commands, started
from shared.process.loop import Stop

group = commands("scheduling", build, look_every=0.5)

LOOK_AGAIN = 2.0  # seconds after which the matcher runs when nothing woke it: the wake-up is only a hint


@group.command(help="Offer places in groups to people who are waiting.")
def matcher() -> None:
    service = started(build, "matcher")
    matching, lease, restoration = service.matcher(), service.runtime.lease("matcher"), service.runtime.restoration
    wakeup = service.runtime.wakeup("entries", "groups", "people", operations=("insert", "update", "replace"))

    def match(stop: Stop) -> None:
        if lease.held() and not restoration.is_under_way():
            matching.match(stop.is_told)

    service.runtime.run("matcher", match, lambda _stop: wakeup.wait(LOOK_AGAIN))
    lease.release()


if __name__ == "__main__":
    group()
