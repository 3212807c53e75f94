"""The consumer's loop, with a Kafka client made up."""

from collections import Counter, namedtuple
from datetime import UTC, datetime

import pytest
from kafka.errors import KafkaConnectionError

from shared.errors import Retryable
from shared.events.commits import Commits
from shared.events.consumer import Consumer, arrival
from shared.events.halts import Alarm, Pauses
from shared.events.lag import Lag
from shared.events.ordering import Tally
from shared.events.watchdog import LAST_LOOK, Attendance, Watchdog
from shared.process.loop import Stop

Partition = namedtuple("Partition", "topic partition")  # noqa: PYI024
RECORD = namedtuple("Record", "topic partition offset key value headers")("scheduling.london", 0, 7, b"R-1", b"{}", [])  # noqa: PYI024
ONE = Partition("scheduling.london", 0)


class FakeClient:
    """polls: what each poll returns; then the consumer is told to stop."""

    def __init__(self, stop, *polls):
        self.polls, self.stop, self.commits, self.closed = list(polls), stop, 0, False
        self.kept, self.sought, self.paused_now = 0, [], set()

    def poll(self, **_options):
        if not self.polls:
            self.stop.tell()
            return {}
        polled = self.polls.pop(0)
        return {ONE: polled} if polled else {}

    def commit(self, offsets):
        self.commits += 1
        self.committed_offsets = {partition: each.offset for partition, each in offsets.items()}

    def committed(self, _partition):
        return self.kept

    def seek(self, _partition, offset):
        self.sought.append(offset)

    def end_offsets(self, partitions):
        return dict.fromkeys(partitions, 20)

    def beginning_offsets(self, partitions):
        return dict.fromkeys(partitions, 0)

    def close(self, **_options):
        self.closed = True

    def assignment(self):
        return {ONE}

    def highwater(self, _partition):
        return 20

    def position(self, _partition):
        return 5

    def paused(self):
        return self.paused_now

    def pause(self, *partitions):
        self.paused_now |= set(partitions)

    def resume(self, *partitions):
        self.paused_now -= set(partitions)


class FakeOffsets:
    """read: how far the store has read the one partition; None for a store that never had it."""

    def __init__(self, read):
        self.row = {} if read is None else {"next": read}

    def update_one(self, _query, change, **_options):
        self.row = change.get("$setOnInsert", {}) | self.row | change.get("$max", {})

    def find_one(self, _query):
        return self.row


class FakeInbox:
    """outcomes: what each `take` gives: a Tally, or an error to raise."""

    def __init__(self, *outcomes, read=None):
        self.outcomes, self.taken, self.waiting = list(outcomes), [], ()
        self.db = {"offsets": FakeOffsets(read)}

    def can_wait(self, arrival):
        return arrival.key in self.waiting

    def take(self, arrivals):
        self.taken.append(arrivals)
        outcome = self.outcomes.pop(0) if self.outcomes else Tally(handled=len(arrivals))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class FakeHalts:
    def __init__(self):
        self.why = {}

    def set(self, topic, why):
        self.why[topic] = why

    def topics(self):
        return frozenset(self.why)


class FakePlace:
    """make: opens a client.  missing: what the group has left out, at each look."""

    def __init__(self, make, *missing):
        self.join, self.missing, self.left = make, list(missing), 0

    def left_out(self):
        return self.missing.pop(0) if self.missing else []

    def leave(self):
        self.left += 1


class FakeCounts:
    def __init__(self):
        self.taken, self.lag = [], []

    def took(self, tally):
        self.taken.append(tally)

    def unread(self, by_topic):
        self.lag.append(by_topic)


class Beat:
    def beat(self): ...


def run(inbox, *polls, halts=None):
    stop = Stop()
    client = FakeClient(stop, *polls)
    Consumer(inbox, halts or FakeHalts(), FakePlace(lambda: client), FakeCounts()).run(stop, Beat())
    return client


def test_the_offset_is_committed_once_the_inbox_has_taken_the_records():
    inbox = FakeInbox()
    client = run(inbox, [RECORD], [RECORD])
    assert [arrival.place for arrivals in inbox.taken for arrival in arrivals] == ["scheduling.london/0/7"] * 2
    assert client.commits == 2
    assert client.closed


def test_while_the_store_is_away_the_same_records_are_tried_again_and_nothing_is_committed_before():
    inbox = FakeInbox(Retryable("away"), Retryable("away"))
    client = run(inbox, [RECORD])
    assert len(inbox.taken) == 3
    assert client.commits == 1


