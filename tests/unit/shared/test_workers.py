"""What an API says of the workers beside it."""

import pytest
from flask import Flask

from shared.web.workers import serve_workers


class FakeHealth:
    def __init__(self, **silences):
        self.silences = lambda: silences


def asked(**silences):
    app = Flask("api")
    serve_workers(app, FakeHealth(**silences))
    return app.test_client().get("/workersz")


def test_of_each_worker_it_says_how_old_its_last_sign_of_life_is():
    answer = asked(consumer=0.4, relay=14.9)
    assert answer.status_code == 200
    assert answer.json == {
        "alive": True,
        "workers": {
            "consumer": {"alive": True, "seconds_since_last_sign": 0.4},
            "relay": {"alive": True, "seconds_since_last_sign": 14.9},
        },
    }


@pytest.mark.parametrize("silence", [15.0, 3600.0, None])
def test_one_that_is_silent_or_has_never_been_heard_is_an_alarm(silence):
    answer = asked(consumer=silence, relay=0.1)
    assert answer.status_code == 503
    assert answer.json["alive"] is False
    assert answer.json["workers"]["consumer"] == {"alive": False, "seconds_since_last_sign": silence}
    assert answer.json["workers"]["relay"]["alive"] is True
