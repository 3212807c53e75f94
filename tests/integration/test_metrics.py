"""What workers count, in a real store."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client.metrics_core import Metric

from embedded.stack import Stack
from shared.events.inbox import Tally
from shared.process.metrics import Counts, published, stored
from shared.store.mongo import connect
from shared.store.transactions import Store
from support.hub import Hub, eventually, person

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def numbers(metrics: list[Metric]) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    return {(sample.name, *sample.labels.values()): sample.value for each in metrics for sample in each.samples}


def counts(worker: str = "1", at: datetime = NOW) -> Counts:
    return Counts("all", worker, lambda: at)


def test_what_two_workers_count_adds_up_and_outlives_them(store: Store) -> None:
    for worker in ("1", "2"):
        each = counts(worker)
        each.took(Tally(handled=3, duplicates=1))
        each.flush(store.db)
        each.flush(store.db)
    found = numbers(stored(store.db, lambda: NOW))
    assert found["inbox_handled_total", "all"] == 6
    assert found["inbox_duplicates_total", "all"] == 2
    assert found["consumer_last_progress_timestamp_seconds", "all"] == NOW.timestamp()


def test_what_is_not_read_is_the_sum_over_the_workers_that_are_alive(store: Store) -> None:
    for worker, at, unread in (("1", NOW, 7), ("2", NOW, 5), ("dead", NOW - timedelta(minutes=1), 900)):
        each = counts(worker, at)
        each.unread({"referral.london": unread})
        each.flush(store.db)
    assert numbers(stored(store.db, lambda: NOW))["consumer_lag_records", "all", "referral.london"] == 12


def test_what_could_not_be_written_is_written_with_the_next_flush(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    each = counts()
    each.published(["message.accepted.v1"])

    class Away:
        def get_collection(self, _name: str, **_options: object) -> None:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        each.flush(Away())  # type: ignore[arg-type]
    each.published(["message.accepted.v1"])
    each.flush(store.db)
    assert published(store.db) == {"message.accepted.v1": 2}


def scraped(stack: Stack, service: str) -> dict[str, float]:
    lines = httpx.get(f"{stack.place.url(service)}/metrics", timeout=10).text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[:1].isalpha()}


def test_a_message_that_no_sender_can_read_is_counted_where_somebody_watches(stack: Stack, hub: Hub) -> None:
    series = 'messages_in_trouble_total{what="unreadable"}'
    before = scraped(stack, "notifications").get(series, 0)
    with connect(stack.place.store("notifications")) as client:
        messages = client["notifications"]["messages"]
        messages.insert_one({"_id": f"M-{hub.code}", "hub": hub.code, "state": "planned", "due": NOW, "version": 0, "planned_at": "soon"})
        try:
            eventually(lambda: scraped(stack, "notifications").get(series, 0) > before)
        finally:
            messages.delete_one({"_id": f"M-{hub.code}"})


def test_a_referral_is_seen_in_the_metrics_of_every_service(stack: Stack, hub: Hub) -> None:
    before = scraped(stack, "notifications")
    hub.group()
    hub.until(hub.refer_and_accept(person())["referral"], "offered")
    assert scraped(stack, "scheduling")["open_offers"] >= 1
    assert "waiting_entries" in scraped(stack, "scheduling")
    eventually(lambda: scraped(stack, "notifications")['messages_total{state="accepted"}'] > before['messages_total{state="accepted"}'])
    after = scraped(stack, "notifications")
    assert after['inbox_handled_total{deployment="all"}'] > before.get('inbox_handled_total{deployment="all"}', 0)
    assert after[f'consumer_lag_records{{deployment="all",topic="referral.{hub.code}"}}'] == 0
    assert 'messages_under_way{state="submitted"}' in after
    referrals = 'http_request_duration_seconds_count{method="POST",route="/v1/referrals",status="201"}'
    assert scraped(stack, "referral")[referrals] >= 1