def test_an_error_that_nobody_foresaw_ends_the_process_with_nothing_committed():
    stop = Stop()
    client = FakeClient(stop, [RECORD])
    consumer = Consumer(FakeInbox(ZeroDivisionError()), FakeHalts(), FakePlace(lambda: client), FakeCounts())
    with pytest.raises(ZeroDivisionError):
        consumer.run(stop, Beat())
    assert (client.commits, client.closed) == (0, True)


def test_a_broker_that_is_away_is_tried_again_with_a_new_client():
    stop, tries = Stop(), []

    def make():
        tries.append(1)
        if len(tries) < 3:
            raise KafkaConnectionError
        return FakeClient(stop)

    Consumer(FakeInbox(), FakeHalts(), FakePlace(make), FakeCounts()).run(stop, Beat())
    assert len(tries) == 3


LONDON, WALES = "scheduling.london", "scheduling.wales"
TWO = Partition(WALES, 0)


def parked(how_many, of=100, topic=LONDON):
    return Tally(handled=of - how_many, parked_on=Counter({topic: how_many}))


def halting(tally, *polls, halts):
    """What a consumer does that takes a hundred records with this outcome, then these."""
    stop, inbox = Stop(), FakeInbox(tally)
    client = FakeClient(stop, [RECORD] * 100, *polls)
    Consumer(inbox, halts, FakePlace(lambda: client), FakeCounts()).run(stop, Beat())
    return client, inbox


def test_when_most_of_the_last_hundred_of_a_topic_are_parked_it_is_paused_and_says_so():
    halts = FakeHalts()
    client, _ = halting(parked(51), halts=halts)
    assert halts.why == {LONDON: "51 of the last 100 records were parked"}
    assert client.paused_now == {ONE}


def test_half_of_the_last_hundred_parked_is_no_alarm():
    halts = FakeHalts()
    client, _ = halting(parked(50), halts=halts)
    assert (halts.why, client.paused_now) == ({}, set())


def test_what_was_polled_of_a_halted_topic_is_put_back():
    halts = FakeHalts()
    client, inbox = halting(parked(51), [RECORD._replace(offset=9), RECORD._replace(offset=10)], halts=halts)
    assert len(inbox.taken) == 1
    assert client.sought == [9]
    assert client.committed_offsets == {ONE: 8}


def test_only_what_is_parked_on_the_topic_counts_and_only_its_last_hundred():
    alarm = Alarm()
    assert alarm.saw([LONDON] * 50 + [WALES] * 200, {LONDON: 50, WALES: 0}) == {}
    assert alarm.saw([LONDON], {LONDON: 1}) == {LONDON: "51 of the last 51 records were parked"}
    alarm.forget(LONDON)
    assert alarm.saw([LONDON] * 50, {LONDON: 50}) == {}
    assert alarm.saw([LONDON] * 60, {}) == {}
    assert alarm.saw([LONDON] * 41, {LONDON: 41}) == {}, "the oldest are forgotten: 41 of the last 100"


def test_a_topic_whose_halt_was_lifted_is_read_again_and_begins_to_count_anew(monkeypatch):
    now, client, halts = [0.0], FakeClient(Stop()), FakeHalts()
    monkeypatch.setattr("shared.events.halts.utc_now", lambda: datetime.fromtimestamp(now[0], UTC))
    pauses = Pauses(client, halts)
    pauses.halt({LONDON: "why"})
    assert (client.paused_now, pauses.look()) == ({ONE}, frozenset())
    halts.why.clear()
    assert (pauses.look(), client.paused_now) == (frozenset(), {ONE}), "it looks once a second"
    now[0] = 1.0
    assert (pauses.look(), client.paused_now) == (frozenset({LONDON}), set())


def test_another_hubs_topic_is_not_paused():
    client, halts = FakeClient(Stop()), FakeHalts()
    Pauses(client, halts).halt({WALES: "why"})
    assert client.paused_now == set()


def taken(inbox):
    """Offset, and whether it is a repeat, of each record that reached the inbox."""
    return [(arrival.read[1] - 1, arrival.is_repeat) for arrivals in inbox.taken for arrival in arrivals]


def caught_up(inbox, *polls, committed):
    stop = Stop()
    client = FakeClient(stop, *polls)
    client.kept = committed
    Consumer(inbox, FakeHalts(), FakePlace(lambda: client), FakeCounts()).run(stop, Beat())
    return client


