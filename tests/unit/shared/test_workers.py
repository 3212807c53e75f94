"""What an API says of the workers beside it."""

import pytest
from flask import Flask

from shared.process.health import Worker
from shared.web.workers import serve_workers


class FakeHealth:
    def __init__(self, workers, halted):
        self.workers_now, self.halted = lambda: workers, lambda: halted


def asked(*halted, **workers):
    app = Flask("api")
    serve_workers(app, FakeHealth(workers, list(halted)))
    return app.test_client().get("/workersz")


def worker(seconds=0.4, *, keeps_dying=False, is_stuck=False):
    return Worker(seconds, keeps_dying, is_stuck)


def test_of_each_worker_it_says_how_old_its_last_sign_of_life_is():
    answer = asked(consumer=worker(), relay=worker(14.9))
    assert answer.status_code == 200
    well = {"alive": True, "keeps_dying": False, "makes_no_progress": False}
    workers = {"consumer": well | {"seconds_since_last_sign": 0.4}, "relay": well | {"seconds_since_last_sign": 14.9}}
    assert answer.json == {"alive": True, "workers": workers, "halted": []}


@pytest.mark.parametrize("ill", [worker(15.0), worker(3600.0), worker(None), worker(keeps_dying=True), worker(is_stuck=True)])
def test_one_that_is_silent_keeps_dying_or_makes_no_progress_is_an_alarm(ill):
    answer = asked(consumer=ill, relay=worker())
    assert answer.status_code == 503
    assert answer.json["alive"] is False
    assert [answer.json["workers"][name]["alive"] for name in ("consumer", "relay")] == [False, True]


def test_a_halted_topic_is_an_alarm_though_all_are_alive():
    answer = asked("referral.london", consumer=worker())
    assert (answer.status_code, answer.json["alive"], answer.json["halted"]) == (503, True, ["referral.london"])
