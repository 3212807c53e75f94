"""The examples, told to their end on the real thing; and nothing that names a person lies open anywhere afterwards."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from bson import json_util
from kafka import KafkaConsumer, TopicPartition

from embedded import examples
from embedded.doctors import Doctors
from embedded.feed import Fed, Feed
from embedded.outcome import Outcome, Outcomes
from embedded.programs import PROCESSES
from embedded.stack import Stack
from shared.events.topics import FAMILIES
from shared.store.mongo import connect
from support.hub import eventually

PERSONAL = ("person.name", "person.known_as", "person.email", "person.phone", "person.birth_date", "person.registration.number")
WHERE = ("ties.employers", "ties.sites", "ties.programmes", "ties.household")


@pytest.fixture(scope="module")
def told(stack: Stack) -> list[Outcome]:
    """The outcomes of all examples, once each has come to its end."""
    feed, outcomes = Feed(stack.deployment), Outcomes(stack.deployment)
    feed.open_groups(lambda: None)
    fed: list[Fed] = feed.upload()
    with Doctors(stack.deployment.mailbox, {each.row.email: each.row.step.answer for each in fed}):
        feed.decide(fed, lambda: None)
        return eventually(lambda: ended(outcomes.of(fed)), 120)


def ended(found: list[Outcome]) -> list[Outcome] | None:
    return found if all(outcome.is_as_expected for outcome in found) else None


@pytest.mark.timeout(200)
def test_every_example_comes_to_the_end_that_its_story_tells(told: list[Outcome]) -> None:
    assert len(told) >= 60
    assert {outcome.fed.row.hub for outcome in told} == {"london", "north-west"}
    ends = {"placed", "waiting", "offered", "declined", "returned", "withdrawn", "refused", "already"}
    assert {outcome.status for outcome in told} >= ends


def test_what_is_refused_says_column_reason_and_cure(told: list[Outcome]) -> None:
    refused = [outcome.fed for outcome in told if outcome.status == "refused"]
    assert len(refused) >= 5
    assert all(problem["column"] and problem["reason"] and problem["cure"] for fed in refused for problem in fed.problems)
    assert {fed.problems[0]["column"] for fed in refused} >= {"wishes.modalities", "consent.to", "person.birth_date", "person.email"}


def test_nobody_sits_with_a_colleague_in_any_group_of_the_examples(told: list[Outcome], stack: Stack) -> None:
    ties = {outcome.participant: workplaces(outcome) for outcome in told if outcome.participant}
    groups = list(connect(stack.place.store("scheduling"))["scheduling"]["groups"].find({"hub": {"$in": examples.hubs()}}))
    together = 0
    for group in groups:
        present = [ties[row["person"]] for row in group["roster"] if row["kind"] == "seat"]
        names = [name for person in present for name in person]
        assert len(names) == len(set(names)), group["_id"]
        together += len(present) > 1
    assert together >= 5, "groups of several people were looked at"


def workplaces(outcome: Outcome) -> set[str]:
    cells = outcome.fed.row.cells
    return {name.strip().casefold() for column in WHERE for name in cells[column].split(";") if name.strip()}


@pytest.mark.usefixtures("told")
def test_no_personal_value_lies_on_kafka(stack: Stack) -> None:
    records = list(kafka_records(stack))
    assert len(records) > 300
    assert found_in(records) == []


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("service", ["referral", "scheduling", "notifications"])
def test_no_personal_value_lies_open_in_a_store(stack: Stack, service: str) -> None:
    documents = list(stored(stack, service))
    assert len(documents) > 100
    assert found_in(documents) == []


@pytest.mark.usefixtures("told")
def test_no_personal_value_is_in_any_log_line(stack: Stack) -> None:
    lines = [line for path in stack.place.logs.glob("*.log") for line in path.read_text(errors="replace").splitlines()]
    assert sum('"request"' in line for line in lines) > 100
    assert found_in(lines) == []


def test_scheduling_is_told_neither_the_vaults_address_nor_any_key(stack: Stack) -> None:
    pids = stack.supervisor.pids()
    for process in PROCESSES["scheduling"]:
        environment = Path(f"/proc/{pids[f'scheduling-{process}']}/environ").read_text()
        assert "MONGO_URL=" in environment
        assert not re.search(r"VAULT|BLIND_INDEX|CONFLICT_KEY|LINK_KEY", environment)
        assert stack.place.store("vault") not in environment


def test_the_search_finds_what_is_planted() -> None:
    row = examples.rows()[0]
    assert found_in([f"{{'to': '{row.email.upper()}'}}"]) == [row.email.casefold()]
    assert found_in([f"number={row.cells['person.registration.number']};"]) == [row.cells["person.registration.number"]]
    assert found_in([f"x{row.cells['person.registration.number']}7"]) == [], "digits inside a token are no number"
    assert found_in(["nothing of anybody"]) == []


def personal_values() -> set[str]:
    found: set[str] = set()
    for row in examples.rows():
        found |= {row.cells[column].casefold() for column in PERSONAL}
        found |= {row.cells["person.phone"].replace(" ", "")}
        found |= {name.strip().casefold() for column in WHERE for name in row.cells[column].split(";")}
    for facilitator in examples.facilitators():
        ties = facilitator["ties"]
        found |= {facilitator["registration"]["number"], ties["household"].casefold()}
        found |= {name.casefold() for name in (*ties["employers"], *ties["sites"], *ties["programmes"])}
    return found - {""}


def found_in(texts: Iterable[str]) -> list[str]:
    """The personal values that stand in any of the texts; numbers only where they stand alone."""
    whole = "\n".join(texts).casefold()
    return sorted(value for value in personal_values() if re.search(pattern(value), whole))


def pattern(value: str) -> str:
    return rf"(?<![0-9a-z]){value}(?![0-9a-z])" if value.isdigit() else re.escape(value)


def kafka_records(stack: Stack) -> Iterator[str]:
    """Every record of the examples' hubs: key, value and headers."""
    topics = {f"{family}.{hub}" for hub in examples.hubs() for family in FAMILIES}
    consumer = KafkaConsumer(**stack.place.operator.options)
    partitions = [TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic)]
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    ends = consumer.end_offsets(partitions)
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for records in consumer.poll(timeout_ms=1000).values():
            for record in records:
                yield " ".join(map(str, (record.key, (record.value or b"").decode(errors="replace"), record.headers)))
    consumer.close()


def stored(stack: Stack, service: str) -> Iterator[str]:
    db = connect(stack.place.store(service), timeout_ms=20_000)[service]
    for name in db.list_collection_names():
        for document in db[name].find():
            yield json.dumps(document, default=json_util.default, ensure_ascii=False)
