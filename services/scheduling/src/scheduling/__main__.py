"""`python -m scheduling api | consumer | relay | timers | indexes | …`: each a separate program."""

from scheduling.bootstrap import build
from shared.process.commands import commands, started

group = commands("scheduling", build)


@group.command(help="Do what time causes: offers expire, groups end.")
def timers() -> None:
    service = started(build, "timers")
    service.runtime.run("timers", lambda _stop: service.do_what_is_due(), lambda stop: stop.wait(0.5))


if __name__ == "__main__":
    group()
