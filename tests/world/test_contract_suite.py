"""The same tests on the fakes and on the real ones: what our code relies on is so on both."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from types import SimpleNamespace
from uuid import uuid4

import pytest
from kafka.errors import KafkaError
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from notifications.adapters.smtp import SmtpServer
from shared.errors import Stale
from shared.events import offsets
from shared.events.commits import Commits
from shared.events.consumer import arrival
from shared.events.consumer_group import ConsumerGroup
from shared.events.kafka import ensure_topics, producer
from shared.events.topics import FAMILIES, topic
from shared.events.tracing import Cause
from shared.process.clock import domain_clock, utc_now
from shared.process.hubs import Hub
from shared.store.lease import Lease
from support.smtp import ACCEPTS, CLOSE, Answer, PlayedServer, answers, refuses, serving
from world.broker import Broker
from world.clock import WorldClock
from world.store import memory_store

CAUSE = Cause("c", "c", "t")
NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)


# a store


@pytest.fixture(params=["fake", "real"])
def kept(request):
    """A store with an empty collection, `things`."""
    store = memory_store() if request.param == "fake" else request.getfixturevalue("store")
    store.db.create_collection("things")
    return store


def keep(store, *docs):
    store.db["things"].insert_many([dict(doc) for doc in docs])


def ids(found):
    return [row["_id"] for row in found]


def in_transaction(store, do):
    """do: gets the collection and the session."""
    return store.run("h", CAUSE, lambda unit: do(unit.db["things"], unit.session), tries=1)


def test_what_is_written_in_a_transaction_is_seen_in_it_at_once_and_by_others_after_it(kept):
    def write(things, session):
        things.insert_one({"_id": "a", "n": 1}, session=session)
        assert things.find_one({"_id": "a"}, session=session)["n"] == 1
        assert things.find_one({"_id": "a"}) is None

    in_transaction(kept, write)
    assert kept.db["things"].find_one({"_id": "a"})["n"] == 1


def test_a_transaction_that_fails_leaves_nothing(kept):
    keep(kept, {"_id": "a", "n": 1})

    def fail(things, session):
        things.update_one({"_id": "a"}, {"$set": {"n": 9}}, session=session)
        things.delete_one({"_id": "a"}, session=session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_transaction(kept, fail)
    assert kept.db["things"].find_one({"_id": "a"})["n"] == 1


def test_a_transaction_sees_what_was_there_when_it_began(kept):
    keep(kept, {"_id": "a", "n": 1})

    def look(things, session):
        before = things.find_one({"_id": "a"}, session=session)["n"]
        things.update_one({"_id": "a"}, {"$inc": {"n": 1}})
        things.insert_one({"_id": "b"})
        assert things.count_documents({"_id": "b"}, session=session) == 0
        return before, things.find_one({"_id": "a"}, session=session)["n"]

    assert in_transaction(kept, look) == (1, 1)


def test_who_writes_what_another_has_written_since_begins_anew_and_loses_nothing(kept):
    keep(kept, {"_id": "a", "n": 1})
    tries = []

    def add(things, session):
        tries.append(things.find_one({"_id": "a"}, session=session)["n"])
        if len(tries) == 1:
            things.update_one({"_id": "a"}, {"$set": {"n": 10}})
        things.update_one({"_id": "a"}, {"$set": {"n": tries[-1] + 1}}, session=session)

    in_transaction(kept, add)
    assert tries == [1, 10]
    assert kept.db["things"].find_one({"_id": "a"})["n"] == 11


def test_of_two_that_make_the_same_at_once_one_begins_anew_and_finds_it(kept):
    kept.db["things"].create_index([("group", 1), ("person", 1)], unique=True, name="one")
    tries = []

    def make(things, session):
        tries.append(things.count_documents({}, session=session))
        if len(tries) == 1:
            things.insert_one({"_id": "a", "group": "g", "person": "p"})
        things.insert_one({"_id": "b", "group": "g", "person": "p"}, session=session)

    with pytest.raises(DuplicateKeyError, match="things"):
        in_transaction(kept, make)
    assert tries == [0, 1]


def test_a_unique_index_holds_for_the_rows_of_its_filter_only(kept):
    live = {"state": {"$in": ["held", "taken"]}}
    kept.db["things"].create_index([("group", 1), ("person", 1)], unique=True, partialFilterExpression=live, name="one_live")
    ended, held = ({"group": "g", "person": "p", "state": state} for state in ("ended", "held"))
    keep(kept, {"_id": "a", **ended}, {"_id": "b", **ended}, {"_id": "c", **held})
    with pytest.raises(DuplicateKeyError):
        kept.db["things"].insert_one({"_id": "d", **held})
    with pytest.raises(DuplicateKeyError):
        kept.db["things"].update_one({"_id": "a"}, {"$set": {"state": "taken"}})
    kept.db["things"].update_one({"_id": "c"}, {"$set": {"state": "ended"}})
    kept.db["things"].insert_one({"_id": "d", **held})


def test_an_id_is_given_once(kept):
    keep(kept, {"_id": "a"})
    with pytest.raises(DuplicateKeyError):
        kept.db["things"].insert_one({"_id": "a"})
    with pytest.raises(BulkWriteError):
        kept.db["things"].insert_many([{"_id": "b"}, {"_id": "a"}])
    with pytest.raises(DuplicateKeyError):
        kept.db["things"].update_one({"_id": "a", "$or": [{"n": 1}, {"n": {"$lt": 0}}]}, {"$set": {"n": 2}}, upsert=True)


def test_a_write_says_how_many_it_found(kept):
    keep(kept, {"_id": "a", "version": 1}, {"_id": "b", "version": 1})
    things = kept.db["things"]
    assert things.replace_one({"_id": "a", "version": 2}, {"version": 3}).matched_count == 0
    assert things.replace_one({"_id": "a", "version": 1}, {"version": 2}).matched_count == 1
    assert things.update_many({"version": {"$gte": 1}}, {"$inc": {"version": 1}}).matched_count == 2
    moves = [UpdateOne({"_id": each, "version": 3}, {"$set": {"n": 1}}) for each in ("a", "b")]
    assert things.bulk_write(moves).matched_count == 1
    assert things.delete_many({"n": {"$exists": False}}).deleted_count == 1
    assert things.find_one() == {"_id": "a", "version": 3, "n": 1}


def test_an_update_changes_what_it_names_and_an_upsert_begins_from_its_query(kept):
    things = kept.db["things"]
    for at in (5, 3):
        things.update_one({"_id": "a", "hub": "h"}, {"$max": {"next": at}, "$setOnInsert": {"first": at}, "$inc": {"n": 2}}, upsert=True)
    assert things.find_one() == {"_id": "a", "hub": "h", "next": 5, "first": 5, "n": 4}
    things.update_one({"_id": "a"}, {"$unset": {"hub": "", "first": ""}, "$set": {"newest.state": "planned"}})
    assert things.find_one() == {"_id": "a", "next": 5, "n": 4, "newest": {"state": "planned"}}
    things.replace_one({"_id": "b"}, {"_id": "b", "n": 1}, upsert=True)
    assert things.find_one({"_id": "b"}) == {"_id": "b", "n": 1}


DOCS = (
    {"_id": "a", "hub": "london", "n": 1, "at": NOON, "roster": [{"person": "P-1"}], "own": ["x", "y"], "reason": None, "full": False},
    {
        "_id": "b",
        "hub": "leeds",
        "n": 2,
        "at": NOON + timedelta(hours=1),
        "roster": [],
        "own": ["y"],
        "full": True,
        "terms": {"way": "open"},
    },
    {"_id": "c", "hub": "london", "n": 3, "at": NOON - timedelta(hours=1), "roster": [{"person": "P-2"}, {"person": "P-1"}], "own": []},
)
QUERIES = [
    ({}, "abc"),
    ({"_id": "b"}, "b"),
    ({"_id": {"$in": ["a", "c", "x"]}, "hub": "london"}, "ac"),
    ({"_id": {"$gt": "a"}}, "bc"),
    ({"_id": {"$ne": "a"}, "own": {"$in": ["x", "y"]}}, "b"),
    ({"own": "y"}, "ab"),
    ({"roster.person": "P-1"}, "ac"),
    ({"roster.0": {"$exists": True}}, "ac"),
    ({"at": {"$lte": NOON}}, "ac"),
    ({"at": {"$lt": NOON}, "n": {"$gte": 3}}, "c"),
    ({"reason": None}, "abc"),
    ({"reason": {"$exists": True}}, "a"),
    ({"full": True}, "b"),
    ({"terms.way": "open"}, "b"),
    ({"$or": [{"full": False}, {"terms.way": "open"}]}, "ab"),
    ({"hub": {"$in": ["leeds", "york"]}}, "b"),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_a_query_finds(kept, query, expected):
    keep(kept, *DOCS)
    assert "".join(sorted(ids(kept.db["things"].find(query)))) == expected


def test_what_is_found_comes_in_order_and_no_more_than_was_asked_for(kept):
    keep(kept, *DOCS, {"_id": "d", "hub": "leeds"})
    things = kept.db["things"]
    assert ids(things.find().sort("at", 1)) == ["d", "c", "a", "b"], "what has none comes first"
    assert ids(things.find().sort([("hub", 1), ("n", -1)]).limit(3)) == ["b", "d", "c"]
    assert things.find_one({}, {"n": 1}, sort=[("n", -1)]) == {"_id": "c", "n": 3}
    assert set(things.find_one({"_id": "a"}, {"roster": 0, "own": 0})) == {"_id", "hub", "n", "at", "reason", "full"}


def test_counts_and_kinds_can_be_asked_for(kept):
    keep(kept, *DOCS)
    things = kept.db["things"]
    found = things.aggregate([{"$group": {"_id": "$hub", "n": {"$sum": 1}}}])
    assert {row["_id"]: row["n"] for row in found} == {"london": 2, "leeds": 1}
    assert sorted(things.distinct("hub")) == ["leeds", "london"]
    assert things.count_documents({"hub": "london"}) == 2


def test_what_was_written_comes_back_as_a_driver_reads_it_and_as_a_copy(kept):
    keep(kept, {"_id": "a", "at": NOON, "of": ("x", ("y",)), "raw": b"\x00", "none": None})
    first, second = (kept.db["things"].find_one({"_id": "a"}) for _ in range(2))
    assert first == {"_id": "a", "at": NOON, "of": ["x", ["y"]], "raw": b"\x00", "none": None}
    assert first["at"].tzinfo is not None
    first["of"].append("z")
    assert second["of"] == ["x", ["y"]]


def test_stale_work_is_decided_anew_by_the_services_own_store(kept):
    keep(kept, {"_id": "a", "version": 1})
    seen = []

    def save(unit):
        seen.append(unit.db["things"].find_one({"_id": "a"}, session=unit.session)["version"])
        if len(seen) < 3:
            raise Stale("somebody else was quicker")
        unit.db["things"].update_one({"_id": "a"}, {"$inc": {"version": 1}}, session=unit.session)

    kept.run("h", CAUSE, save)
    assert (seen, kept.db["things"].find_one()["version"]) == ([1, 1, 1], 2)


def test_a_lease_has_one_holder(kept):
    now = [NOON]
    first, second = (Lease(kept.db, "relay", name, lambda: now[0]) for name in ("one", "two"))
    assert (first.held(), second.held()) == (True, False)
    now[0] += timedelta(hours=1)
    assert (second.held(), first.held()) == (True, False)


def test_how_far_a_partition_was_read_only_grows(kept):
    for read in ([("t/0", 5), ("t/1", 2)], [("t/0", 3)]):
        offsets.advance(kept.db, None, read)
    assert {row["_id"]: row["next"] for row in kept.db["offsets"].find()} == {"t/0": 5, "t/1": 2}
    assert offsets.to_begin_from(kept.db, "t/0", 9) == 5
    assert offsets.to_begin_from(kept.db, "t/7", 9) == 9


# a broker


@pytest.fixture(params=["fake", "real"])
def broker(request):
    """producer: sends.  join: a new member of the group of this test, under a name of its own.  topic: one with two partitions."""
    hub = Hub(f"world-{uuid4().hex[:8]}", "World", "ENG", "Europe/London", "1", "a@b.example", 2)
    name = topic("scheduling", hub.code)
    if request.param == "fake":
        fake = Broker(partitions=2)
        yield SimpleNamespace(producer=fake.producer(), join=lambda: fake.place("g", [name]).join(), topic=name)
        return
    account = request.getfixturevalue("stack").place.operator
    ensure_topics(account, {hub.code: hub}, FAMILIES)
    sending = producer(account)
    yield SimpleNamespace(producer=sending, join=ConsumerGroup(account, hub.code, "worker", [name]).join, topic=name)
    sending.close()


def send(broker, key, *values):
    for value in values:
        headers = [("ce_id", f"{key}-{value}".encode())]
        broker.producer.send(broker.topic, key=key.encode(), value=value and value.encode(), headers=headers)
    broker.producer.flush(timeout=10)


def read_from(client, how_many):
    """So many records, in the order in which they came."""
    found = []
    for _ in range(60):
        found += [record for records in client.poll(timeout_ms=500, max_records=100).values() for record in records]
        if len(found) >= how_many:
            break
    return found


def test_what_has_one_key_stays_in_one_partition_and_in_order(broker):
    for key in ("P-1", "P-2", "P-3", "P-4"):
        send(broker, key, "1", "2", "3")
    client = broker.join()
    by_key, where = defaultdict(list), defaultdict(set)
    for record in read_from(client, 12):
        by_key[record.key].append(record.value)
        where[record.key].add(record.partition)
    client.close(autocommit=False)
    assert all(values == [b"1", b"2", b"3"] for values in by_key.values())
    assert len(by_key) == 4
    assert all(len(partitions) == 1 for partitions in where.values())


def test_a_record_comes_as_it_was_sent_and_a_tombstone_has_no_value(broker):
    send(broker, "P-1", "1", None)
    client = broker.join()
    first, last = read_from(client, 2)
    client.close(autocommit=False)
    assert (first.topic, first.key, first.value, list(first.headers)) == (broker.topic, b"P-1", b"1", [("ce_id", b"P-1-1")])
    assert (last.value, last.offset) == (None, first.offset + 1)


def test_who_begins_anew_reads_again_what_was_not_committed_and_nothing_else(broker):
    send(broker, "P-1", "1", "2")
    client = broker.join()
    commits = Commits(client)
    commits.took([arrival(record) for record in read_from(client, 2)])
    commits.commit()
    (partition,) = (each for each in client.assignment() if client.committed(each))
    assert client.committed(partition) == client.position(partition) == client.end_offsets([partition])[partition] == 2
    send(broker, "P-1", "3")
    assert [record.value for record in read_from(client, 1)] == [b"3"]
    client.close(autocommit=False)
    again = broker.join()
    assert [record.value for record in read_from(again, 1)] == [b"3"]
    again.seek(partition, 1)
    assert [record.value for record in read_from(again, 2)] == [b"2", b"3"]
    again.close(autocommit=False)


def test_a_member_that_was_replaced_commits_nothing():
    """Of the fake alone: a real member is replaced by time, or by another of its name."""
    broker = Broker(partitions=1)
    broker.append("t", b"k", b"1", ())
    place = broker.place("g", ["t"])
    first, second = place.join(), place.join()
    commits = Commits(first)
    commits.took([arrival(record) for record in read_from(first, 1)])
    second.poll()
    with pytest.raises(KafkaError):
        commits.commit()


# a mail server

DEFERRED, REJECTED = Answer("451 not now\r\n"), Answer("550 never\r\n")
SMTP = {
    "accepted": ({}, ACCEPTS),
    "deferred at the dot": ({"dot": DEFERRED}, answers("deferred")),
    "rejected at the dot": ({"dot": "550 5.1.1 nobody"}, answers("rejected")),
    "unsure after the dot": ({"dot": CLOSE}, answers("unsure")),
    "deferred before it": ({"RCPT": DEFERRED}, refuses("deferred", "451")),
    "rejected before it": ({"RCPT": REJECTED}, refuses("rejected", "550")),
}


@pytest.fixture(params=SMTP)
def servers(request):
    script, part = SMTP[request.param]
    with serving(script) as scripted:
        yield PlayedServer([part]), SmtpServer("127.0.0.1", scripted.port, "none", "hello@circlework.example")


def test_both_servers_say_the_same_and_the_dot_comes_before_a_mail_is_held(servers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "hello@circlework.example", "sam@post.example", "<M-1@circlework.example>"
    mail.set_content("hello")

    def deliver(server):
        dots = []
        return server.deliver(mail, lambda: dots.append(1)).kind, len(dots)

    fake, real = servers
    assert deliver(fake) == deliver(real)


# a clock


@pytest.fixture(params=["fake", "real"])
def clocks(request, tmp_path):
    """The wire's, the domain's, and how to move the latter by some seconds."""
    if request.param == "fake":
        clock = WorldClock()
        return clock.utc_now, clock.domain, lambda seconds: clock.move(timedelta(seconds=seconds))
    file = tmp_path / "clock"
    return utc_now, domain_clock(file), lambda seconds: file.write_text(str(seconds))


def test_a_clock_is_aware_counts_milliseconds_and_never_goes_back(clocks):
    real, _, _ = clocks
    looks = [real() for _ in range(5)]
    assert looks == sorted(looks)
    assert all(look.tzinfo is not None and look.microsecond % 1000 == 0 for look in looks)


def test_only_the_domains_clock_is_moved(clocks):
    real, domain, move = clocks
    assert domain() - real() < timedelta(seconds=5)
    move(7200)
    assert timedelta(hours=1) < domain() - real() < timedelta(hours=3)
    assert abs(real() - real()) < timedelta(seconds=5)