def at(offset):
    return RECORD._replace(offset=offset)


def test_a_restored_store_is_read_from_where_it_was_and_what_comes_again_is_a_repeat():
    inbox = FakeInbox(read=5)
    client = caught_up(inbox, [], [at(5), at(19)], [at(20)], committed=9)
    assert client.sought == [5]
    assert taken(inbox) == [(5, True), (19, True), (20, False)], "up to what was the end when it began"


def test_a_restart_on_the_way_goes_on_catching_up_though_kafka_has_forgotten_by_then():
    inbox = FakeInbox(read=5)
    caught_up(inbox, [], [at(5)], committed=9)
    inbox.db["offsets"].row["next"] = 6
    caught_up(inbox, [], [at(6), at(20)], committed=6)
    assert taken(inbox) == [(5, True), (6, True), (20, False)]


def test_what_was_polled_before_the_consumer_went_back_is_left_for_it_comes_again_in_its_order():
    """Taken now it would move the store's own offset over what the store has lost."""
    inbox = FakeInbox(read=5)
    caught_up(inbox, [at(9)], [at(5)], committed=9)
    assert taken(inbox) == [(5, True)]


@pytest.mark.parametrize("read", [None, 9, 12])
def test_a_store_that_is_new_or_knows_all_that_was_committed_has_nothing_to_catch_up(read):
    inbox = FakeInbox(read=read)
    client = caught_up(inbox, [at(9)], committed=9)
    assert (client.sought, taken(inbox)) == ([], [(9, False)])


class Standing:
    """A client whose position and end a test sets."""

    def __init__(self):
        self.at, self.end, self.is_paused = 5, 5, False

    def assignment(self):
        return {ONE}

    def end_offsets(self, _partitions):
        return {ONE: self.end}

    def position(self, _partition):
        return self.at

    def paused(self):
        return (self.is_paused and {ONE}) or set()


