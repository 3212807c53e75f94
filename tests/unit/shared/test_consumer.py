"""The consumer's loop, with a Kafka client made up."""

from collections import namedtuple

import pytest
from kafka.errors import KafkaConnectionError

from shared.errors import Retryable
from shared.events.consumer import Consumer, Watchdog
from shared.events.inbox import Tally
from shared.process.loop import Stop

Partition = namedtuple("Partition", "topic partition")  # noqa: PYI024
RECORD = namedtuple("Record", "topic partition offset key value headers")("scheduling.london", 0, 7, b"R-1", b"{}", [])  # noqa: PYI024
ONE = Partition("scheduling.london", 0)


class FakeClient:
    """polls: what each poll returns; then the consumer is told to stop."""

    def __init__(self, stop, *polls):
        self.polls, self.stop, self.committed, self.closed = list(polls), stop, 0, False

    def poll(self, **_options):
        if not self.polls:
            self.stop.tell()
            return {}
        return {ONE: self.polls.pop(0)}

    def commit(self):
        self.committed += 1

    def close(self, **_options):
        self.closed = True

    def assignment(self):
        return {ONE}


class FakeInbox:
    """outcomes: what each `take` gives: a Tally, or an error to raise."""

    def __init__(self, *outcomes):
        self.outcomes, self.taken = list(outcomes), []

    def take(self, arrivals):
        self.taken.append(arrivals)
        outcome = self.outcomes.pop(0) if self.outcomes else Tally(handled=len(arrivals))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class FakeHalts:
    def __init__(self):
        self.why = ""

    def set(self, why):
        self.why = why

    def stands(self):
        return bool(self.why)


class Beat:
    def beat(self): ...


def run(inbox, *polls, halts=None):
    stop = Stop()
    client = FakeClient(stop, *polls)
    Consumer(inbox, halts or FakeHalts(), lambda: client, lambda _tally: None).run(stop, Beat())
    return client


def test_the_offset_is_committed_once_the_inbox_has_taken_the_records():
    inbox = FakeInbox()
    client = run(inbox, [RECORD], [RECORD])
    assert [arrival.place for arrivals in inbox.taken for arrival in arrivals] == ["scheduling.london/0/7"] * 2
    assert client.committed == 2
    assert client.closed


def test_while_the_store_is_away_the_same_records_are_tried_again_and_nothing_is_committed_before():
    inbox = FakeInbox(Retryable("away"), Retryable("away"))
    client = run(inbox, [RECORD])
    assert len(inbox.taken) == 3
    assert client.committed == 1


def test_an_error_that_nobody_foresaw_ends_the_process_with_nothing_committed():
    stop = Stop()
    client = FakeClient(stop, [RECORD])
    consumer = Consumer(FakeInbox(ZeroDivisionError()), FakeHalts(), lambda: client, lambda _tally: None)
    with pytest.raises(ZeroDivisionError):
        consumer.run(stop, Beat())
    assert (client.committed, client.closed) == (0, True)


def test_a_broker_that_is_away_is_tried_again_with_a_new_client():
    stop, tries = Stop(), []

    def make():
        tries.append(1)
        if len(tries) < 3:
            raise KafkaConnectionError
        return FakeClient(stop)

    Consumer(FakeInbox(), FakeHalts(), make, lambda _tally: None).run(stop, Beat())
    assert len(tries) == 3


def test_when_most_of_the_last_hundred_are_parked_the_consumer_halts_and_says_so():
    halts, stop = FakeHalts(), Stop()
    client = FakeClient(stop, [RECORD], [RECORD])
    consumer = Consumer(FakeInbox(Tally(parked=51, handled=49)), halts, lambda: client, lambda _tally: None)
    halts.set = lambda why: (setattr(halts, "why", why), stop.tell())
    consumer.run(stop, Beat())
    assert halts.why == "51 of the last 100 records were parked"
    assert len(client.polls) == 1, "nothing more is taken"


def test_half_of_the_last_hundred_parked_is_no_alarm():
    halts = FakeHalts()
    run(FakeInbox(Tally(parked=50, handled=50)), [RECORD], [RECORD], halts=halts)
    assert halts.why == ""


class Standing:
    """A client whose position and end a test sets."""

    def __init__(self):
        self.at, self.end = 5, 5

    def assignment(self):
        return {ONE}

    def end_offsets(self, _partitions):
        return {ONE: self.end}

    def position(self, _partition):
        return self.at


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
