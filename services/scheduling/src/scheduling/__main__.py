"""`python -m scheduling api | consumer | relay | matcher | timers | indexes | resay | …`: each a separate program."""

from scheduling.bootstrap import build
from shared.process.commands import commands, started
from shared.process.loop import Stop

group = commands("scheduling", build)

LOOK_AGAIN = 2.0  # seconds after which the matcher runs when nothing woke it: polling is the truth


@group.command(help="Do what time causes: offers lapse, groups end.")
def timers() -> None:
    service = started(build, "timers")
    service.runtime.run("timers", lambda _stop: service.do_what_is_due(), lambda stop: stop.wait(0.5))


@group.command(help="Offer the places of groups to those who wait.")
def matcher() -> None:
    service = started(build, "matcher")
    matching, lease = service.matcher(), service.runtime.lease("matcher")
    wakeup = service.runtime.wakeup("entries", "groups", "people", operations=("insert", "update", "replace"))

    def match(stop: Stop) -> None:
        if lease.held():
            matching.match(stop.is_told)

    service.runtime.run("matcher", match, lambda _stop: wakeup.wait(LOOK_AGAIN))
    lease.release()


if __name__ == "__main__":
    group()