def looked(client, *moves):
    """What the watchdog says after each move."""
    watchdog = Watchdog(client, every=0)
    said = []
    for at, end in moves:
        client.at, client.end = at, end
        said.append(watchdog.bites())
    return said


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        ([(5, 5), (5, 5), (5, 5)], [False, False, False]),  # nothing comes
        ([(5, 9), (9, 9), (9, 12), (12, 20)], [False, False, False, False]),  # it keeps up
        ([(5, 9), (5, 9)], [False, True]),  # it stands while there is more
        ([(5, 9), (7, 9), (7, 9)], [False, False, True]),
    ],
)
def test_the_watchdog_bites_when_a_position_stands_while_there_is_more(moves, said):
    assert looked(Standing(), *moves) == said


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test sets."""
    now = [0.0]
    monkeypatch.setattr("shared.events.watchdog.time.monotonic", lambda: now[0])
    return now


def test_a_partition_that_the_group_leaves_to_nobody_is_noticed_soon_after_the_start(clock):
    attendance = Attendance(lambda: ["scheduling.london/0"], first=2)
    assert not attendance.bites()
    clock[0] = 2
    assert attendance.bites()


def test_while_all_is_well_and_while_it_cannot_be_mended_the_group_is_looked_at_ever_more_rarely(clock):
    for left_out in ([], ["scheduling.london/0"]):
        clock[0], looks = 0, []
        attendance = Attendance(lambda found=left_out, seen=looks: seen.append(clock[0]) or found, first=2)
        for second in range(120):
            clock[0] = second
            attendance.bites()
        assert looks == [2, 6, 14, 30, 60, 90], f"at most every {LAST_LOOK} s"


def test_after_joining_for_another_reason_the_group_is_looked_at_soon_again(clock):
    attendance = Attendance(lambda: looks.append(clock[0]) or [], first=2)
    looks = []
    for second in range(100):
        clock[0] = second
        if second == 50:
            attendance.joined()
        attendance.bites()
    assert looks == [2, 6, 14, 30, 52, 56, 64, 80]


def test_a_group_that_cannot_be_looked_at_is_taken_to_be_well(clock):
    def fails():
        raise KafkaConnectionError

    attendance = Attendance(fails, first=2)
    clock[0] = 2
    assert not attendance.bites()


def clients_of(clock, stop, made):
    """Makes clients, each of whose polls takes a second."""

    def make():
        client = FakeClient(stop, *[[] for _ in range(5)])
        poll = client.poll
        client.poll = lambda **options: clock.__setitem__(0, clock[0] + 1) or poll(**options)
        made.append(client)
        return client

    return make


def test_a_consumer_whose_group_has_left_something_out_leaves_and_joins_anew(clock):
    stop, made = Stop(), []
    place = FakePlace(clients_of(clock, stop, made), ["scheduling.london/0"])
    Consumer(FakeInbox(), FakeHalts(), place, FakeCounts()).run(stop, Beat())
    assert place.left == 1
    assert [client.closed for client in made] == [True, True]


def test_a_consumer_without_partitions_stays_when_the_others_have_them_all(clock):
    stop, made = Stop(), []
    place = FakePlace(clients_of(clock, stop, made), [])
    Consumer(FakeInbox(), FakeHalts(), place, FakeCounts()).run(stop, Beat())
    assert (place.left, len(made)) == (0, 1)
    assert place.missing == [], "it has looked"


def test_what_is_not_read_is_counted_from_where_it_began_and_from_what_has_come():
    lag = Lag(FakeClient(Stop()), every=0)
    assert lag.by_topic() == {"scheduling.london": 15}
    lag.saw({ONE: [RECORD]})
    assert lag.by_topic() == {"scheduling.london": 12}


def test_offsets_are_committed_at_most_once_a_second_and_only_when_something_was_taken(monkeypatch):
    now, client = [0.0], FakeClient(Stop())
    monkeypatch.setattr("shared.events.commits.utc_now", lambda: datetime.fromtimestamp(now[0], UTC))
    commits = Commits(client)
    seen = []
    for at, took in ((5, False), (5, True), (5.5, True), (5.9, False), (6, False), (8, False), (8, True), (2, True)):
        now[0] = at
        if took:
            commits.took([arrival(RECORD)])
        commits.commit_if_due()
        seen.append(client.commits)
    assert seen == [0, 1, 1, 1, 2, 2, 3, 4], "also when the clock was set back"


def test_a_paused_partition_stands_still_on_purpose():
    client = Standing()
    client.is_paused = True
    assert looked(client, (5, 9), (5, 9)) == [False, False]


def test_what_is_owed_is_committed_when_the_consumer_is_told_to_stop():
    client = run(FakeInbox(), [RECORD], [RECORD], [RECORD])
    assert client.commits == 2, "the first at once, the others at the end"


def test_only_what_was_taken_is_committed_when_the_consumer_is_told_to_stop_while_its_store_is_away():
    stop, inbox = Stop(), FakeInbox(Tally(handled=1), Tally(handled=1))
    client = FakeClient(stop, [RECORD], [RECORD._replace(offset=8)], [RECORD._replace(offset=9)])

    def take(arrivals):
        if arrivals[0].read[1] == 10:
            stop.tell()
            raise Retryable("away")
        return FakeInbox.take(inbox, arrivals)

    inbox.take = take
    Consumer(inbox, FakeHalts(), FakePlace(lambda: client), FakeCounts()).run(stop, Beat())
    assert client.committed_offsets == {ONE: 9}, "the client itself has read up to 10"


WAITS = RECORD._replace(key=b"waits")


def test_what_no_use_case_handles_waits_for_company():
    inbox = FakeInbox()
    inbox.waiting = {b"waits"}
    client = run(inbox, [WAITS], [WAITS, WAITS], [RECORD], [WAITS], [], [RECORD])
    assert [[each.key for each in arrivals] for arrivals in inbox.taken] == [[b"waits"] * 3 + [b"R-1"], [b"waits"], [b"R-1"]]
    assert client.committed_offsets == {ONE: 8}


def test_what_waits_for_company_waits_for_no_more_than_a_batch_holds():
    inbox = FakeInbox()
    inbox.waiting = {b"waits"}
    run(inbox, *[[WAITS] * 60] * 4)
    assert [len(arrivals) for arrivals in inbox.taken] == [120, 120]


def test_a_partition_that_is_read_from_its_very_first_record_is_not_taken_for_read():
    client = FakeClient(Stop())
    client.position = lambda _partition: 0
    assert Lag(client, every=0).by_topic() == {"scheduling.london": 20}


def test_what_was_taken_and_what_is_not_read_is_counted():
    stop, counts = Stop(), FakeCounts()
    Consumer(FakeInbox(), FakeHalts(), FakePlace(lambda: FakeClient(stop, [RECORD])), counts).run(stop, Beat())
    assert [tally.handled for tally in counts.taken] == [1]
    assert counts.lag == [{"scheduling.london": 12}]
