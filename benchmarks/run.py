"""`make bench`: measures a whole stack on this machine, and writes docs/benchmarks.md. It is not a test: look at the ratios."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import click
import matching
import psutil
from floor import per_second
from load import Desk, refer_many, wait_for_mails

from embedded.ports import SERVICES, Ports
from embedded.programs import HUBS_FILE, Place
from embedded.stack import Stack, running
from shared.store.mongo import connect

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HUBS = [f"bench-{number}" for number in range(5)]
PACE = 5  # accepts a second, for the latency
STEPS = (
    ("accept: HTTP, decision, transaction", "accepted"),
    ("referral's relay to Kafka", "accepted published"),
    ("scheduling: consume, transaction", "waits"),
    ("the matcher: wake, read, choose, transaction", "offered"),
    ("scheduling's relay to Kafka", "offered published"),
    ("notifications: consume, plan, transaction", "planned"),
    ("sender: claim, check, open, render, SMTP until the dot", "submitted"),
    ("server's answer to the dot", "delivered"),
)


@click.command()
@click.option("--latency", "paced", default=150, show_default=True, help="Accepts at an even pace.")
@click.option("--throughput", "queued", default=320, show_default=True, help="Accepts that wait when scheduling begins.")
@click.option("--port-base", default=30000, show_default=True)
def main(paced: int, queued: int, port_base: int) -> None:
    with tempfile.TemporaryDirectory(prefix="circlework-bench-") as folder:
        hubs = Path(folder) / "hubs.toml"
        template = HUBS_FILE.read_text().partition("[london]")[2].partition("[north-west]")[0]
        hubs.write_text("".join(f"[{code}]{template}" for code in HUBS))
        with running(Place(Path(folder) / "stack", Ports(port_base), hubs), print) as stack:
            desks = [Desk(stack, hub) for hub in HUBS]
            for desk in desks:
                desk.open_groups((paced + queued) // len(HUBS) + 40)
            refer_and_wait(stack, desks, 40)  # warm
            times, steps = latency(stack, desks, paced)
            rate, spent = throughput(stack, desks, queued)
            memory = memory_of(stack)
            stores = {service: stack.place.store(service) for service in SERVICES}
            floor = per_second(stack.place.operator, stores, queued)
            matched = matching.measured(stack.place.store("scheduling"))
    text = page(Found(times, steps, rate, spent, floor, memory)) + matching.page(matched)
    PAGE.write_text(text)
    print(text)


def refer_and_wait(stack: Stack, desks: list[Desk], how_many: int) -> None:
    referred = refer_many(desks, how_many)
    for desk, referral, _ in referred:
        desk.accept(referral)
    wait_for_mails(stack.place.maildir, {address for *_, address in referred}, 60)


def latency(stack: Stack, desks: list[Desk], how_many: int) -> tuple[list[float], dict[str, float]]:
    """Milliseconds from sending each accept to the server's 250, at PACE a second; and the median of each step between."""
    referred = refer_many(desks, how_many)
    began: dict[str, float] = {}

    def accept(desk: Desk, referral: str) -> None:
        began[referral] = time.time()
        desk.accept(referral)

    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        for number, (desk, referral, _) in enumerate(referred):
            time.sleep(max(0.0, start + number / PACE - time.monotonic()))
            pool.submit(accept, desk, referral)
    delivered = wait_for_mails(stack.place.maildir, {address for *_, address in referred}, 60)
    times = [(delivered[address] - began[referral]) * 1000 for _, referral, address in referred]
    marks = [marks_of(stack, referral) | {"began": began[referral], "delivered": delivered[address]} for _, referral, address in referred]
    return times, steps_between(marks)


def marks_of(stack: Stack, referral: str) -> dict[str, float]:
    """When each step of a referral was done, in Unix seconds, by the times in the stores."""
    db = {service: connect(stack.place.store(service), timeout_ms=20_000)[service] for service in SERVICES}
    person = next(db["referral"]["referrals"].find({"_id": referral}))["participant"]
    accepted = next(db["referral"]["outbox"].find({"subject": person, "type": "referral.accepted.v1"}))
    waits = next(db["scheduling"]["outbox"].find({"subject": person, "type": "waiting.started.v1"}))
    offered = next(db["scheduling"]["outbox"].find({"subject": person, "type": "membership.offered.v1"}))
    message = next(db["notifications"]["messages"].find({"person": person, "template": "offer"}))
    for each in db.values():
        each.client.close()
    found = {
        "accepted": accepted["time"],
        "accepted published": accepted["published_at"],
        "waits": waits["time"],
        "offered": offered["time"],
        "offered published": offered["published_at"],
        "planned": message["planned_at"],
        "submitted": message["submitted_at"],
    }
    return {name: at.timestamp() for name, at in found.items()}


