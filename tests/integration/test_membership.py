"""A worker's place in its consumer group, against a real broker."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.consumer import ConsumerCoordinator

from embedded.stack import Stack
from shared.events.consumer_group import ConsumerGroup, PatientAssignor

Join = Callable[[ConsumerGroup], KafkaConsumer]


@pytest.fixture
def topics(stack: Stack) -> list[str]:
    """Two topics of two partitions each."""
    names = [f"test-{uuid4().hex[:8]}.{hub}" for hub in ("london", "wales")]
    admin = KafkaAdminClient(**stack.place.operator.options)
    admin.create_topics({name: {"num_partitions": 2, "replication_factor": -1} for name in names})
    admin.wait_for_topics(names)
    admin.close()
    return names


@pytest.fixture
def join() -> Iterator[Join]:
    """Joins and polls for a while; what it opened is closed at the end."""
    with ExitStack() as opened:

        def joined(place: ConsumerGroup) -> KafkaConsumer:
            client = place.join()
            opened.callback(client.close, autocommit=False)
            poll(client)
            return client

        yield joined


def poll(*clients: KafkaConsumer, seconds: float = 1.5) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for client in clients:
            client.poll(timeout_ms=50)


def names(client: KafkaConsumer) -> set[str]:
    return {tp.topic for tp in client.assignment()}


def test_a_hub_that_is_new_to_a_worker_is_left_out_until_it_leaves_and_joins_anew(stack: Stack, topics: list[str], join: Join) -> None:
    group = f"group-{uuid4().hex[:8]}"
    join(ConsumerGroup(stack.place.operator, group, "1", topics[:1])).close(autocommit=False)
    grown = ConsumerGroup(stack.place.operator, group, "1", topics)
    first = join(grown)
    assert grown.left_out() == [f"{topics[1]}/0", f"{topics[1]}/1"], "the broker gave it the partitions that it had"
    grown.leave()
    first.close(autocommit=False)
    assert names(join(grown)) == set(topics)
    assert grown.left_out() == []


def test_with_more_members_than_partitions_nothing_is_left_out(stack: Stack, topics: list[str], join: Join) -> None:
    group = f"group-{uuid4().hex[:8]}"
    places = [ConsumerGroup(stack.place.operator, group, str(number), topics[:1]) for number in range(3)]
    clients = [place.join() for place in places]
    try:
        poll(*clients, seconds=5)
        assert sorted(len(client.assignment()) for client in clients) == [0, 1, 1]
        assert [place.left_out() for place in places] == [[], [], []]
    finally:
        for client in clients:
            client.close(autocommit=False)


def test_nothing_is_assigned_before_the_partitions_of_every_topic_are_known(
    stack: Stack, topics: list[str], join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a busy machine: the group is joined before the metadata has come. A worker that is killed at that moment comes
    back to what it was assigned then."""
    forgotten, assigned = [], []
    perform, assign = ConsumerCoordinator._perform_assignment, RangePartitionAssignor.assign

    def forgetful(self: ConsumerCoordinator, *arguments: Any) -> Any:
        if not forgotten:
            self._cluster._partitions = {}
        forgotten.append(1)
        return perform(self, *arguments)

    def noted(cluster: Any, members: Any) -> Any:
        found = assign(cluster, members)
        assigned.extend({topic for topic, _ in each.assigned_partitions} for each in found.values())
        return found

    monkeypatch.setattr(ConsumerCoordinator, "_perform_assignment", forgetful)
    monkeypatch.setattr(RangePartitionAssignor, "assign", staticmethod(noted))
    place = ConsumerGroup(stack.place.operator, f"group-{uuid4().hex[:8]}", "1", topics)
    assert names(join(place)) == set(topics)
    assert len(forgotten) > 1
    assert assigned
    assert all(each == set(topics) for each in assigned)


def test_a_topic_that_is_made_after_a_worker_has_joined_is_read_soon(
    stack: Stack, topics: list[str], join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when one service is started before another has made its topics."""
    monkeypatch.setattr(PatientAssignor.__init__, "__defaults__", (0.3,))
    late = f"test-{uuid4().hex[:8]}.late"
    place = ConsumerGroup(stack.place.operator, f"group-{uuid4().hex[:8]}", "1", [*topics, late])
    first = join(place)
    assert names(first) == set(topics)
    assert place.left_out() == []
    with closing(KafkaAdminClient(**stack.place.operator.options)) as admin:
        admin.create_topics({late: {"num_partitions": 1, "replication_factor": 1}})
        admin.wait_for_topics([late])
    assert place.left_out() == [f"{late}/0"], "the consumer's next look finds it, and joins anew"
    place.leave()
    first.close(autocommit=False)
    assert names(join(place)) == {*topics, late}


def test_a_topic_that_nobody_has_made_does_not_keep_the_others_waiting(
    stack: Stack, topics: list[str], join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientAssignor.__init__, "__defaults__", (0.3,))
    place = ConsumerGroup(stack.place.operator, f"group-{uuid4().hex[:8]}", "1", [*topics, "nobody.made"])
    assert names(join(place)) == set(topics)
