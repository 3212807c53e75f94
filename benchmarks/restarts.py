"""How soon a consumer is back at work: kills each repeatedly on a busy machine, and waits until it has committed a record in
every partition that it reads (except those of contacts).

    .venv/bin/python benchmarks/restarts.py --times 100 --burners 3 --into restarts.jsonl

Every second time its membership is removed too, so that it does not get its old partitions and needs a new assignment.
It continues after the last row of its output file.
"""

import base64
import json
import multiprocessing
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from kafka.admin import KafkaAdminClient, MemberToRemove
from kafka.structs import TopicPartition

from embedded.ports import Ports
from embedded.programs import Place
from embedded.stack import Stack, running
from embedded.waiting import until
from shared.events.envelope import Envelope, to_record
from shared.events.kafka import producer
from shared.events.signing import Signer
from shared.events.topics import topic
from shared.events.tracing import Cause
from shared.ids import new_id
from shared.process.hubs import Hubs, read_hubs

# Without contacts, where an event of an unknown type does not belong.
HEARS = {"referral": ("scheduling",), "scheduling": ("referral", "notifications"), "notifications": ("referral", "scheduling")}
GIVEN_UP = 60.0  # seconds
WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Consumers:
    """The consumers of a running stack. deployment: in the names of their groups.  hubs: whose partitions are tried, all
    when empty; each costs its consumer a record."""

    stack: Stack
    deployment: str
    hubs: tuple[str, ...] = ()

    def kill(self, service: str) -> None:
        """Kill the consumer with SIGKILL; the supervisor restarts it."""
        os.kill(self.stack.supervisor.pids()[f"{service}-consumer"], signal.SIGKILL)

    def forget(self, service: str) -> None:
        with self._admin() as admin:
            admin.remove_group_members(self._group(service), [MemberToRemove(group_instance_id="1")])

    def seconds_until_at_work(self, service: str, began: float) -> float:
        """Until it has committed a record, written now, in every partition that it reads. Raises NotReady."""
        ends = self._probe(service)
        with self._admin() as admin:

            def at_work() -> bool:
                committed = admin.list_group_offsets({self._group(service): list(ends)})[self._group(service)]
                return all(committed[each].offset >= end for each, end in ends.items())

            until(at_work, GIVEN_UP, f"{service}'s consumer was not at work after {GIVEN_UP:.0f} s")
        return time.monotonic() - began

    def _probe(self, service: str) -> dict[TopicPartition, int]:
        """Write a record that is never handled to each partition; returns the offsets that must be committed afterwards."""
        known = read_hubs(self.stack.place.hubs_file)
        writer, hubs = producer(self.stack.place.operator), {code: known[code] for code in self.hubs or known}
        try:
            sent = [writer.send(to, partition=number, **record) for to, number, record in _records(self.stack.place, service, hubs)]
            found = [future.get(timeout=10) for future in sent]
        finally:
            writer.close(timeout=2)
        return {TopicPartition(each.topic, each.partition): each.offset + 1 for each in found}

    def _group(self, service: str) -> str:
        return f"{service}.{self.deployment}"

    @contextmanager
    def _admin(self) -> Iterator[KafkaAdminClient]:
        admin = KafkaAdminClient(**self.stack.place.operator.options)
        try:
            yield admin
        finally:
            admin.close()


def _records(place: Place, service: str, hubs: Hubs) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for family in HEARS[service]:
        for hub in hubs.values():
            for number in range(hub.partitions):
                yield topic(family, hub.code), number, _record(_signer(place, family), family, hub.code)


def _signer(place: Place, service: str) -> Signer:
    """With the service's own key: a record without its signature would be parked."""
    return Signer(base64.b64decode((place.secrets / f"signing-of-{service}.key").read_text()))


def _record(signer: Signer, says: str, hub: str) -> dict[str, Any]:
    subject, now = new_id("X"), datetime.now(UTC)
    event = Envelope(new_id("E"), says, hub, "probe.noted.v1", subject, 1, now, Cause("probe", "probe", ""), {})
    record = signer.signed(topic(says, hub), to_record(event))
    return {"key": record.key, "value": record.value, "headers": list(record.headers)}


@contextmanager
def busy(burners: int) -> Iterator[None]:
    """Keep the machine busy with this many processes for the length of a `with`."""
    processes = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(burners)]
    for each in processes:
        each.start()
    try:
        yield
    finally:
        for each in processes:
            each.kill()


def _burn() -> None:
    while True:
        pass


def restart(consumers: Consumers, service: str, *, forgotten: bool) -> float:
    """Kill a consumer; returns the seconds until it is back at work."""
    began = time.monotonic()
    consumers.kill(service)
    if forgotten:
        consumers.forget(service)
    return consumers.seconds_until_at_work(service, began)


def told(rows: Sequence[dict[str, Any]]) -> str:
    """A table of the distribution, for each service and kind of restart."""
    lines = [f"{'consumer':16}{'its membership':>16}{'times':>7}{'median':>8}{'95 %':>8}{'most':>8}   over {WITHIN:.0f} s"]
    for service in HEARS:
        for forgotten in (False, True):
            took = sorted(row["seconds"] for row in rows if (row["service"], row["forgotten"]) == (service, forgotten))
            if took:
                late = sum(each > WITHIN for each in took)
                numbers = f"{statistics.median(took):8.2f}{took[int(len(took) * 0.95)]:8.2f}{took[-1]:8.2f}"
                lines.append(f"{service:16}{'removed' if forgotten else 'kept':>16}{len(took):7}{numbers}   {late}")
    return "\n".join(lines)


def _rows(into: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in into.read_text().splitlines()] if into.exists() else []


@click.command()
@click.option("--times", default=100, help="Restarts of each consumer.")
@click.option("--burners", default=3, help="Processes that keep the machine busy.")
@click.option("--into", type=click.Path(path_type=Path), default=Path("restarts.jsonl"), help="A line for each restart.")
@click.option("--minutes", default=30.0, help="Stop after as long.")
@click.option("--deployment", default="all", help="As the consumers' groups are named after it.")
def main(times: int, burners: int, into: Path, minutes: float, deployment: str) -> None:
    deadline = time.monotonic() + minutes * 60
    with (
        tempfile.TemporaryDirectory(prefix="circlework-restarts-") as folder,
        running(Place(Path(folder), Ports.from_environment())) as stack,
    ):
        consumers = Consumers(stack, deployment)
        with busy(burners), into.open("a") as out:
            for number in range(len(_rows(into)), times * len(HEARS)):
                if time.monotonic() > deadline:
                    break
                service, forgotten = list(HEARS)[number % len(HEARS)], number // len(HEARS) % 2 == 1
                row = {"service": service, "forgotten": forgotten, "seconds": restart(consumers, service, forgotten=forgotten)}
                out.write(json.dumps(row) + "\n")
                out.flush()
    print(told(_rows(into)))


if __name__ == "__main__":
    main()