def steps_between(marks: list[dict[str, float]]) -> dict[str, float]:
    names = ["began", *(mark for _, mark in STEPS)]
    between = zip(STEPS, pairwise(names), strict=True)
    return {label: statistics.median((m[b] - m[a]) * 1000 for m in marks) for (label, _), (a, b) in between}


def throughput(stack: Stack, desks: list[Desk], how_many: int) -> tuple[float, dict[str, float]]:
    """Offer mails a second, from the moment scheduling resumes with `how_many` accepted referrals waiting on Kafka; and the
    processor time that each process used meanwhile, in milliseconds a mail."""
    referred = refer_many(desks, how_many)
    with paused(stack, "scheduling-consumer"):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda each: each[0].accept(each[1]), referred))
        published(stack)
        before, began = processor_time(stack), time.time()
    delivered = wait_for_mails(stack.place.maildir, {address for *_, address in referred}, 180)
    after = processor_time(stack)
    spent = {name: (after[name] - before[name]) * 1000 / how_many for name in before}
    return how_many / (max(delivered.values()) - began), spent


@contextmanager
def paused(stack: Stack, process: str) -> Iterator[None]:
    """Suspend a process for the length of a `with`."""
    running_now = psutil.Process(stack.supervisor.pids()[process])
    running_now.suspend()
    try:
        yield
    finally:
        running_now.resume()


def processor_time(stack: Stack) -> dict[str, float]:
    """Seconds of user and system time of each process of the stack, its children included."""
    found = {}
    for name, pid in stack.supervisor.pids().items():
        process = psutil.Process(pid)
        found[name] = sum(sum(each.cpu_times()[:2]) for each in [process, *process.children(recursive=True)])
    return found


def published(stack: Stack) -> None:
    outbox = connect(stack.place.store("referral"), timeout_ms=20_000)["referral"]["outbox"]
    while outbox.count_documents({"unpublished": True}):
        time.sleep(0.05)


def memory_of(stack: Stack) -> dict[str, float]:
    """Resident memory of each service process, its children included, in MB."""
    found = {}
    for name, pid in sorted(stack.supervisor.pids().items()):
        if name.startswith(SERVICES):
            process = psutil.Process(pid)
            for each in [process, *process.children(recursive=True)]:
                label = name if each.pid == pid else f"{name} worker"
                found[label] = each.memory_info().rss / 1e6
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """times: ms.  steps: ms.  rate and floor: a second.  spent: ms of processor a mail.  memory: MB."""

    times: list[float]
    steps: dict[str, float]
    rate: float
    spent: dict[str, float]
    floor: float
    memory: dict[str, float]


def page(found: Found) -> str:
    cores, memory = os.cpu_count() or 1, psutil.virtual_memory().total / 1e9
    machine = f"{cores} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"
    head = f"""# Benchmarks

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine}. Everything ran on that one machine: Kafka, four stores, the SMTP
sink, the fourteen processes of the services and the load itself.
"""
    return "\n".join((head, _latency(found), _throughput(found, cores), _memory(found)))


def _latency(found: Found) -> str:
    ordered = sorted(found.times)
    p50, p99 = statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"""## From the accept to the server's 250

{len(ordered)} accepts at {PACE} a second, from the moment the request is sent to the moment the SMTP server answers 250.

| | measured | aim |
|---|---|---|
| p50 | {p50:.0f} ms | 50 ms |
| p99 | {p99:.0f} ms | 300 ms |

Where the time goes (medians, ms; the stores keep times to the millisecond, so a step may be off by one):

| step | ms |
|---|---|
{_rows(found.steps, ".1f")}
"""


def _throughput(found: Found, cores: int) -> str:
    spent = dict(sorted(found.spent.items(), key=lambda each: -each[1]))
    return f"""## With the queue full

Accepted referrals wait on Kafka while scheduling stands still; then it goes on, and the offer mails are counted until the last.

| | a second |
|---|---|
| offer mails (aim: 50) | {found.rate:.1f} |
| floor: bare kafka-python and pymongo, the same produces, consumes and writes | {found.floor:.1f} |
| of the floor | {found.rate / found.floor:.0%} |

Where the time goes: processor time of each process, ms a mail. Together {sum(spent.values()):.0f}; {cores} cores have
{cores * 1000} ms a second.

| process | ms |
|---|---|
{_rows(spent, ".1f")}
"""


def _memory(found: Found) -> str:
    return f"""## Memory (aim: 90 MB a process)

| process | MB, resident |
|---|---|
{_rows(found.memory, ".0f")}
"""


def _rows(found: dict[str, float], form: str) -> str:
    return "\n".join(f"| {name} | {number:{form}} |" for name, number in found.items())


if __name__ == "__main__":
    main()
